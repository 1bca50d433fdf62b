/**
 * Conversations. The last reply of each has a checkpoint before and after it: a new turn feeds only what is new, a
 * retry feeds nothing. Text is always kept, so states lost with the engine cost time, never words.
 */
import { randomUUID } from 'node:crypto';
import type { ReplyItem, SamplingOptions, Session, Turn, TurnStats } from '../shared/contract.ts';
import { AppError, toErrorValue } from '../shared/errors.ts';
import { type Checkpoint, type Plan, planReply } from './conversation.ts';
import { type GeneratedText, generateText, rate } from './generate-text.ts';
import type { ModelInUse, Ready } from './loaded-model.ts';
import type { Rates } from './metrics.ts';
import type { Message } from './tokenizer.ts';

interface Conversation {
  readonly id: string;
  readonly system: string | null;
  readonly turns: Turn[];
  /** Where the last reply begins, and where it ended. */
  before: Checkpoint | null;
  after: Checkpoint | null;
  writing: AbortController | null;
}

interface Reply {
  readonly emit: (item: ReplyItem) => void;
  readonly signal: AbortSignal;
  readonly sampling?: Partial<SamplingOptions> | undefined;
}

export function createSessions(models: ModelInUse, rates: Rates) {
  const conversations = new Map<string, Conversation>();

  function find(id: string): Conversation {
    const found = conversations.get(id);
    if (found) return found;
    throw new AppError('state-not-found', 'There is no such conversation.', 'Begin a new one.');
  }

  /** `dropped`: a checkpoint that nothing needs any more. */
  async function write(
    conversation: Conversation,
    plan: (ready: Ready) => Plan,
    reply: Reply,
    dropped: Checkpoint | null = null,
  ): Promise<Session> {
    const turn = conversation.turns.at(-1) as Turn;
    const writing = new AbortController();
    const signal = AbortSignal.any([reply.signal, writing.signal]);
    conversation.writing = writing;
    let text = '';
    const finish = (change: Partial<Turn>) => {
      const at = conversation.turns.findIndex(({ id }) => id === turn.id);
      conversation.turns[at] = { ...turn, text, ...change };
    };
    try {
      const ready = await models.ready();
      const sampling = { ...ready.defaults.sampling, ...reply.sampling };
      const started = performance.now();
      if (dropped?.epoch === ready.epoch) await freeQuietly(ready, dropped.state);
      const planned = plan(ready);
      const { checkpoint, fed, ms } = await advance(ready, planned, reply.emit, signal, rates);
      await replace(ready, conversation, 'before', checkpoint);
      const { state } = await ready.rpc.call('state.fork', { state: checkpoint.state });
      const generated = await generateText(ready, {
        state,
        ids: [],
        sampling,
        signal,
        onText: (piece, tokens) => {
          text += piece;
          if (tokens > 0) rates.token(tokens, performance.now() - started);
          if (piece) reply.emit({ type: 'text', turnId: turn.id, text: piece, tokens });
        },
      });
      await keepEnd(ready, conversation, checkpoint, state, generated);
      finish({ stats: statsOf(ready, generated, fed, ms, checkpoint.ids.length) });
    } catch (thrown) {
      const error = toErrorValue(thrown);
      if (error.code !== 'cancelled' || !signal.aborted) {
        finish({ error });
        throw thrown;
      }
      finish({ stats: nothingWritten });
    } finally {
      conversation.writing = null;
      rates.idle();
    }
    return shown(conversation);
  }

  return {
    create(system: string | null): Session {
      const conversation = { id: randomUUID(), system, turns: [], before: null, after: null, writing: null };
      conversations.set(conversation.id, conversation);
      return shown(conversation);
    },
    get: (id: string) => shown(find(id)),
    async close(id: string) {
      const conversation = find(id);
      conversation.writing?.abort();
      conversations.delete(id);
      if (!conversation.before && !conversation.after) return;
      const ready = await models.ready();
      await replace(ready, conversation, 'before', null);
      await replace(ready, conversation, 'after', null);
    },
    send(id: string, text: string, reply: Reply): Promise<Session> {
      const conversation = find(id);
      refuseTwo(conversation);
      const user: Turn = { ...newTurn('user'), text };
      const assistant = newTurn('assistant');
      const asked = [...messagesOf(conversation), { role: 'user', content: text } as const];
      conversation.turns.push(user, assistant);
      reply.emit({ type: 'turn', turn: user });
      reply.emit({ type: 'turn', turn: assistant });
      const dropped = conversation.before;
      conversation.before = null;
      const plan = ({ tokenizer }: Ready) => planReply(tokenizer, asked, conversation.after);
      return write(conversation, plan, reply, dropped);
    },
    retry(id: string, reply: Reply): Promise<Session> {
      const conversation = find(id);
      refuseTwo(conversation);
      if (conversation.turns.at(-1)?.role !== 'assistant') {
        throw new AppError('bad-request', 'There is no reply to write again.', 'Send a message first.');
      }
      const { before } = conversation;
      const assistant = newTurn('assistant');
      conversation.turns[conversation.turns.length - 1] = assistant;
      const asked = messagesOf(conversation).slice(0, -1);
      reply.emit({ type: 'turn', turn: assistant });
      const again = (ready: Ready): Plan =>
        before
          ? { from: before, ids: [], text: before.text }
          : planReply(ready.tokenizer, asked, conversation.after);
      return write(conversation, again, reply);
    },
  };
}

/** Feeds what the plan says; gives the checkpoint at the reply's start. */
async function advance(
  ready: Ready,
  { from, ids, text }: Plan,
  emit: (item: ReplyItem) => void,
  signal: AbortSignal,
  rates: Rates,
): Promise<{ checkpoint: Checkpoint; fed: number; ms: number }> {
  const alive = from?.epoch === ready.epoch ? from : null;
  if (alive && ids.length === 0) {
    return { checkpoint: alive, fed: 0, ms: 0 };
  }
  // A state that went down with its engine is built again from the ids it had read.
  const all = [...(from?.ids ?? []), ...ids];
  const missing = alive ? ids : all;
  const { state } = alive
    ? await ready.rpc.call('state.fork', { state: alive.state })
    : await ready.rpc.call('state.create', { model: ready.model });
  emit({ type: 'prefill', done: 0, total: missing.length });
  try {
    const { ms } = await ready.rpc.stream(
      'feed',
      { state, ids: missing },
      ({ done, total }) => emit({ type: 'prefill', done, total }),
      signal,
    );
    rates.prefill(missing.length, ms);
    return { checkpoint: { epoch: ready.epoch, state, ids: all, text }, fed: missing.length, ms };
  } catch (error) {
    await freeQuietly(ready, state);
    throw error;
  }
}

/** Keeps the state after the reply, unless the reply's text is not what the state read (a stop string was cut off). */
async function keepEnd(
  ready: Ready,
  conversation: Conversation,
  before: Checkpoint,
  state: number,
  { ids, text, result }: GeneratedText,
) {
  if (result.reason === 'stop-string') {
    await freeQuietly(ready, state);
    return replace(ready, conversation, 'after', null);
  }
  const read = { epoch: ready.epoch, state, ids: [...before.ids, ...ids], text: before.text + text };
  await replace(ready, conversation, 'after', read);
}

/** Puts another checkpoint in the place of one, whose state is freed. */
async function replace(ready: Ready, held: Conversation, place: 'before' | 'after', by: Checkpoint | null) {
  const old = held[place];
  held[place] = by;
  if (old && old.epoch === ready.epoch && old.state !== by?.state) await freeQuietly(ready, old.state);
}

/** A state that went down with the engine needs no freeing. */
async function freeQuietly(ready: Ready, state: number) {
  await ready.rpc.call('state.free', { state }).catch((error) => {
    if (!['engine-gone', 'state-not-found'].includes(toErrorValue(error).code)) throw error;
  });
}

function refuseTwo({ writing }: Conversation) {
  if (writing)
    throw new AppError('busy', 'A reply is still being written.', 'Stop it first, or wait for its end.');
}

function messagesOf({ system, turns }: Conversation): Message[] {
  const said = turns.map(({ role, text }) => ({ role, content: text }));
  return system === null ? said : [{ role: 'system', content: system }, ...said];
}

const newTurn = (role: Turn['role']): Turn => ({
  id: randomUUID(),
  role,
  text: '',
  stats: null,
  error: null,
});

const shown = ({ id, system, turns, writing }: Conversation): Session => ({
  id,
  system,
  turns: [...turns],
  writing: writing !== null,
});

const nothingWritten: TurnStats = {
  stopReason: 'cancelled',
  promptTokens: 0,
  generatedTokens: 0,
  ttftMs: 0,
  prefillTokensPerSecond: null,
  decodeTokensPerSecond: null,
  stateBytes: 0,
  stateTokens: 0,
};

function statsOf(
  ready: Ready,
  generated: GeneratedText,
  fed: number,
  feedMs: number,
  read: number,
): TurnStats {
  const { result, stopReason } = generated;
  return {
    stopReason,
    promptTokens: fed,
    generatedTokens: result.generatedTokens,
    ttftMs: feedMs + result.ttftMs,
    prefillTokensPerSecond: rate(fed, feedMs),
    decodeTokensPerSecond: rate(result.generatedTokens - 1, result.decodeMs),
    stateBytes: ready.loaded.stateBytes + ready.loaded.stateBytesPerToken * result.stateTokens,
    stateTokens: read + result.generatedTokens,
  };
}
