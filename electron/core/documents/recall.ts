/** How well the model in use finds again what it has read: planted facts are asked for, in three ways of reading. */
import type { Recall, RecallPoint } from '../../shared/documents.ts';
import { cancelled } from '../aborting.ts';
import { generateText } from '../generate-text.ts';
import type { Ready } from '../loaded-model.ts';
import { freeState } from '../sessions/hot.ts';
import { cutChunks } from './chunks.ts';
import { inLanes } from './lanes.ts';
import { passagesOf } from './passages.ts';
import { type Fact, type ProbeKind, probeOf } from './probes.ts';
import { type Reader, readerOf } from './reader.ts';
import { recallSentence } from './recall-sentence.ts';
import { greedy, together } from './replying.ts';

export interface RecallControl {
  readonly signal?: AbortSignal | undefined;
  /** Of tokens to read, roughly: each answer counts as many as it costs. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Tokens of the texts. */
  readonly lengths?: readonly number[] | undefined;
  /** Facts asked for at each length. */
  readonly asked?: number | undefined;
}

/** From where the smallest model finds most to where no recurrent one does. */
const recallLengths = [64, 128, 256, 512, 1024, 2048, 4096] as const;
const kinds: readonly ProbeKind[] = ['needle', 'phone-book'];
const modes = ['read-once', 'read-twice', 'chunks'] as const;
type Mode = (typeof modes)[number];
/** Asked for in one text, and the tokens that each has for itself. */
const [mostFacts, roomOfFact] = [5, 50];
const answerTokens = 24;
/** What an answer costs, in tokens read: about 40 of a question, and 24 steps. */
const answerCost = 100;

/** Throws `cancelled`. The same model on the same kind of machine gives the same points again. */
export async function recall(
  ready: Ready,
  {
    signal = new AbortController().signal,
    onProgress = () => {},
    lengths = recallLengths,
    asked = 10,
  }: RecallControl = {},
): Promise<Recall> {
  const reader = readerOf(ready);
  const plan = kinds.flatMap((kind) =>
    lengths.flatMap((length) => {
      const facts = Math.max(1, Math.min(mostFacts, asked, Math.floor(length / roomOfFact)));
      return Array.from({ length: Math.ceil(asked / facts) }, (_, text) => ({ kind, length, text, facts }));
    }),
  );
  const costOf = (length: number, facts: number) => 3 * (length + facts * answerCost);
  const total = plan.reduce((sum, { length, facts }) => sum + costOf(length, facts), 0);
  const counts = new Map<string, RecallPoint>();
  let done = 0;
  onProgress(done, total);
  for (const { kind, length, text, facts } of plan) {
    const probe = probeOf(kind, length, facts, 1 + text, reader.count);
    await asItIsRead(
      ready,
      reader,
      probe.text,
      async (mode, stateFor) => {
        const found = await inLanes(probe.facts, together, async (fact) => {
          if (signal.aborted) throw cancelled();
          return (await answerFrom(ready, reader, stateFor(fact), fact, signal)).includes(fact.answer);
        });
        const key = `${kind} ${mode} ${length}`;
        const before = counts.get(key) ?? { probe: kind, mode, length, right: 0, asked: 0 };
        const right = before.right + found.filter(Boolean).length;
        counts.set(key, { ...before, right, asked: before.asked + found.length });
        done += costOf(length, facts) / modes.length;
        onProgress(Math.round(done), total);
      },
      signal,
    );
  }
  const points = [...counts.values()];
  const { name: device, backend } = await ready.rpc.call('device', {});
  return {
    model: ready.fingerprint,
    name: ready.loaded.name,
    at: Date.now(),
    device,
    backend,
    points,
    sentence: recallSentence(points),
  };
}

/** Calls `ask` for each way of reading, with the state that a question is put to. */
async function asItIsRead(
  ready: Ready,
  reader: Reader,
  text: string,
  ask: (mode: Mode, stateFor: (fact: Fact) => number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { rpc, model } = ready;
  const states: number[] = [];
  const kept = (state: number) => {
    states.push(state);
    return state;
  };
  const forked = async (state: number) => kept((await rpc.call('state.fork', { state })).state);
  const feed = (state: number, ids: readonly number[]) =>
    rpc.stream('feed', { state, ids }, () => {}, signal);
  try {
    const opening = kept((await rpc.call('state.create', { model })).state);
    await feed(opening, reader.opening);
    const once = await forked(opening);
    await feed(once, reader.encode(text));
    await ask('read-once', () => once);
    await feed(once, reader.encode(`\n\n${text}`));
    await ask('read-twice', () => once);
    const chunks: { text: string; state: number }[] = [];
    for (const { start, end } of cutChunks([text], reader.count, reader.limit)) {
      const state = await forked(opening);
      const chunk = text.slice(start, end);
      await feed(state, reader.encode(chunk));
      chunks.push({ text: chunk, state });
    }
    const numbered = chunks.map((chunk, i) => ({ page: i, text: chunk.text }));
    // As in asking: the chunk is chosen by its words.
    await ask('chunks', ({ question }) => {
      const [best] = passagesOf(question, numbered, Number.POSITIVE_INFINITY);
      return chunks[best?.page ?? 0]?.state ?? once;
    });
  } finally {
    await Promise.all(states.map((state) => freeState(ready, state)));
  }
}

async function answerFrom(
  ready: Ready,
  reader: Reader,
  from: number,
  { question }: Fact,
  signal: AbortSignal,
): Promise<string> {
  const { state } = await ready.rpc.call('state.fork', { state: from });
  try {
    const ids = reader.ask(question);
    const sampling = { ...greedy, maxTokens: answerTokens, repetitionPenalty: 1 };
    const said = await generateText(ready, { state, ids, sampling, signal, onText: () => {} });
    if (said.stopReason === 'cancelled') throw cancelled();
    return said.text;
  } finally {
    await freeState(ready, state);
  }
}
