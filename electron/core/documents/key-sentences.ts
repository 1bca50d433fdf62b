/**
 * Sentences of the document itself that the model would most likely have said when asked for a summary: useful whatever
 * the model's size, because none of it is made up.
 */
import type { Anchored } from '../../shared/documents.ts';
import { freeState } from '../sessions/hot.ts';
import { inLanes } from './lanes.ts';
import type { Library } from './library.ts';
import type { Note, Writing } from './notes.ts';
import { loadChunk, together } from './replying.ts';
import { overlap, sentencesOf } from './sentences.ts';

/** Of a chunk, those nearest to its note are scored; scoring all would be reading all once more. */
const candidates = 4;
/** Characters: shorter ones are headings, longer ones no sentences. */
const [shortest, longest] = [40, 400];

/** In the order of the document. `request`: what the notes were asked for with. */
export async function keySentences(
  writing: Writing,
  notes: readonly Note[],
  request: string,
  most: number,
  onStep: (done: number, total: number) => void,
): Promise<Anchored[]> {
  const { library, reader, document } = writing;
  const ask = reader.ask(request);
  let done = 0;
  const best = await inLanes(notes, together, async ({ chunk, text, fault }) => {
    const all = sentencesOf(library.chunkText(document, chunk)).filter(
      ({ length }) => length >= shortest && length <= longest,
    );
    const near = fault === null ? all.toSorted((a, b) => overlap(b, text) - overlap(a, text)) : all;
    const some = near.slice(0, candidates);
    const scores = some.length > 0 ? await scoresOf(writing, chunk, ask, some) : [];
    onStep(++done, notes.length);
    const score = Math.max(...scores);
    const sentence = some[scores.indexOf(score)];
    return sentence === undefined ? null : { sentence, score, chunk };
  });
  return best
    .filter((found) => found !== null)
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .sort((a, b) => a.chunk.number - b.chunk.number)
    .map(({ sentence, chunk }) => ({
      text: sentence,
      pages: [pageOf(library, document, sentence, chunk) ?? { first: chunk.first, last: chunk.last }],
    }));
}

/** Mean log-probability of a token, for each sentence as the reply. */
async function scoresOf(
  { library, ready, reader, signal }: Writing,
  chunk: Note['chunk'],
  ask: readonly number[],
  sentences: readonly string[],
): Promise<number[]> {
  const { rpc } = ready;
  const state = await loadChunk(library, ready, chunk);
  const states = [state];
  try {
    await rpc.stream('feed', { state, ids: ask }, () => {}, signal);
    const scores: number[] = [];
    for (const sentence of sentences) {
      const fork = (await rpc.call('state.fork', { state })).state;
      states.push(fork);
      const params = { state: fork, ids: reader.encode(sentence), top: 0 };
      const { logprobs } = await rpc.stream('score', params, () => {}, signal);
      scores.push(logprobs.reduce<number>((sum, value) => sum + (value ?? 0), 0) / logprobs.length);
    }
    return scores;
  } finally {
    await Promise.all(states.map((one) => freeState(ready, one)));
  }
}

/** The page that holds all of it; null: it goes over from one page to the next. */
function pageOf(library: Library, document: string, sentence: string, { first, last }: Note['chunk']) {
  for (let page = first; page <= last; page++) {
    const text = library.page(document, page)?.text.replaceAll(/\s+/g, ' ');
    if (text?.includes(sentence)) return { first: page, last: page };
  }
  return null;
}
