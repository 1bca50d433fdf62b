/** The real core with the real engine process and the first model at hand (the embedded one in a clone). */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localCore } from '../../electron/headless/local-core.ts';
import type { Contract, ReplyItem, SamplingOptions, Session } from '../../electron/shared/contract.ts';
import type { Client } from '../../electron/shared/rpc.ts';

export const greedy: Partial<SamplingOptions> = { temperature: 0, repetitionPenalty: 1.1, maxTokens: 12 };

export const dataFolder = () => mkdtempSync(join(tmpdir(), 'llamba-data-'));

/** `data`: null keeps everything in memory. */
export function realCore(data: string | null = dataFolder()) {
  return localCore('cli', { loadAtStart: true, data });
}

/** Collects what a reply says while it is written. */
export function listener() {
  const items: ReplyItem[] = [];
  return {
    items,
    on: (item: ReplyItem) => void items.push(item),
    text: () => items.map((item) => (item.type === 'text' ? item.text : '')).join(''),
    /** Tokens that were read for the reply. */
    read: () => items.flatMap((item) => (item.type === 'prefill' ? [item.total] : [])).at(0) ?? 0,
  };
}

type Sampling = Partial<SamplingOptions>;

/** What the tests do in sessions, each with the reply's turn and what was heard while it was written. */
export function talking(rpc: Client<Contract>, usual: Sampling = greedy) {
  const told = (after: Session, heard: ReturnType<typeof listener>) => {
    const reply = after.turns.at(-1);
    if (!reply) throw new Error('there is no turn');
    return { after, heard, reply };
  };
  return {
    begin: async (params: { system?: string | null; ephemeral?: boolean } = {}) =>
      (await rpc.call('sessions.create', { system: null, ...params })).id,
    async send(session: string, text: string, sampling = usual, parent?: string | null) {
      const heard = listener();
      const place = parent === undefined ? {} : { parent };
      const after = await rpc.stream('sessions.send', { session, text, sampling, ...place }, heard.on);
      return told(after, heard);
    },
    async reply(session: string, turn: string, sampling = usual) {
      const heard = listener();
      return told(await rpc.stream('turns.reply', { session, turn, sampling }, heard.on), heard);
    },
    async goOn(session: string, turn: string, sampling = usual) {
      const heard = listener();
      return told(await rpc.stream('turns.continue', { session, turn, sampling }, heard.on), heard);
    },
    /** Sends, and stops the reply once it has `tokens` tokens. */
    async stopped(session: string, text: string, tokens: number, sampling = usual) {
      const heard = listener();
      const stop = new AbortController();
      const params = { session, text, sampling: { ...sampling, maxTokens: 10_000 } };
      const after = await rpc.stream(
        'sessions.send',
        params,
        (item) => {
          heard.on(item);
          if (item.type === 'text' && item.tokens >= tokens) stop.abort();
        },
        stop.signal,
      );
      return told(after, heard);
    },
  };
}
