/**
 * Conversations. The last reply of each has a checkpoint before and after it: a new turn feeds only what is new, a
 * retry feeds nothing. Text is always kept, so states lost with the engine cost time, never words.
 */
import { randomUUID } from 'node:crypto';
import type { ReplyItem, SamplingOptions, Session, Turn } from '../shared/contract.ts';
import { AppError, toErrorValue } from '../shared/errors.ts';
import {
  type Checkpoints,
  checkpointOf,
  checkpointsOf,
  feedPlan,
  freeState,
  replace,
} from './checkpoints.ts';
import { planReply } from './conversation.ts';
import { generateText } from './generate-text.ts';
import type { ModelInUse } from './loaded-model.ts';
import type { Rates } from './metrics.ts';
import { messagesOf, newTurn, nothingWritten, statsOf } from './turns.ts';

interface Conversation extends Checkpoints {
  readonly id: string;
  readonly system: string | null;
  readonly turns: Turn[];
  writing: { readonly stop: AbortController; readonly ended: Promise<unknown> } | null;
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

  /** Writes the last turn as the reply to the turns before it. */
  async function write(conversation: Conversation, reply: Reply): Promise<Session> {
    const stop = new AbortController();
    const signal = AbortSignal.any([reply.signal, stop.signal]);
    const ended = writeTurn(conversation, { ...reply, signal }).finally(() => {
      conversation.writing = null;
      rates.idle();
    });
    conversation.writing = { stop, ended: ended.catch(() => undefined) }; // `await ended` throws it
    await ended;
    return shown(conversation);
  }

  async function writeTurn(conversation: Conversation, { emit, signal, sampling }: Reply): Promise<void> {
    const { system, turns } = conversation;
    const at = turns.length - 1;
    const turn = turns[at] as Turn;
    const asked = messagesOf(system, turns.slice(0, at));
    let text = '';
    const finish = (change: Partial<Turn>) => {
      turns[at] = { ...turn, text, ...change };
    };
    try {
      const ready = await models.ready();
      const started = performance.now();
      const plan = planReply(ready.tokenizer, asked, checkpointsOf(ready, conversation));
      const onProgress = (done: number, total: number) => emit({ type: 'prefill', done, total });
      const fed = await feedPlan(ready, plan, onProgress, signal);
      if (fed.tokens > 0) rates.prefill(fed.tokens, fed.ms);
      const before = fed.checkpoint;
      await replace(ready, conversation, 'before', before);
      const { state } = await ready.rpc.call('state.fork', { state: before.state });
      const onText = (piece: string, tokens: number) => {
        text += piece;
        if (tokens > 0) rates.token(tokens, performance.now() - started);
        if (piece) emit({ type: 'text', turnId: turn.id, text: piece, tokens });
      };
      const options = { ...ready.defaults.sampling, ...sampling };
      const request = { state, ids: [], sampling: options, signal, onText };
      const generated = await generateText(ready, request).catch(async (error) => {
        await freeState(ready, state);
        throw error;
      });
      if (generated.result.reason === 'stop-string') {
        // Its text was cut off, so the state read more than was said: the next turn goes on from before the reply.
        await freeState(ready, state);
        await replace(ready, conversation, 'after', null);
      } else {
        const ids = [...before.ids, ...generated.ids];
        const said = ready.tokenizer.inert(generated.text);
        const after = checkpointOf(ready, state, ids, before.text + said);
        await replace(ready, conversation, 'after', after);
      }
      finish({ stats: statsOf(ready, fed, generated) });
    } catch (thrown) {
      const error = toErrorValue(thrown);
      if (error.code === 'cancelled' && signal.aborted) return finish({ stats: nothingWritten });
      finish({ error });
      throw thrown;
    }
  }

  return {
    create(system: string | null): Session {
      const conversation = { id: randomUUID(), system, turns: [], before: null, after: null, writing: null };
      conversations.set(conversation.id, conversation);
      return shown(conversation);
    },
    get: (id: string) => shown(find(id)),
    async close(id: string): Promise<void> {
      const conversation = find(id);
      conversations.delete(id);
      conversation.writing?.stop.abort();
      await conversation.writing?.ended;
      if (!conversation.before && !conversation.after) return;
      const ready = await models.ready();
      await replace(ready, conversation, 'before', null);
      await replace(ready, conversation, 'after', null);
    },
    send(id: string, text: string, reply: Reply): Promise<Session> {
      const conversation = find(id);
      refuseTwo(conversation);
      const turns = [newTurn('user', text), newTurn('assistant')];
      conversation.turns.push(...turns);
      for (const turn of turns) reply.emit({ type: 'turn', turn });
      return write(conversation, reply);
    },
    retry(id: string, reply: Reply): Promise<Session> {
      const conversation = find(id);
      refuseTwo(conversation);
      if (conversation.turns.at(-1)?.role !== 'assistant') {
        throw new AppError('bad-request', 'There is no reply to write again.', 'Send a message first.');
      }
      const turn = newTurn('assistant');
      conversation.turns[conversation.turns.length - 1] = turn;
      reply.emit({ type: 'turn', turn });
      return write(conversation, reply);
    },
  };
}

function refuseTwo({ writing }: Conversation) {
  if (writing)
    throw new AppError('busy', 'A reply is still being written.', 'Stop it first, or wait for its end.');
}

const shown = ({ id, system, turns, writing }: Conversation): Session => ({
  id,
  system,
  turns: [...turns],
  writing: writing !== null,
});
