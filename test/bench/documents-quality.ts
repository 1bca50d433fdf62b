/**
 * Which chunk knows the answer, and does the model say it: rules for choosing, over questions whose pages are known.
 * Answers are greedy; an answer is right when it holds one of the strings that the question lists.
 * usage: node test/bench/documents-quality.ts [--json FILE] [--only N]
 */
import { writeFileSync } from 'node:fs';
import { ask, expected } from '../../electron/core/documents/asking.ts';
import { byWords, fused } from '../../electron/core/documents/choosing.ts';
import { readerOf } from '../../electron/core/documents/reader.ts';
import { chunksFor, readDocument } from '../../electron/core/documents/reading.ts';
import { type Asked, fitsOf, loadChunk, replyFrom, replyIn } from '../../electron/core/documents/replying.ts';
import { parseOptions } from '../../electron/headless/options.ts';
import { benchCore, libraryOf, type Quiz, quizDocument } from './documents-made.ts';
import { provenance } from './measure.ts';

const given = parseOptions(process.argv.slice(2), {
  json: { kind: 'text', help: '' },
  only: { kind: 'integer', help: '' },
});

interface Tally {
  /** Of the first, and of the first three that the rule chooses: the page is among those that it names. */
  hit1: number;
  hit3: number;
  /** The first answer holds what it should; any of the first three does. */
  right1: number;
  right3: number;
}
const tallies: Record<string, Tally> = {};

interface Named {
  readonly pages: readonly number[];
  readonly text: string;
}

/** `named`: what a rule says, best first. */
function count(rule: string, { pages, answer }: Quiz, named: readonly Named[]): void {
  tallies[rule] ??= { hit1: 0, hit3: 0, right1: 0, right3: 0 };
  const hits = named.map((one) => one.pages.some((page) => pages.includes(page)));
  const rights = named.map(({ text }) => answer.some((one) => text.toLowerCase().includes(one)));
  tallies[rule].hit1 += Number(hits[0] ?? false);
  tallies[rule].hit3 += Number(hits.slice(0, 3).includes(true));
  tallies[rule].right1 += Number(rights[0] ?? false);
  tallies[rule].right3 += Number(rights.slice(0, 3).includes(true));
}

const { core, ready } = await benchCore();
const { pages, quizzes } = quizDocument();
const { library, document } = libraryOf(pages);
const reader = readerOf(ready);
const { tokens } = await readDocument(library, ready, document);
const chunks = chunksFor(library, reader, document);
const { rpc, model } = ready;
const { signal } = new AbortController();
const { state: once } = await rpc.call('state.create', { model });
const whole = [...reader.opening, ...reader.encode(pages.join('\n'))];
await rpc.stream('feed', { state: once, ids: whole }, () => {});

const range = ({ first, last }: { first: number; last: number }) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
const asked = quizzes.slice(0, given.only ?? quizzes.length);
for (const quiz of asked) {
  const { question } = quiz;
  const request = reader.ask(`Answer in one short sentence, from the text above.\nQuestion: ${question}`);
  const common: Asked = { ready, signal, ids: request, maxTokens: 48, repetitionPenalty: 1 };
  const scored = reader.encode(expected(question));
  const fits = await fitsOf(library, ready, chunks, scored, signal);
  const every = await Promise.all(
    chunks.map(async (chunk, i) => ({
      chunk,
      fit: fits[i] ?? Number.NEGATIVE_INFINITY,
      said: await replyFrom(library, chunk, common),
    })),
  );
  const found = library.quotes(question, null, 20);
  const ofWords = [
    ...new Set(
      found.flatMap(({ page }) => every.filter(({ chunk }) => chunk.first <= page && page <= chunk.last)),
    ),
  ];
  const byProbability = every.toSorted((a, b) => b.fit - a.fit);
  const byEntropy = every.toSorted((a, b) => a.said.uncertainty - b.said.uncertainty);
  const named = (order: typeof every) =>
    order.map(({ chunk, said }) => ({ pages: range(chunk), text: said.text }));
  count('chunks by the question’s probability', quiz, named(byProbability));
  count('chunks by the answer’s entropy (OPRM)', quiz, named(byEntropy));
  count('chunks by words (FTS5)', quiz, named(ofWords));
  count('chunks by words and probability', quiz, named(fused(ofWords, byProbability)));
  const fork = (await rpc.call('state.fork', { state: once })).state;
  // No pages: it cannot say where it has it from.
  count('read once, one state', quiz, [{ pages: [], text: (await replyIn(fork, common)).text }]);
  const places = chunks.map((chunk) => ({ document: { id: document, title: '' }, chunk }));
  const behind = await Promise.all(
    byWords(library, places, null, question, 3).map(async ({ page, text }) => {
      const chunk = chunks.find(({ first, last }) => first <= page && page <= last);
      if (!chunk) throw new Error(`Page ${page} was not read.`);
      const ids = [...reader.encode(`\n\n${text}`), ...request];
      const state = await loadChunk(library, ready, chunk);
      return { pages: [page], text: (await replyIn(state, { ...common, ids })).text };
    }),
  );
  count('passages by words, behind their chunks', quiz, behind);
  const { gists, quotes } = await ask(library, ready, null, question, { signal });
  count(
    'passages by words, alone: what ask does',
    quiz,
    gists.map((gist) => ({ pages: gist.pages.flatMap(range), text: gist.text })),
  );
  count(
    'exact quotes',
    quiz,
    quotes.map(({ page, snippet }) => ({ pages: [page], text: snippet.map(({ text }) => text).join('') })),
  );
  console.error(`${asked.indexOf(quiz) + 1} of ${asked.length}: ${question} ${gists[0]?.text ?? ''}`);
}

console.log(
  `${provenance()}\n${ready.loaded.name}: ${asked.length} questions, ${pages.length} pages, ${tokens} tokens, ${chunks.length} chunks`,
);
const head = ['page @1', 'page @3', 'right @1', 'right @3'].map((name) => name.padStart(10)).join('');
console.log(`${''.padEnd(42)}${head}`);
for (const [rule, { hit1, hit3, right1, right3 }] of Object.entries(tallies))
  console.log(
    `${rule.padEnd(42)}${[hit1, hit3, right1, right3].map((n) => String(n).padStart(10)).join('')}`,
  );
if (given.json)
  writeFileSync(
    given.json,
    `${JSON.stringify({ machine: provenance(), model: ready.loaded.name, questions: asked.length, pages: pages.length, tokens, chunks: chunks.length, tallies }, null, 2)}\n`,
  );
await core.close();
library.close();
