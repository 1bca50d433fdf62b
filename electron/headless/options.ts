/** Words and options of a command: declared once, parsed, checked, and written out as help. */
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import type { SamplingOptions } from '../shared/contract.ts';
import { AppError } from '../shared/errors.ts';
import { samplingSchema } from '../shared/schemas.ts';

type WordKind = 'word' | 'word?' | 'rest';
type OptionKind = 'text' | 'texts' | 'flag' | 'integer' | 'number';
type Kind = WordKind | OptionKind;

/** An option, or a word by its place: one that must be there, one that may be, or all that is left of the line. */
export interface Option {
  readonly kind: Kind;
  /** How its value is called in the help; of a word: how the word is. */
  readonly value?: string;
  readonly help: string;
}

type Value<K extends Kind> = K extends 'flag'
  ? boolean
  : K extends 'texts'
    ? string[]
    : K extends 'word' | 'rest'
      ? string
      : K extends 'text' | 'word?'
        ? string | undefined
        : number | undefined;
export type Values<O extends Record<string, Option>> = { [N in keyof O]: Value<O[N]['kind']> };

const isWord = (kind: Kind): kind is WordKind => kind === 'word' || kind === 'word?' || kind === 'rest';

/** The values; throws `bad-request` for an unknown option, a missing value or word, or a malformed number. */
export function parseOptions<const O extends Record<string, Option>>(args: string[], options: O): Values<O> {
  const entries = Object.entries(options);
  const words = entries.filter(([, { kind }]) => isWord(kind));
  const declared = entries
    .filter(([, { kind }]) => !isWord(kind))
    .map(
      ([name, { kind }]) =>
        [name, { type: kind === 'flag' ? 'boolean' : 'string', multiple: kind === 'texts' }] as const,
    );
  const config = { options: Object.fromEntries(declared), strict: true, allowPositionals: words.length > 0 };
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args, ...config });
  } catch (error) {
    throw wrong((error as Error).message.split('. ')[0] ?? '');
  }
  const placed = placeWords(words, parsed.positionals);
  const values = entries.map(([name, { kind }]) => [
    name,
    isWord(kind) ? placed[name] : read(name, kind, parsed.values[name]),
  ]);
  return Object.fromEntries(values) as Values<O>;
}

function placeWords(words: [string, Option][], given: readonly string[]) {
  const left = [...given];
  const placed: Record<string, string | undefined> = {};
  for (const [name, { kind, value }] of words) {
    const word = kind === 'rest' ? left.splice(0).join(' ') || undefined : left.shift();
    if (word === undefined && kind !== 'word?') throw wrong(`${value} is missing`);
    placed[name] = word;
  }
  if (left.length > 0) throw wrong(`"${left[0]}" is one word too many`);
  return placed;
}

function read(name: string, kind: OptionKind, given: unknown): unknown {
  if (kind === 'flag') return given ?? false;
  if (kind === 'texts') return given ?? [];
  if (kind === 'text' || given === undefined) return given;
  const number = Number(given);
  const whole = kind === 'integer';
  if (
    String(given).trim() === '' ||
    !Number.isFinite(number) ||
    (whole && !Number.isSafeInteger(number)) ||
    number < 0
  ) {
    throw wrong(`--${name} takes a ${whole ? 'whole number' : 'number'} of 0 or more, not "${given}"`);
  }
  return number;
}

export function helpOf(usage: string, about: string, options: Record<string, Option>): string {
  const names = Object.entries(options).map(([name, { kind, value = '' }]) =>
    isWord(kind) ? value : `--${name}${value && ` ${value}`}`,
  );
  const width = Math.max(...names.map((name) => name.length));
  const lines = Object.values(options).map(({ help }, i) => `  ${names[i]?.padEnd(width)}  ${help}`);
  return `usage: llamba ${usage}\n\n${about}\n\n${lines.join('\n')}\n`;
}

/** The words as a usage line has them: `SESSION [TURN] TEXT...`. */
export function usageOf(options: Record<string, Option>): string {
  const shapes = { word: '*', 'word?': '[*]', rest: '*...' };
  const words = Object.values(options).flatMap(({ kind, value = '' }) =>
    isWord(kind) ? [shapes[kind].replace('*', value)] : [],
  );
  return words.join(' ');
}

export const samplingOptions = {
  'max-tokens': { kind: 'integer', value: 'N', help: 'stop after N tokens' },
  temperature: { kind: 'number', value: 'X', help: '0 is greedy' },
  'top-k': { kind: 'integer', value: 'N', help: 'only the N most probable tokens; 0 is off' },
  'top-p': {
    kind: 'number',
    value: 'X',
    help: 'only the most probable tokens that hold X of the probability',
  },
  'min-p': { kind: 'number', value: 'X', help: 'only tokens at least X times as probable as the best' },
  'repetition-penalty': { kind: 'number', value: 'X', help: '1 is off' },
  seed: { kind: 'integer', value: 'N', help: 'the same seed gives the same reply' },
  stop: { kind: 'texts', value: 'S', help: 'stop before this text; may be given more than once' },
} as const satisfies Record<string, Option>;

export const modelOption = {
  model: { kind: 'text', value: 'M', help: "a model's id, its folder, or a .safetensors file" },
} as const satisfies Record<string, Option>;

export const jsonOption = {
  json: { kind: 'flag', help: 'one JSON object on standard output' },
} as const satisfies Record<string, Option>;

/** What was given, each value within its range. */
export function samplingGiven(given: Values<typeof samplingOptions>): Partial<SamplingOptions> {
  const { stop, 'max-tokens': maxTokens, 'top-k': topK, 'top-p': topP, 'min-p': minP, ...rest } = given;
  const { 'repetition-penalty': repetitionPenalty, temperature, seed } = rest;
  const values = { maxTokens, temperature, topK, topP, minP, repetitionPenalty, seed };
  const named = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const result = v.safeParse(samplingSchema, stop.length > 0 ? { ...named, stop } : named);
  if (result.success) return result.output as Partial<SamplingOptions>;
  const [issue] = result.issues;
  const option = String(issue.path?.[0]?.key).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw wrong(`--${option}: ${issue.message}`);
}

const wrong = (what: string) => new AppError('bad-request', `${what}.`, 'See the options with --help.');
