/**
 * Titles: at once the first words of the first message; after the first reply a short one by the model, from a state of
 * its own, in the background. New work in the session comes before it.
 */
import { parted } from '../../shared/attachments.ts';
import { toErrorValue } from '../../shared/errors.ts';
import { generateText } from '../generate-text.ts';
import { inOneLine, longestTitle } from './first-words.ts';
import type { Found } from './found.ts';
import { freeState, type Hot } from './hot.ts';
import type { ModelOfSession } from './model-of-session.ts';
import { messagesOf, standing } from './planning.ts';
import { pathTo } from './tree.ts';

const maxTokens = 16;
const ask = 'Write a short title for this conversation.';

export interface Titles {
  /** Names the session after its first reply, unless somebody has. */
  think(found: Found): void;
  cancel(session: string): void;
  /** Cancels all, and waits for their ends. */
  cancelAll(): Promise<void>;
}

export function createTitles(
  models: ModelOfSession,
  hot: Hot,
  named: (session: string, title: string) => void,
): Titles {
  const thinking = new Map<string, { stop: AbortController; ended: Promise<void> }>();

  async function think(found: Found, signal: AbortSignal): Promise<void> {
    const { shelf, row } = found;
    const ready = row.titledBy === 'nobody' ? models.now(found) : null;
    const [question, reply, ...more] = pathTo(shelf.store.turns(row.id), row.leaf);
    if (!ready || !question || !reply?.text || more.length > 0) return;
    const point = shelf.store.point(reply.id, ready.fingerprint);
    const asked = [
      ...messagesOf(models.system(found), [question, reply]),
      { role: 'user', content: ask } as const,
    ];
    const text = ready.tokenizer.render(asked, true);
    if (!point || standing(text, [point]).length === 0) return;
    const state = await hot.fork(ready, point);
    if (state === null) return;
    try {
      const { text: written, stopReason } = await generateText(ready, {
        state,
        ids: ready.tokenizer.encode(text.slice(point.textLength)),
        sampling: { ...ready.defaults.sampling, temperature: 0, maxTokens, stop: ['\n'] },
        signal,
        onText: () => undefined,
      });
      const title = stopReason === 'stop' ? titleFrom(written, parted(question.text).text, reply.text) : null;
      if (title !== null && !signal.aborted) named(row.id, title);
    } finally {
      await freeState(ready, state);
    }
  }

  return {
    think(found) {
      const { id } = found.row;
      const stop = new AbortController();
      const ended = think(found, stop.signal)
        .catch((thrown) => {
          const error = toErrorValue(thrown);
          if (!passing.includes(error.code)) console.error(`No title was found: ${error.message}`);
        })
        .finally(() => {
          if (thinking.get(id)?.stop === stop) thinking.delete(id);
        });
      thinking.set(id, { stop, ended });
    },
    cancel: (session) => thinking.get(session)?.stop.abort(),
    async cancelAll() {
      for (const { stop } of thinking.values()) stop.abort();
      await Promise.all([...thinking.values()].map(({ ended }) => ended));
    },
  };
}

/** The engine died, the model was unloaded, the title was not waited for; a full disk takes none. */
const passing = ['cancelled', 'engine-gone', 'state-not-found', 'model-not-found', 'disk-full'];

/** What the model wrote as a title, without what surrounds it; null: it is none, or not of this conversation. */
export function titleFrom(written: string, question: string, reply: string): string | null {
  const title = inOneLine(written)
    .replace(/^(title|name|answer|a)\s*:\s*/i, '')
    .replace(/^["'“”‘’*#\s]+|["'“”‘’*.\s]+$/g, '')
    .replace(/^(\S+ [^:]+): .*/, '$1'); // small models like to add a second title
  const words = wordsOf(title);
  const telling = words.filter((word) => word.length > 3);
  const said = new Set([...wordsOf(question), ...wordsOf(reply)].map(stem));
  const copied = [inOneLine(question), ask].some(
    (text) => 2 * title.length > text.length && text.toLowerCase().includes(title.toLowerCase()),
  );
  const fits = title.length > 1 && title.length <= longestTitle && words.length > 0 && words.length <= 10;
  const repeated = new Set(telling).size < telling.length;
  const grounded = words.some((word) => (word.length > 3 || words.length < 3) && said.has(stem(word)));
  return fits && grounded && !copied && !repeated ? title : null;
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
/** Enough of a word to know it in another form. */
const stem = (word: string) => word.slice(0, 5);
