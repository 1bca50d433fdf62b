/** Where a model ends its turn, for models that come without saying so: cartesia's have no settings beside their weights. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, readJson } from './open-model.ts';

/** Names of the tokens by which models end a turn or a text (spec 5 for Llama 3's). */
export const endings: ReadonlySet<string> = new Set([
  '<|endoftext|>',
  '<|im_end|>',
  '<|end_of_text|>',
  '<|eot_id|>',
  '<|eom_id|>',
]);

/** generation_config.json from the tokenizer in the folder; null where the model says it itself, or nothing is known. */
export function generationFor(folder: string, config: Config): Record<string, unknown> | null {
  if (config.eos_token_id !== undefined || existsSync(join(folder, 'generation_config.json'))) return null;
  const added = readJson(join(folder, 'tokenizer.json')).added_tokens;
  const ids = (Array.isArray(added) ? added : [])
    .filter((token) => endings.has(token?.content) && Number.isSafeInteger(token?.id))
    .map(({ id }) => id);
  return ids.length > 0 ? { eos_token_id: ids } : null;
}
