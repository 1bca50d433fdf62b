/** `llamba score`: how probable a text is to a model, token by token. */
import { readFileSync } from 'node:fs';
import { AppError } from '../shared/errors.ts';
import { untilInterrupt } from './interrupt.ts';
import { localCore } from './local-core.ts';
import { helpOf, jsonOption, modelOption, parseOptions } from './options.ts';

const options = {
  ...modelOption,
  ids: { kind: 'text', value: '1,2,3', help: 'token ids' },
  text: { kind: 'text', value: 'T', help: 'a text, encoded without the chat template' },
  file: { kind: 'text', value: 'F', help: "a UTF-8 text file's content" },
  chunk: { kind: 'integer', value: 'N', help: "tokens a prefill chunk; default: the engine's choice" },
  top: { kind: 'integer', value: 'K', help: 'also the K most probable ids after each position' },
  ...jsonOption,
} as const;

export const help = helpOf(
  'score (--ids 1,2,3 | --text T | --file F) [options]',
  'Log-probability of each token given those before it, and the perplexity.',
  options,
);

export async function score(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const sources = [given.ids, given.text, given.file].filter((source) => source !== undefined);
  if (sources.length !== 1) throw oneSource;
  const givenIds = given.ids === undefined ? null : parseIds(given.ids);
  const text = given.file === undefined ? (given.text ?? '') : readText(given.file);
  const core = localCore('cli');
  try {
    await core.load(given.model ?? null);
    const { rpc, model, tokenizer, loaded } = await core.ready();
    if ((given.top ?? 0) > loaded.vocabulary) throw tooMany(loaded.vocabulary);
    const ids = givenIds ?? tokenizer.encodeAlone(text);
    if (ids.length === 0) throw nothing;
    const { state } = await rpc.call('state.create', { model });
    const params = { state, ids, top: given.top ?? 0, ...(given.chunk ? { chunk: given.chunk } : {}) };
    const { logprobs, top } = await rpc.stream('score', params, () => undefined, untilInterrupt());
    const known = logprobs.filter((value) => value !== null);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const perplexity = known.length > 0 ? Math.exp(-mean) : null;
    if (given.json) {
      process.stdout.write(`${JSON.stringify({ ids, logprobs, top, perplexity })}\n`);
      return;
    }
    for (const [i, id] of ids.entries()) {
      const piece = JSON.stringify(Buffer.from(tokenizer.pieces[id] ?? '', 'latin1').toString('utf8'));
      process.stdout.write(`${logprobs[i]?.toFixed(4).padStart(9) ?? '        -'}  ${id}  ${piece}\n`);
    }
    process.stdout.write(`${ids.length} tokens, perplexity ${perplexity?.toFixed(3) ?? 'unknown'}\n`);
  } finally {
    await core.close();
  }
}

function parseIds(list: string): number[] {
  const ids = list.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN));
  if (ids.some((id) => !Number.isSafeInteger(id))) throw badIds;
  return ids;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AppError(
      'file-unreadable',
      `${file} cannot be read (${code}).`,
      'Check its name and permissions.',
    );
  }
}

const oneSource = new AppError(
  'bad-request',
  'Give one of --ids, --text and --file.',
  'See llamba score --help.',
);
const tooMany = (vocabulary: number) =>
  new AppError('bad-request', `The model knows ${vocabulary} tokens only.`, 'Give --top a smaller number.');
const badIds = new AppError(
  'bad-request',
  '--ids takes whole numbers with commas between.',
  'Example: --ids 1,2,3',
);
const nothing = new AppError('bad-request', 'There is nothing to score.', 'Give at least one token.');
