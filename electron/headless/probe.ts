/** `llamba probe`: how well the model in use finds again what it has read, and how far it can read. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probeLength } from '../core/documents/probe-length.ts';
import { recall } from '../core/documents/recall.ts';
import type { Ready } from '../core/loaded-model.ts';
import { folderOf } from '../core/models/on-disk.ts';
import type { LengthPoint, Recall } from '../shared/documents.ts';
import { AppError } from '../shared/errors.ts';
import { terminalLine } from './documents/progress.ts';
import { untilInterrupt } from './interrupt.ts';
import { localCore } from './local-core.ts';
import { helpOf, jsonOption, modelOption, parseOptions } from './options.ts';

const options = {
  lengths: { kind: 'text', value: 'N,N', help: 'tokens of the texts; default: from 64 to 4096' },
  length: { kind: 'text', value: 'FILE', help: 'measure instead how far the model can read, on this text' },
  write: { kind: 'flag', help: "with --length: write what was measured into the model's config.json" },
  ...modelOption,
  ...jsonOption,
} as const;

export const help = helpOf(
  'probe [options]',
  'Plants facts in made-up texts and asks for them: in a text read once, twice, and in chunks.',
  options,
);

export async function probe(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  if (given.write && !given.length) throw nothingToWrite;
  const lengths = given.lengths?.split(',').map(wholeOf);
  const text = given.length === undefined ? null : textOf(given.length);
  const signal = untilInterrupt();
  const line = terminalLine();
  const onProgress = (done: number, total: number) =>
    line.show(`${String(Math.floor((100 * done) / total)).padStart(3)} %`);
  const core = localCore('cli');
  try {
    await core.load(given.model ?? null);
    const ready = await core.ready();
    if (text === null) {
      const measured = await recall(ready, { signal, onProgress, lengths });
      line.end();
      return void process.stdout.write(given.json ? `${JSON.stringify(measured)}\n` : recallText(measured));
    }
    const ids = ready.tokenizer.encodeAlone(text);
    const { points, safeLength } = await probeLength(ready, ids, { signal, onProgress });
    line.end();
    if (given.write) writeLength(ready, points, safeLength);
    const written = given.write === true;
    process.stdout.write(
      given.json
        ? `${JSON.stringify({ points, safeLength, written })}\n`
        : lengthText(points, safeLength, written),
    );
  } finally {
    line.end();
    await core.close();
  }
}

function recallText({ name, device, backend, points, sentence }: Recall): string {
  const rows = [...new Set(points.map(({ probe, length }) => `${probe} ${length}`))].map((key) => {
    const cells = (['read-once', 'read-twice', 'chunks'] as const).map((mode) => {
      const point = points.find((one) => `${one.probe} ${one.length}` === key && one.mode === mode);
      return (point ? `${point.right} of ${point.asked}` : '').padStart(12);
    });
    return `${key.padEnd(16)}${cells.join('')}`;
  });
  const head = `${'tokens'.padEnd(16)}${['read once', 'read twice', 'in chunks'].map((mode) => mode.padStart(12)).join('')}`;
  return `${name} on ${device} (${backend}): planted facts found again\n\n${[head, ...rows].join('\n')}\n\n${sentence}\n`;
}

function lengthText(points: readonly LengthPoint[], safe: number | null, written: boolean): string {
  const rows = points.map(({ length, perplexity, near, norm }) =>
    [
      String(length),
      perplexity.toFixed(2),
      near.toFixed(2),
      (perplexity / near).toFixed(3),
      norm?.toPrecision(4) ?? 'none',
    ]
      .map((cell) => cell.padStart(12))
      .join(''),
  );
  const head = ['tokens', 'perplexity', 'near start', 'ratio', 'state RMS']
    .map((cell) => cell.padStart(12))
    .join('');
  const told =
    safe === null
      ? 'Even the shortest of these lengths is not safe.'
      : `Safe up to ${safe} tokens, as far as this text reaches.`;
  return `${[head, ...rows].join('\n')}\n\n${told}${written ? ' It was written into the model’s config.json.' : ''}\n`;
}

/** Whole or not at all; what else the file says stays. Where no length is safe, an earlier one stays too. */
function writeLength({ entry }: Ready, points: readonly LengthPoint[], safeLength: number | null): void {
  const path = join(folderOf(entry), 'config.json');
  const measured = { ...(safeLength === null ? {} : { safe_length: safeLength }), length_probe: points };
  try {
    const config = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(`${path}.part`, `${JSON.stringify({ ...config, ...measured }, null, 2)}\n`);
    renameSync(`${path}.part`, path);
  } catch (error) {
    throw new AppError(
      'file-unreadable',
      `The length was measured but not written: ${(error as Error).message}.`,
      `Check ${path}.`,
    );
  }
}

function wholeOf(part: string): number {
  const length = Number(part);
  if (Number.isSafeInteger(length) && length >= 64) return length;
  throw new AppError(
    'bad-request',
    `--lengths takes whole numbers of 64 or more with commas between, not "${part}".`,
    'Example: --lengths 256,1024',
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new AppError('file-unreadable', `${file} cannot be read (${code}).`, 'Check its name.');
  }
}

const nothingToWrite = new AppError(
  'bad-request',
  '--write needs --length FILE.',
  'What it writes is the length measured on that text.',
);
