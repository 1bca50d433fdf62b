/**
 * One question over all chunks of documents: each answers from its own state, and those are heard whose text makes the
 * question most probable. Beside them stand quotations, which are no model's words. Nothing of a document is read again.
 *
 * By the question's probability the embedded model found 6 of 8 facts that were planted in prose, by the entropy of the
 * answers (OPRM, arXiv 2505.07793) 3: it is as sure of what it makes up.
 */
import type { Answer, Gist } from '../../shared/documents.ts';
import { AppError } from '../../shared/errors.ts';
import type { Ready } from '../loaded-model.ts';
import { faultOf } from './degenerate.ts';
import { inLanes } from './lanes.ts';
import { findDocument, type Library } from './library.ts';
import { readerOf } from './reader.ts';
import { chunksFor } from './reading.ts';
import { replyFrom, together, unread } from './replying.ts';

export interface AskControl {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Gists and quotations that are shown. */
const [mostGists, mostQuotes] = [3, 5];
const answerTokens = 48;

const requestOf = (question: string) =>
  `Answer in one short sentence, from the text above.\nQuestion: ${question}`;

/** `ids`: of documents; null: the library. Throws `state-not-found` where the model has read none of them. */
export async function ask(
  library: Library,
  ready: Ready,
  ids: readonly string[] | null,
  question: string,
  { signal = new AbortController().signal, onProgress = () => {} }: AskControl = {},
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
  const quotes = library.quotes(question, ids, mostQuotes);
  const request = requestOf(question);
  let firstTokenMs = 0;
  let done = 0;
  const onFirst = () => {
    firstTokenMs ||= performance.now() - began;
  };
  const asked = {
    ready,
    signal,
    ids: reader.ask(request),
    maxTokens: answerTokens,
    repetitionPenalty: 1,
    withFit: true as const,
    onFirst,
  };
  const answers = await inLanes(places, together, async ({ document, chunk }) => {
    const said = await replyFrom(library, chunk, asked);
    onProgress(++done, places.length);
    const { first, last } = chunk;
    const { id, title } = document;
    const text = said.cut ? `${said.text}…` : said.text;
    const gist: Gist = {
      document: id,
      title,
      text,
      pages: [{ first, last }],
      uncertainty: said.uncertainty,
    };
    return { gist, fit: said.fit ?? 0, fedTokens: said.fedTokens, fault: faultOf(said.text, request) };
  });
  const gists = answers
    .filter(({ fault }) => fault === null)
    .sort((a, b) => b.fit - a.fit)
    .slice(0, mostGists)
    .map(({ gist }) => gist);
  return {
    question,
    gists,
    quotes,
    ms: performance.now() - began,
    firstTokenMs,
    chunks: places.length,
    fedTokens: answers.reduce((sum, { fedTokens }) => sum + fedTokens, 0),
  };
}

const nothingAsked = () => new AppError('bad-request', 'There is no question.', 'Ask something.');
