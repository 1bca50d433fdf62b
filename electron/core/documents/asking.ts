/**
 * One question over documents that were read. Search finds the pages that hold its words; of the best of them the
 * passage that holds most is put behind the state of its chunk, and the model answers from there. Beside it stand
 * quotations, which are no model's words.
 *
 * Both are by measurement (test/bench/documents-quality.ts has the rules that were compared): search finds the chunk far
 * more often than the question's probability or the answer's entropy (OPRM, arXiv 2505.07793) do, and details of a chunk
 * do not last in the embedded model's state. Where the words stand nowhere, the question's probability chooses.
 */
import type { Answer, Exchange, Gist } from '../../shared/documents.ts';
import { AppError } from '../../shared/errors.ts';
import type { Ready } from '../loaded-model.ts';
import { fused, type Place, placeOf } from './choosing.ts';
import { faultOf } from './degenerate.ts';
import { inLanes } from './lanes.ts';
import { findDocument, type Library } from './library.ts';
import { type Passage, passagesOf } from './passages.ts';
import { type Reader, readerOf } from './reader.ts';
import { chunksFor } from './reading.ts';
import { fitOf, replyFrom, together, unread } from './replying.ts';

export interface AskControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** In the order in which they are written; the answer has the best first. */
  readonly onGist?: ((gist: Gist) => void) | undefined;
  /** What was asked and answered before, latest last. */
  readonly thread?: readonly Exchange[] | undefined;
}

/** Gists and quotations that are shown. */
const [mostGists, mostQuotes] = [3, 5];
/** Pages that passages are looked for on. */
const mostFound = 20;
/** Of a passage: a sentence or two. */
const passageWords = 30;
const answerTokens = 48;
/** Characters of an earlier answer that are told again. */
const mostEarlier = 200;

const requestOf = (question: string, earlier: Exchange | undefined) =>
  `${earlier ? `Earlier question: ${earlier.question}\nEarlier answer: ${shortened(earlier.answer)}\n\n` : ''}Answer in one short sentence, from the text above.\nQuestion: ${question}`;

const shortened = (text: string) => (text.length > mostEarlier ? `${text.slice(0, mostEarlier)}…` : text);

/** What the model is asked with: a chunk, and what of its text is put before the question once more. */
interface Heard {
  readonly place: Place;
  readonly passage: Passage | null;
}

/** `ids`: of documents; null: the library. Throws `state-not-found` where the model has read none of them. */
export async function ask(
  library: Library,
  ready: Ready,
  ids: readonly string[] | null,
  question: string,
  {
    signal = new AbortController().signal,
    onProgress = () => {},
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
  const request = requestOf(question, earlier);
  let firstTokenMs = 0;
  const onFirst = () => {
    firstTokenMs ||= performance.now() - began;
  };
  let scoredTokens = 0;
  let heard: readonly Heard[] = byWords(library, places, ids, searched);
  if (heard.length === 0) {
    const probable = await byProbability(library, ready, reader, places, question, signal, onProgress);
    heard = probable.places.slice(0, mostGists).map((place) => ({ place, passage: null }));
    scoredTokens = probable.fedTokens;
  }
  const scored = scoredTokens > 0 ? places.length : 0;
  let done = scored;
  const answers = await inLanes(heard, together, async ({ place: { document, chunk }, passage }) => {
    const again = passage ? reader.encode(`\n\n${passage.text}`) : [];
    const said = await replyFrom(library, chunk, {
      ready,
      signal,
      ids: [...again, ...reader.ask(request)],
      maxTokens: answerTokens,
      repetitionPenalty: 1,
      onFirst,
    });
    onProgress(++done, scored + heard.length);
    const gist: Gist = {
      document: document.id,
      title: document.title,
      text: said.cut ? `${said.text}…` : said.text,
      pages: [
        passage ? { first: passage.page, last: passage.page } : { first: chunk.first, last: chunk.last },
      ],
      uncertainty: said.uncertainty,
    };
    const fault = faultOf(said.text, request);
    if (fault === null) onGist(gist);
    return { gist, fault, fedTokens: said.fedTokens };
  });
  return {
    question,
    gists: answers.filter(({ fault }) => fault === null).map(({ gist }) => gist),
    quotes: library.quotes(searched, ids, mostQuotes),
    ms: performance.now() - began,
    firstTokenMs,
    chunks: Math.max(scored, new Set(heard.map(({ place }) => place.chunk.state)).size),
    fedTokens: answers.reduce((sum, { fedTokens }) => sum + fedTokens, scoredTokens),
  };
}

/** Passages that hold the question's words, the best first, in chunks that were read. */
function byWords(
  library: Library,
  places: readonly Place[],
  ids: readonly string[] | null,
  question: string,
): Heard[] {
  const found = library.quotes(question, ids, mostFound);
  const pages = found.map(({ document, page }) => ({ key: `${document} ${page}`, document, page }));
  const passages = passagesOf(
    question,
    pages.map(({ document, page }, i) => ({ page: i, text: wholeText(library, document, page) })),
    passageWords,
  );
  const byPage = new Map(passages.map((passage) => [pages[passage.page]?.key ?? '', passage]));
  const order = fused(
    pages.map(({ key }) => key),
    [...byPage.keys()],
  );
  const heard: Heard[] = [];
  for (const key of order) {
    const [passage, at] = [byPage.get(key), pages.find((page) => page.key === key)];
    if (!passage || !at || passage.score <= 0) continue;
    const textOf = ({ document, chunk }: Place) => library.chunkText(document.id, chunk);
    const place = placeOf(places, at.document, at.page, passage.text, textOf);
    if (place) heard.push({ place, passage: { ...passage, page: at.page } });
    if (heard.length === mostGists) break;
  }
  return heard;
}

/** A page with the end of a sentence that goes on behind it. */
function wholeText(library: Library, document: string, page: number): string {
  const text = library.page(document, page)?.text ?? '';
  if (/[.!?…。！？]["'”’»)\]]*\s*$/u.test(text)) return text;
  const next = library.page(document, page + 1)?.text.slice(0, 400) ?? '';
  const end = next.search(/[.!?…。！？]/u);
  return end < 0 ? text : `${text} ${next.slice(0, end + 1)}`;
}

/** All chunks, those first whose text makes the question most probable. */
async function byProbability(
  library: Library,
  ready: Ready,
  reader: Reader,
  places: readonly Place[],
  question: string,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<{ places: readonly Place[]; fedTokens: number }> {
  const ids = reader.encode(`\n\nQuestion: ${question}`);
  let done = 0;
  const scored = await inLanes(places, together, async (place) => {
    const fit = await fitOf(library, ready, place.chunk, ids, signal);
    onProgress(++done, places.length + mostGists);
    return { place, fit };
  });
  return {
    places: scored.sort((a, b) => b.fit - a.fit).map(({ place }) => place),
    fedTokens: ids.length * places.length,
  };
}

const nothingAsked = () => new AppError('bad-request', 'There is no question.', 'Ask something.');
