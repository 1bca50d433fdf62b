/** Where a model ends its turn when its files do not say: cartesia's releases have no settings beside their weights. */

/** Names of the tokens by which models end a turn or a text (spec 5 for Llama 3's). */
export const endings: ReadonlySet<unknown> = new Set([
  '<|endoftext|>',
  '<|im_end|>',
  '<|end_of_text|>',
  '<|eot_id|>',
  '<|eom_id|>',
]);

/** Their ids in a tokenizer.json. */
export function endingIds(tokenizer: { readonly added_tokens?: unknown }): number[] {
  const added: unknown[] = Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens : [];
  return added.flatMap((token) => {
    const { id, content } = (token ?? {}) as { id?: unknown; content?: unknown };
    return endings.has(content) && Number.isInteger(id) ? [id as number] : [];
  });
}
