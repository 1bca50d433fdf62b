/**
 * One question over documents that were read. Search finds the passages that hold its words, and the model answers from
 * the best of them, each read once more by itself: a sentence or two. Where the words stand nowhere, it answers from the
 * states of the chunks that make the question most probable. Beside it stand quotations, which are no model's words.
 *
 * Both are by measurement (test/bench/results/documents-quality.json): search finds the chunk far more often than the
 * question's probability or the answer's entropy (OPRM, arXiv 2505.07793), and the embedded model's states of 2,048
 * tokens do not keep details: from them it makes answers up.
 */
import type { Answer, Exchange, Gist, Quote } from '../../shared/documents.ts';
import { AppError } from '../../shared/errors.ts';
import type { Ready } from '../loaded-model.ts';
import { freeState } from '../sessions/hot.ts';
import { byWords, type Found, type Place } from './choosing.ts';
import { faultOf } from './degenerate.ts';
import { inLanes } from './lanes.ts';
import { findDocument, type Library } from './library.ts';
import { type Reader, readerOf } from './reader.ts';
import { chunksFor, openingState } from './reading.ts';
import { fitOf, loadChunk, replyIn, type Said, together, unread } from './replying.ts';

export interface AskControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** At once, before the model says anything. */
  readonly onQuotes?: ((quotes: readonly Quote[]) => void) | undefined;
  /** In the order in which they are written; the answer has the best first. */
  readonly onGist?: ((gist: Gist) => void) | undefined;
  /** What was asked and answered before, latest last. */
  readonly thread?: readonly Exchange[] | undefined;
}

/** Gists and quotations that are shown. */
const [mostGists, mostQuotes] = [3, 5];
const answerTokens = 48;
/** Characters of an earlier answer that are told again. */
const mostEarlier = 200;

/** `ids`: of documents; null: the library. Throws `state-not-found` where the model has read none of them. */
export async function ask(
  library: Library,
  ready: Ready,
  ids: readonly string[] | null,
  question: string,
  {
    signal = new AbortController().signal,
    onProgress = () => {},
    onQuotes = () => {},
    onGist = () => {},
    thread = [],
  }: AskControl = {},
): Promise<Answer> {
  if (question.trim() === '') throw nothingAsked();
  const began = performance.now();
  const documents = ids?.map((id) => findDocument(library, id)) ?? library.documents();
  const reader = readerOf(ready);
  const places = documents.flatMap((document) =>
    chunksFor(library, reader, document.id)
      .filter(({ read }) => read)
      .map((chunk) => ({ document, chunk })),
  );
  if (places.length === 0) throw unread();
  const earlier = thread.at(-1);
  const searched = earlier ? `${question} ${earlier.question}` : question;
  const quotes = library.quotes(searched, ids, mostQuotes);
  onQuotes(quotes);
  const request = requestOf(question, earlier);
  let firstTokenMs = 0;
  const asked = {
    ready,
    signal,
    maxTokens: answerTokens,
    repetitionPenalty: 1,
    onFirst: () => {
      firstTokenMs ||= performance.now() - began;
    },
  };
  const found = byWords(library, places, ids, searched, mostGists);
  const chosen =
    found.length > 0
      ? found
      : await byProbability(library, ready, reader, places, question, signal, onProgress);
  const scored = found.length > 0 ? 0 : places.length;
  let [done, fedTokens, passageTokens] = [scored, scored * scoredIds(reader, question).length, 0];

  const gistOf = (at: Found | Place, said: Said): Gist => {
    const { first, last } = 'chunk' in at ? at.chunk : { first: at.page, last: at.page };
    const { id: document, title } = at.document;
    const text = said.cut ? `${said.text}…` : said.text;
    return { document, title, text, pages: [{ first, last }], uncertainty: said.uncertainty };
  };
  const opening = found.length > 0 ? await openingState(ready, reader) : null;
  if (opening !== null) fedTokens += reader.opening.length;
  try {
    const gists = await inLanes(chosen, together, async (at: Found | Place) => {
      const again = 'chunk' in at ? [] : reader.encode(at.text);
      const state =
        'chunk' in at
          ? await loadChunk(library, ready, at.chunk)
          : (await ready.rpc.call('state.fork', { state: opening ?? 0 })).state;
      const said = await replyIn(state, { ...asked, ids: [...again, ...reader.ask(request)] });
      passageTokens += again.length;
      fedTokens += said.fedTokens;
      onProgress(++done, scored + chosen.length);
      const gist = gistOf(at, said);
      if (faultOf(said.text, request) !== null) return null;
      onGist(gist);
      return gist;
    });
    return {
      question,
      gists: gists.filter((gist) => gist !== null),
      quotes,
      ms: performance.now() - began,
      firstTokenMs,
      chunks: Math.max(scored, chosen.length),
      fedTokens,
      passageTokens,
    };
  } finally {
    if (opening !== null) await freeState(ready, opening);
  }
}

function requestOf(question: string, earlier: Exchange | undefined): string {
  const request = `Answer in one short sentence, from the text above.\nQuestion: ${question}`;
  if (!earlier) return request;
  const answer = earlier.answer.slice(0, mostEarlier);
  return `Earlier question: ${earlier.question}\nEarlier answer: ${answer}\n\n${request}`;
}

const scoredIds = (reader: Reader, question: string) => reader.encode(`\n\nQuestion: ${question}`);

/** The chunks whose text makes the question most probable, best first. */
async function byProbability(
  library: Library,
  ready: Ready,
  reader: Reader,
  places: readonly Place[],
  question: string,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Place[]> {
  const ids = scoredIds(reader, question);
  let done = 0;
  const scored = await inLanes(places, together, async (place) => {
    const fit = await fitOf(library, ready, place.chunk, ids, signal);
    onProgress(++done, places.length + Math.min(mostGists, places.length));
    return { place, fit };
  });
  return scored
    .sort((a, b) => b.fit - a.fit)
    .slice(0, mostGists)
    .map(({ place }) => place);
}

const nothingAsked = () => new AppError('bad-request', 'There is no question.', 'Ask something.');
