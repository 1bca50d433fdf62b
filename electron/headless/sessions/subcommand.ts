/** What a subcommand of `llamba sessions` is: words and options, and a function from them to an answer. */
import type { Core } from '../../core/core.ts';
import type { Contract } from '../../shared/contract.ts';
import type { Client } from '../../shared/rpc.ts';
import type { Option, Values } from '../options.ts';

export interface Here {
  readonly core: Core;
  readonly rpc: Client<Contract>;
  /** For people, as it comes; silent with --json. */
  write(text: string): void;
}

export interface Answer {
  /** Printed with --json: what the contract's call gave. */
  readonly value: unknown;
  /** Printed for people. */
  readonly text: string;
}

type Options = Record<string, Option>;

export interface Subcommand {
  readonly about: string;
  readonly options: Options;
  run(here: Here, given: Values<Options>): Promise<Answer>;
}

/** Types `given` by `options`; the table holds subcommands of all shapes. */
export const subcommand = <const O extends Options>(
  about: string,
  options: O,
  run: (here: Here, given: Values<O>) => Promise<Answer>,
): Subcommand => ({ about, options, run: run as unknown as Subcommand['run'] });

export const sessionWord = {
  session: { kind: 'word', value: 'SESSION', help: 'its id, or how that begins' },
} as const satisfies Options;

export const turnWord = {
  turn: { kind: 'word', value: 'TURN', help: "a turn's id, or how that begins; or: last" },
} as const satisfies Options;

export const maybeTurnWord = {
  turn: { kind: 'word?', value: 'TURN', help: "a turn's id, or how that begins; left out: the last" },
} as const satisfies Options;
