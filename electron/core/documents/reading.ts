/** Reads a document: chunk by chunk, each from the same state, each chunk's state kept. What is kept is never read again. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cancelled } from '../aborting.ts';
import type { Ready } from '../loaded-model.ts';
import { freeState } from '../sessions/hot.ts';
import { cutChunks, pageSeam } from './chunks.ts';
import { findDocument, type Library } from './library.ts';
import { type Reader, readerOf } from './reader.ts';
import type { ChunkRow, KnownChunk } from './rows.ts';

export interface ReadingProgress {
  readonly pages: number;
  /** Pages whose every chunk has been read. */
  readonly pagesRead: number;
  readonly chunks: number;
  readonly chunksRead: number;
  /** Of the document. */
  readonly tokens: number;
  readonly tokensRead: number;
  /** null until the pace is known. */
  readonly secondsLeft: number | null;
}

export interface ReadingControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: ReadingProgress) => void) | undefined;
}

export interface Reading extends ReadingProgress {
  /** What this reading cost: 0 where everything was kept. */
  readonly fedTokens: number;
  readonly ms: number;
}

/**
 * Throws `cancelled`, `disk-full`, `engine-gone`; what has been read until then is kept, and the next call goes on behind
 * it. Killed at any moment, no more than the chunk under way is read twice.
 */
export async function readDocument(
  library: Library,
  ready: Ready,
  id: string,
  { signal, onProgress = () => {} }: ReadingControl = {},
): Promise<Reading> {
  const { pages } = findDocument(library, id);
  const reader = readerOf(ready);
  const chunks = await cutFor(library, reader, id, signal);
  const missing = chunks.filter(({ read }) => !read);
  const began = performance.now();
  const done = new Set(chunks.filter(({ read }) => read).map(({ state }) => state));
  let fedTokens = 0;
  const progress = (under = 0): ReadingProgress => {
    const part = progressOf(chunks, done, pages);
    const tokensRead = part.tokensRead + under;
    const fed = fedTokens + under;
    const rate = fed > 0 ? (performance.now() - began) / fed : null;
    const left = part.tokens - tokensRead;
    return { ...part, tokensRead, secondsLeft: rate === null ? null : Math.ceil((left * rate) / 1000) };
  };
  onProgress(progress());
  if (missing.length > 0) {
    const opening = await openingState(ready, reader);
    fedTokens += reader.opening.length;
    try {
      for (const chunk of missing) {
        // A text that stands in the document twice is read once.
        if (done.has(chunk.state)) continue;
        if (signal?.aborted) throw cancelled();
        const text = library.chunkText(id, chunk);
        const { state } = await ready.rpc.call('state.fork', { state: opening });
        try {
          const ids = reader.encode(text);
          await ready.rpc.stream('feed', { state, ids }, (item) => onProgress(progress(item.done)), signal);
          fedTokens += ids.length;
          // First the file, then the row: a row never names a file that is not whole on the disk.
          const kept = await ready.rpc.call('state.keep', {
            state,
            folder: library.states,
            note: chunk.state,
          });
          library.putState({ state: chunk.state, file: kept.file, bytes: kept.bytes, tokens: kept.tokens });
        } finally {
          await freeState(ready, state);
        }
        done.add(chunk.state);
        onProgress(progress());
      }
    } finally {
      await freeState(ready, opening);
    }
  }
  library.releasing(() => library.dropUnneeded());
  return { ...progress(), secondsLeft: 0, fedTokens, ms: performance.now() - began };
}

/** The document as this reader reads it; empty where it was not cut yet. Chunks whose files are gone are unread. */
export const chunksFor = (library: Library, reader: Reader, id: string): KnownChunk[] =>
  library.chunks(id, reader.key).map((chunk) => ({ ...chunk, read: chunk.read && hasFile(library, chunk) }));

/** Cut when it is first asked for, chunk by chunk: others have their turn between. */
async function cutFor(
  library: Library,
  reader: Reader,
  id: string,
  signal: AbortSignal | undefined,
): Promise<KnownChunk[]> {
  const known = chunksFor(library, reader, id);
  if (known.length > 0) return known;
  const texts = library.texts(id);
  const text = texts.join(pageSeam);
  const starts = texts.map(() => 0);
  for (let i = 1; i < texts.length; i++)
    starts[i] = (starts[i - 1] ?? 0) + (texts[i - 1]?.length ?? 0) + pageSeam.length;
  const rows: ChunkRow[] = [];
  for (const { start, end, first, last, tokens } of cutChunks(texts, reader.count, reader.limit)) {
    rows.push({
      number: rows.length,
      from: start - (starts[first - 1] ?? 0),
      length: end - start,
      first,
      last,
      tokens,
      state: reader.stateOf(text.slice(start, end)),
    });
    await new Promise(setImmediate);
    if (signal?.aborted) throw cancelled();
  }
  library.putChunks(id, reader.key, rows);
  return chunksFor(library, reader, id);
}

function hasFile(library: Library, { state }: ChunkRow): boolean {
  const row = library.state(state);
  return row !== null && existsSync(join(library.states, row.file));
}

export async function openingState(ready: Ready, { opening }: Reader): Promise<number> {
  const { state } = await ready.rpc.call('state.create', { model: ready.model });
  try {
    await ready.rpc.stream('feed', { state, ids: opening }, () => {});
    return state;
  } catch (error) {
    await freeState(ready, state);
    throw error;
  }
}

/** Pure: how far a reading is in which the chunks of `done` have been read. */
export function progressOf(
  chunks: readonly ChunkRow[],
  done: ReadonlySet<string>,
  pages: number,
): Omit<ReadingProgress, 'secondsLeft'> {
  const unread = new Set<number>();
  let [chunksRead, tokens, tokensRead] = [0, 0, 0];
  for (const chunk of chunks) {
    tokens += chunk.tokens;
    if (done.has(chunk.state)) {
      chunksRead += 1;
      tokensRead += chunk.tokens;
    } else for (let page = chunk.first; page <= chunk.last; page++) unread.add(page);
  }
  return { pages, pagesRead: pages - unread.size, chunks: chunks.length, chunksRead, tokens, tokensRead };
}
