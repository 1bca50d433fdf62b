/** A note of each chunk, from its state. What went wrong is tried once in other words, and told if it stays so. */
import type { SummaryRequest } from '../../shared/documents.ts';
import type { Ready } from '../loaded-model.ts';
import { faultOf } from './degenerate.ts';
import { inLanes } from './lanes.ts';
import type { Library } from './library.ts';
import type { Reader } from './reader.ts';
import { replyFrom, type Said, together } from './replying.ts';
import type { ChunkRow, NoteRow } from './rows.ts';
import { wholeSentences } from './sentences.ts';
import { noteRequests, type Requests } from './styles.ts';

export interface Note extends NoteRow {
  readonly chunk: ChunkRow;
}

export type NotesWanted = Pick<SummaryRequest, 'focus' | 'careful' | 'language'>;

/** What document is written about, by whom. */
export interface Writing {
  readonly library: Library;
  readonly ready: Ready;
  readonly reader: Reader;
  readonly document: string;
  readonly signal: AbortSignal;
}

export const noteTokens = 96;

/** Under which request a note is kept. */
export const noteKey = (wanted: NotesWanted): string =>
  `${wanted.careful ? 'Read twice. ' : ''}${noteRequests(wanted)[0]}`;

/**
 * In order. Each is kept as soon as it is written, and none is written twice: a cancelled call goes on. `careful`: the
 * chunk's text is read a second time, behind the first ("just read twice", arXiv 2407.05483); that state is not kept.
 */
export async function writeNotes(
  writing: Writing,
  chunks: readonly ChunkRow[],
  wanted: NotesWanted,
  onNote: (note: Note, done: number) => void,
): Promise<Note[]> {
  const { library, ready, reader, document, signal } = writing;
  const key = noteKey(wanted);
  const requests = noteRequests(wanted);
  let done = 0;
  return inLanes(chunks, together, async (chunk) => {
    const kept = library.note(chunk.state, key);
    const twice = wanted.careful && !kept ? reader.encode(`\n\n${library.chunkText(document, chunk)}`) : [];
    // In another language it shares no words with what it retells.
    const source = wanted.language === '' ? library.chunkText(document, chunk) : null;
    const row = kept ?? {
      state: chunk.state,
      request: key,
      ...(await usable(requests, source, (request, repetitionPenalty) =>
        replyFrom(library, chunk, {
          ready,
          signal,
          ids: [...twice, ...reader.ask(request)],
          maxTokens: noteTokens,
          repetitionPenalty,
        }),
      )),
    };
    if (!kept) library.putNote(row);
    const note = { ...row, chunk };
    onNote(note, ++done);
    return note;
  });
}

/**
 * A reply to the first of the requests, or where that is of no use to the second, with more against repetition.
 * `source`: what it is to retell, as faultOf has it.
 */
export async function usable(
  requests: Requests,
  source: string | null,
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
    last = { text: whole, uncertainty, fault: faultOf(whole, request, source) };
    if (last.fault === null) return last;
  }
  return last as NonNullable<typeof last>;
}
