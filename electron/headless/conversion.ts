/** The words by which a conversion is asked for, and how far it is. */
import type { Conversion } from '../shared/contract.ts';
import { AppError } from '../shared/errors.ts';
import type { Option, Values } from './options.ts';

export const conversionOptions = {
  bits: { kind: 'integer', value: '4|8', help: 'of a weight; default 4' },
  'group-size': {
    kind: 'integer',
    value: '32|64|128',
    help: 'weights that share a scale: fewer are more exact and larger; default 64',
  },
  embedding: {
    kind: 'integer',
    value: '4|8|16',
    help: 'bits of the embedding, which is also the head of most models; default as --bits',
  },
} as const satisfies Record<string, Option>;

/** null where nothing of it was given. Throws `bad-request`. */
export function conversionGiven(given: Values<typeof conversionOptions>): Conversion | null {
  const { bits, 'group-size': groupSize, embedding } = given;
  if (bits === undefined && groupSize === undefined && embedding === undefined) return null;
  const chosen = { bits: bits ?? 4, groupSize: groupSize ?? 64 };
  const whole = { ...chosen, embedding: embedding ?? chosen.bits };
  one('bits', whole.bits, [4, 8]);
  one('group-size', whole.groupSize, [32, 64, 128]);
  one('embedding', whole.embedding, [4, 8, 16]);
  return whole as Conversion;
}

function one(name: string, value: number, of: readonly number[]): void {
  if (of.includes(value)) return;
  throw new AppError('bad-request', `--${name} takes ${of.join(' or ')}, not ${value}.`, 'See --help.');
}

/** A line on a terminal that is written again and again; nothing where nobody looks. */
export function progressLine() {
  const { isTTY } = process.stderr;
  let shown = '';
  return {
    show(done: number, total: number | null, more = ''): void {
      if (!isTTY) return;
      const share = total ? `${String(Math.floor((100 * done) / total)).padStart(3)} %  ` : '';
      const line = `${share}${(done / 1e6).toFixed(0)} MB${total ? ` of ${(total / 1e6).toFixed(0)}` : ''}${more}`;
      process.stderr.write(`\r${line.padEnd(shown.length)}`);
      shown = line;
    },
    end(): void {
      if (shown) process.stderr.write(`\r${' '.repeat(shown.length)}\r`);
      shown = '';
    },
  };
}
