/**
 * What reading and asking a document cost: speed against plain prefill, the engine's peak memory against that for 20
 * pages, the first word of an answer by either way, with the tokens that were fed for it, and whether reading several
 * chunks at once would be faster.
 * Speeds are pairs of the same tokens in alternating order, so that drift cancels.
 * usage: node test/bench/documents.ts [--pages N] [--pairs N] [--memory] [--json FILE]
 * --memory: the peaks and the pace of one long reading, nothing else; 1,000 pages are about 500,000 tokens.
 */
import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { ask } from '../../electron/core/documents/asking.ts';
import { readerOf } from '../../electron/core/documents/reader.ts';
import { chunksFor, readDocument } from '../../electron/core/documents/reading.ts';
import { parseOptions } from '../../electron/headless/options.ts';
import type { Answer } from '../../electron/shared/documents.ts';
import { counted } from '../contract/counted.ts';
import { benchCore, factOf, libraryOf, longDocument } from './documents-made.ts';
import { median, provenance, someIds, summary } from './measure.ts';

const given = parseOptions(process.argv.slice(2), {
  pages: { kind: 'integer', help: '' },
  pairs: { kind: 'integer', help: '' },
  memory: { kind: 'flag', help: '' },
  json: { kind: 'text', help: '' },
});
const pages = given.pages ?? 200;
const pairs = given.pairs ?? 5;
const few = 20;
const unheardOf = {
  'one word': 'Xylophones?',
  'a question': 'Whose xylophones frightened seven zebras yesterday?',
};
const figures: Record<string, readonly number[]> = {};
const { core, ready } = await benchCore();
const { rpc, model } = ready;
const reader = readerOf(ready);

function tell(name: string, values: readonly number[], unit: string, digits = 1): void {
  figures[name] = values;
  console.log(`${name}: ${summary(values, unit, digits)}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function feed(ids: readonly number[], chunk?: number): Promise<void> {
  const { state } = await rpc.call('state.create', { model });
  await rpc.stream('feed', { state, ids, ...(chunk ? { chunk } : {}) }, () => {});
  await rpc.call('state.free', { state });
}

/** All that a reading does, from text to states on the disk, against feeding the same tokens once. */
async function speed(): Promise<void> {
  const measured: { reading: number; plain: number }[] = [];
  for (let pair = -1; pair < pairs; pair++) {
    const { library, document } = libraryOf(longDocument(4, 100 + pair));
    const whole = longDocument(4, 100 + pair).join('\n');
    const ids = [...reader.opening, ...reader.encode(whole)];
    const work = {
      reading: () => readDocument(library, ready, document),
      plain: () => feed(ids),
    };
    const order = pair % 2 === 0 ? (['reading', 'plain'] as const) : (['plain', 'reading'] as const);
    const ms = { reading: 0, plain: 0 };
    for (const which of order) ms[which] = await timed(work[which]);
    library.close();
    if (pair >= 0)
      measured.push({ reading: (1000 * ids.length) / ms.reading, plain: (1000 * ids.length) / ms.plain });
  }
  tell(
    'plain prefill',
    measured.map(({ plain }) => plain),
    'tokens/s',
  );
  tell(
    'reading',
    measured.map(({ reading }) => reading),
    'tokens/s',
  );
  tell(
    'reading, as a share of plain prefill',
    measured.map(({ reading, plain }) => (100 * reading) / plain),
    '%',
  );
}

/** More rows at once are what a batch of chunks would be: where they bring nothing, neither would it. */
async function batches(): Promise<void> {
  const ids = someIds(1024, ready.loaded.vocabulary);
  for (const chunk of [64, 128, 256, 512]) {
    const rates: number[] = [];
    for (let run = -1; run < pairs; run++) {
      const ms = await timed(() => feed(ids, chunk));
      if (run >= 0) rates.push((1000 * ids.length) / ms);
    }
    tell(`prefill, ${chunk} tokens at once`, rates, 'tokens/s');
  }
}

async function peakOf(count: number) {
  const { library, document } = libraryOf(longDocument(count));
  await rpc.call('resetPeak', {});
  const reading = await readDocument(library, ready, document);
  const { peakBytes, footprintBytes } = await rpc.call('memory', {});
  return { library, document, reading, peakBytes, footprintBytes };
}

/** The long document, read; the caller closes its library. */
async function memory() {
  const small = await peakOf(few);
  small.library.close();
  const large = await peakOf(pages);
  const { library, document, reading } = large;
  const chunks = chunksFor(library, reader, document).length;
  const seconds = reading.ms / 1000;
  tell('pages', [pages], '', 0);
  tell('tokens', [reading.tokens], '', 0);
  tell('chunks', [chunks], '', 0);
  tell('kept on the disk', [library.stateBytes(document) / 2 ** 20], 'MiB');
  tell('reading all of it', [seconds], 's');
  tell('reading all of it, pace', [reading.tokens / seconds], 'tokens/s');
  tell('reading all of it, pages', [pages / seconds], 'pages/s', 2);
  tell(`peak, ${few} pages`, [small.peakBytes / 2 ** 20], 'MiB', 2);
  tell(`peak, ${pages} pages`, [large.peakBytes / 2 ** 20], 'MiB', 2);
  tell(`peak, against ${few} pages`, [large.peakBytes / small.peakBytes], '', 4);
  tell(`footprint, ${pages} pages`, [large.footprintBytes / 2 ** 20], 'MiB');
  return { library, document, chunks };
}

async function asking({ library, document, chunks }: Awaited<ReturnType<typeof memory>>): Promise<void> {
  const { ready: used, fed } = counted(ready);
  const runs = async (
    count: number,
    questionOf: (run: number) => string,
    check: (answer: Answer, run: number) => void,
  ) => {
    const answers: { answer: Answer; fed: number }[] = [];
    for (let run = -1; run < count; run++) {
      const before = fed();
      const answer = await ask(library, used, [document], questionOf(run));
      check(answer, run);
      if (run >= 0) answers.push({ answer, fed: fed() - before });
    }
    return answers;
  };
  const pageOf = (run: number) => 1 + Math.floor(((run + 1.5) * pages) / 11);
  const byWords = await runs(
    10,
    (run) => factOf(pageOf(run)).question,
    ({ passageTokens, gists }, run) => {
      // Of the document, three passages of a sentence or a few; never a chunk.
      if (passageTokens > 3 * 200) throw new Error(`${passageTokens} tokens were read again`);
      if (gists[0]?.pages[0]?.first !== pageOf(run)) console.log(`page ${pageOf(run)} was not found first`);
    },
  );
  const told = (by: string, answers: Awaited<ReturnType<typeof runs>>) => {
    const each = (name: string, unit: string, from: (one: (typeof answers)[number]) => number) =>
      tell(`asked by ${by}: ${name}`, answers.map(from), unit, unit === 'ms' ? 1 : 0);
    each('first token', 'ms', ({ answer }) => answer.firstTokenMs);
    each('all of the answer', 'ms', ({ answer }) => answer.ms);
    each('tokens fed, as the engine was given them', '', (one) => one.fed);
    each('of these the document’s', '', ({ answer }) => answer.passageTokens);
    return each;
  };
  told('its words', byWords);
  // Of no word in it: the states of all chunks are asked.
  for (const [length, question] of Object.entries(unheardOf)) {
    await rpc.call('resetPeak', {});
    const answers = await runs(
      pairs,
      () => question,
      (answer) => {
        if (answer.passageTokens !== 0 || answer.chunks !== chunks)
          throw new Error('something was read again');
      },
    );
    const each = told(`the states, ${length}`, answers);
    each('first token for 50 chunks', 'ms', ({ answer }) => (50 * answer.firstTokenMs) / chunks);
    tell(`asked by the states, ${length}: peak`, [(await rpc.call('memory', {})).peakBytes / 2 ** 20], 'MiB');
  }
}

const load = () => loadavg()[0]?.toFixed(1);
const began = load();
console.log(`${provenance()}\n${ready.loaded.name}, load average ${began}`);
if (!given.memory) {
  await speed();
  await batches();
}
const long = await memory();
if (!given.memory) await asking(long);
long.library.close();
console.log(`load average ${load()}`);
if (given.json) {
  const medians = Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, median(values)]));
  const about = { machine: provenance(), model: ready.loaded.name, loadAverage: [began, load()] };
  writeFileSync(given.json, `${JSON.stringify({ ...about, medians, figures }, null, 2)}\n`);
}
await core.close();
