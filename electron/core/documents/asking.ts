/**
 * One question over documents that were read. Search finds the passages that hold its words, and the model answers from
 * the best of them, each read once more by itself: a sentence or two. Where the words stand nowhere, it answers from the
 * states of the chunks that make the question most probable. Beside it stand quotations, which are no model's words.
 *
 * Both are by measurement (test/bench/results/documents-quality.json): search finds the chunk far more often than the
 * question's probability or the answer's entropy (OPRM, arXiv 2505.07793), and the embedded model's states of 2,048
 * tokens do not keep details: from them it makes answers up.
 */
import type { Answer, Exchange, Gist, PageRange, Quote } from '../../shared/documents.ts';
import { AppError } from '../../shared/errors.ts';
import type { Ready } from '../loaded-model.ts';
import { freeState } from '../sessions/hot.ts';
import { byWords, type Found, type Place } from './choosing.ts';
import { faultOf } from './degenerate.ts';
import { inLanes } from './lanes.ts';
import { findDocument, type Library } from './library.ts';
import { type Reader, readerOf } from './reader.ts';
import { chunksFor, openingState } from './reading.ts';
import { fitsOf, loadChunk, replyIn, together, unread } from './replying.ts';
import { invents } from './standing.ts';

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
  const known = `${searched} ${earlier?.answer ?? ''}`;
  const quotes = library.quotes(searched, ids, mostQuotes);
  onQuotes(quotes);
  const request = requestOf(question, earlier);
  let [firstTokenMs, done, scored, fedTokens, passageTokens] = [0, 0, 0, 0, 0];
  /** The best source has the engine to itself until its first word. */
  const begun = Promise.withResolvers<void>();
  const onFirst = () => {
    firstTokenMs ||= performance.now() - began;
    begun.resolve();
  };
  const found = byWords(library, places, ids, searched, mostGists);
  const opening = found.length > 0 ? await openingState(ready, reader) : null;
  try {
    let sources: readonly Source[];
    if (opening !== null) {
      fedTokens = reader.opening.length;
      sources = found.map((passage) => passageSource(ready, reader, opening, passage));
    } else {
      scored = places.length;
      const probable = await byProbability(library, ready, reader, places, question, signal, (now) => {
        done = now;
        onProgress(done, scored + Math.min(mostGists, scored));
      });
      fedTokens = probable.fedTokens;
      sources = probable.places.map((place) => chunkSource(library, ready, place));
    }
    const gists = await inLanes(sources, together, async ({ document, pages, text, again, state }, i) => {
      if (i > 0) await begun.promise;
      const asked = {
        ready,
        signal,
        ids: [...again, ...reader.ask(request)],
        maxTokens: answerTokens,
        repetitionPenalty: 1,
        onFirst,
      };
      const said = await state()
        .then((from) => replyIn(from, asked))
        .finally(begun.resolve);
      passageTokens += again.length;
      fedTokens += said.fedTokens;
      onProgress(++done, scored + sources.length);
      // What neither the text nor what was asked names is made up.
      if (faultOf(said.text, request) !== null || invents(said.text, [document.title, text, known].join(' ')))
        return null;
      const gist: Gist = {
        document: document.id,
        title: document.title,
        text: said.cut ? `${said.text}…` : said.text,
        pages: [pages],
        uncertainty: said.uncertainty,
      };
      onGist(gist);
      return gist;
    });
    return {
      question,
      gists: gists.filter((gist) => gist !== null),
      quotes,
      ms: performance.now() - began,
      firstTokenMs,
      chunks: Math.max(scored, sources.length),
      fedTokens,
      passageTokens,
    };
  } finally {
    if (opening !== null) await freeState(ready, opening);
  }
}

/** Where an answer comes from. */
interface Source {
  readonly document: Place['document'];
  readonly pages: PageRange;
  /** What it was read from. */
  readonly text: string;
  /** Of the document, ids that are read again before the question. */
  readonly again: readonly number[];
  /** Behind what was read: the caller's own. */
  state(): Promise<number>;
}

const passageSource = (ready: Ready, reader: Reader, opening: number, found: Found): Source => ({
  document: found.document,
  pages: { first: found.page, last: found.page },
  text: found.text,
  again: reader.encode(found.text),
  state: async () => (await ready.rpc.call('state.fork', { state: opening })).state,
});

const chunkSource = (library: Library, ready: Ready, { document, chunk }: Place): Source => ({
  document,
  pages: { first: chunk.first, last: chunk.last },
  text: library.chunkText(document.id, chunk),
  again: [],
  state: () => loadChunk(library, ready, chunk),
});

function requestOf(question: string, earlier: Exchange | undefined): string {
  const request = `Answer in one short sentence, from the text above.\nQuestion: ${question}`;
  if (!earlier) return request;
  const answer = earlier.answer.slice(0, mostEarlier);
  return `Earlier question: ${earlier.question}\nEarlier answer: ${answer}\n\n${request}`;
}

/**
 * What is looked for in the states, as it might go on behind a chunk. Of seven forms, with 44 questions over 7 chunks, none
 * was better: 21 times the right chunk came first, 33 times among three; behind "Question: ", of three tokens more, 19 and 32.
 */
export const expected = (question: string) => `\n${question}`;

/** The chunks whose text makes the question most probable, best first. */
async function byProbability(
  library: Library,
  ready: Ready,
  reader: Reader,
  places: readonly Place[],
  question: string,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<{ places: readonly Place[]; fedTokens: number }> {
  const ids = reader.encode(expected(question));
  const chunks = places.map(({ chunk }) => chunk);
  const fits = await fitsOf(library, ready, chunks, ids, signal, onProgress);
  const order = [...places.keys()].sort((a, b) => (fits[b] ?? 0) - (fits[a] ?? 0));
  return {
    places: order.slice(0, mostGists).flatMap((i) => places[i] ?? []),
    fedTokens: (ids.length - 1) * places.length,
  };
}

const nothingAsked = () => new AppError('bad-request', 'There is no question.', 'Ask something.');
