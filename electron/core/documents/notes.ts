/** A note of each chunk, from its state. What went wrong is tried in another way, and told if it stays so. */
import type { SummaryRequest } from '../../shared/documents.ts';
import type { Ready } from '../loaded-model.ts';
import { faultOf, untilItRepeats } from './degenerate.ts';
import { inLanes } from './lanes.ts';
import type { Library } from './library.ts';
import type { Reader } from './reader.ts';
import { replyFrom, replyTo, type Said, together } from './replying.ts';
import type { ChunkRow, NoteRow } from './rows.ts';
import { tellingPassage } from './salience.ts';
import { wholeSentences } from './sentences.ts';
import { standing } from './standing.ts';
import { noteRequests } from './styles.ts';

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
 * Where nothing that was told from the state stands in the chunk, its most telling passage is read alone, a short one
 * first: of 7 chunks of a test text the embedded model's notes stood from 3 passages of 60 words, 3 other ones of 100, none
 * of 200, and one state.
 */
export async function writeNotes(
  writing: Writing,
  chunks: readonly ChunkRow[],
  wanted: NotesWanted,
  onNote: (note: Note, done: number) => void,
): Promise<Note[]> {
  const { library, ready, reader, document, signal } = writing;
  const key = noteKey(wanted);
  const [request, other] = noteRequests(wanted);
  async function written(chunk: ChunkRow): Promise<NoteRow> {
    const text = library.chunkText(document, chunk);
    const twice = wanted.careful ? reader.encode(`\n\n${text}`) : [];
    const asked = (what: string, repetitionPenalty: number, first: readonly number[] = []) => ({
      ready,
      signal,
      ids: [...first, ...reader.ask(what)],
      maxTokens: noteTokens,
      repetitionPenalty,
    });
    // In another language it shares no words with what it retells.
    const said = await usable(wanted.language === '' ? text : null, [
      { request, reply: () => replyFrom(library, chunk, asked(request, 1, twice)) },
      { request: other, reply: () => replyFrom(library, chunk, asked(other, againstRepeats, twice)) },
      { request, reply: () => replyTo(tellingPassage(text, 60), reader, asked(request, mild)) },
      { request, reply: () => replyTo(tellingPassage(text, 100), reader, asked(request, 1)) },
    ]);
    const row = { state: chunk.state, request: key, ...said };
    library.putNote(row);
    return row;
  }

  let done = 0;
  return inLanes(chunks, together, async (chunk) => {
    const row = library.note(chunk.state, key) ?? (await written(chunk));
    const note = { ...row, chunk };
    onNote(note, ++done);
    return note;
  });
}

/** Repetition penalties: of a second attempt; of a short text. */
export const againstRepeats = 1.15;
const mild = 1.1;

export interface Attempt {
  readonly request: string;
  reply(): Promise<Said>;
}

/**
 * The first reply that is of use, without the sentences that do not hold to `source`; null: it need not be held to. Else
 * the last, with what is wrong with it.
 */
export async function usable(
  source: string | null,
  attempts: readonly [Attempt, ...Attempt[]],
): Promise<Pick<NoteRow, 'text' | 'uncertainty' | 'fault'>> {
  let last: Pick<NoteRow, 'text' | 'uncertainty' | 'fault'> | null = null;
  for (const { request, reply } of attempts) {
    const { text, cut, uncertainty } = await reply();
    const whole = cut ? wholeSentences(text) : text;
    const once = untilItRepeats(whole);
    const fault = faultOf(once || whole, request);
    const told = fault === null && source !== null ? standing(once, source) : once;
    if (fault === null && told !== '') return { text: told, uncertainty, fault };
    last = { text: whole, uncertainty, fault: fault ?? 'strays' };
  }
  return last as NonNullable<typeof last>;
}
