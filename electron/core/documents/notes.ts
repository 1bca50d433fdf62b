/** A note of each chunk, from its state. What went wrong is tried once in other words, and told if it stays so. */
import type { Ready } from '../loaded-model.ts';
import { faultOf } from './degenerate.ts';
import { inLanes } from './lanes.ts';
import type { Library } from './library.ts';
import type { Reader } from './reader.ts';
import { type Asked, replyFrom, type Said, together } from './replying.ts';
import type { ChunkRow, NoteRow } from './rows.ts';
import { wholeSentences } from './sentences.ts';

export interface Note extends NoteRow {
  readonly chunk: ChunkRow;
}

const noteTokens = 96;

const inFocus = (focus: string) => (focus ? ` Tell only what matters for this: ${focus}` : '');
/** The second is said where the first led to nothing of use. */
export const requestsOf = (focus: string): readonly [string, string] => [
  `Summarize this part of the document in two sentences.${inFocus(focus)}`,
  `What does this part say? Name the people, places and facts in it, briefly.${inFocus(focus)}`,
];

/** In order. Each is kept as soon as it is written, and none is written twice: a cancelled call goes on. */
export async function writeNotes(
  library: Library,
  ready: Ready,
  reader: Reader,
  chunks: readonly ChunkRow[],
  focus: string,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Note[]> {
  const requests = requestsOf(focus);
  let done = 0;
  return inLanes(chunks, together, async (chunk) => {
    const kept = library.note(chunk.state, requests[0]);
    const row = kept ?? (await write(library, chunk, requests, reader, { ready, signal }));
    if (!kept) library.putNote(row);
    onProgress(++done, chunks.length);
    return { ...row, chunk };
  });
}

async function write(
  library: Library,
  chunk: ChunkRow,
  requests: readonly [string, string],
  reader: Reader,
  common: Pick<Asked, 'ready' | 'signal'>,
): Promise<NoteRow> {
  const said = await usable(requests, (request, repetitionPenalty) =>
    replyFrom(library, chunk, {
      ...common,
      ids: reader.ask(request),
      maxTokens: noteTokens,
      repetitionPenalty,
    }),
  );
  return { state: chunk.state, request: requests[0], ...said };
}

/** A reply to the first of the requests, or where that is of no use to the second, with more against repetition. */
export async function usable(
  requests: readonly [string, string],
  reply: (request: string, repetitionPenalty: number) => Promise<Said>,
): Promise<Pick<NoteRow, 'text' | 'uncertainty' | 'fault'>> {
  const attempts = [
    [requests[0], 1],
    [requests[1], 1.15],
  ] as const;
  let last: Pick<NoteRow, 'text' | 'uncertainty' | 'fault'> | null = null;
  for (const [request, penalty] of attempts) {
    const { text, cut, uncertainty } = await reply(request, penalty);
    const whole = cut ? wholeSentences(text) : text;
    last = { text: whole, uncertainty, fault: faultOf(whole, request) };
    if (last.fault === null) return last;
  }
  return last as NonNullable<typeof last>;
}
