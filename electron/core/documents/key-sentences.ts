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
import { mostTelling } from './salience.ts';
import { overlap, sentencesOf } from './sentences.ts';

/** Of a chunk, at least so many are scored; scoring all would be reading all once more. */
const leastCandidates = 4;
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
  /** Of each chunk: so that a short document has as many as a long one. */
  const each = Math.ceil(most / Math.max(1, notes.length));
  let done = 0;
  const found = await inLanes(notes, together, async (note) => {
    const { chunk } = note;
    const some = candidates(library.chunkText(document, chunk), note, Math.max(leastCandidates, 2 * each));
    const scores = some.length > 0 ? await scoresOf(writing, chunk, ask, some) : [];
    onStep(++done, notes.length);
    return some
      .map((sentence, i) => ({ sentence, score: scores[i] ?? 0, chunk }))
      .sort((a, b) => b.score - a.score)
      .slice(0, each);
  });
  return found
    .flat()
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ sentence, chunk }) => ({ sentence, chunk, at: placeOf(library, document, sentence, chunk) }))
    .sort((a, b) => a.chunk.number - b.chunk.number || a.at - b.at)
    .map(({ sentence, chunk }) => ({
      text: sentence,
      pages: [pageOf(library, document, sentence, chunk) ?? { first: chunk.first, last: chunk.last }],
    }));
}

/** Half of them near to the note, where it is of use; the others telling by themselves. */
function candidates(text: string, { text: note, fault }: Note, count: number): string[] {
  // A heading is no part of the sentence below it, and a row of a table is none.
  const sentences = text.split(/\n\s*\n/).flatMap(sentencesOf);
  const all = [...new Set(sentences)].filter(
    // What ends with a colon or begins with a bullet says nothing without what stands around it.
    (one) => one.length >= shortest && one.length <= longest && !/ \| |:$|^[•‣◦▪●○■*–—-] /.test(one),
  );
  const near = fault === null ? all.toSorted((a, b) => overlap(b, note) - overlap(a, note)) : [];
  const chosen = new Set([...near.slice(0, Math.floor(count / 2)), ...mostTelling(all, count)]);
  return [...chosen].slice(0, count);
}

/** Where it stands in its chunk. */
const placeOf = (library: Library, document: string, sentence: string, chunk: Note['chunk']) =>
  library.chunkText(document, chunk).replaceAll(/\s+/g, ' ').indexOf(sentence);

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
