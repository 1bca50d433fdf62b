/**
 * What reading and asking a document cost: speed against plain prefill, the engine's peak memory against that for 20
 * pages, the first word of an answer, and whether reading several chunks at once would be faster.
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
  const rates = { together: [] as number[], 'one after the other': [] as number[] };
  const part = ids.slice(0, 256);
  const four = [part, part, part, part];
  for (let run = -1; run < pairs; run++) {
    const together = await timed(() => Promise.all(four.map((each) => feed(each))));
    const alone = await timed(async () => {
      for (const each of four) await feed(each);
    });
    if (run < 0) continue;
    rates.together.push((1000 * ids.length) / together);
    rates['one after the other'].push((1000 * ids.length) / alone);
  }
  for (const [name, values] of Object.entries(rates)) tell(`four chunks of 256, ${name}`, values, 'tokens/s');
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
  const answers = [];
  for (let i = -1; i < 10; i++) {
    const page = 1 + Math.floor(((i + 1.5) * pages) / 11);
    const answer = await ask(library, ready, [document], factOf(page).question);
    // Of the document, three passages of a sentence or a few; never a chunk.
    if (answer.passageTokens > 3 * 200) throw new Error(`${answer.passageTokens} tokens were read again`);
    if (answer.gists[0]?.pages[0]?.first !== page) console.log(`page ${page} was not found first`);
    if (i >= 0) answers.push(answer);
  }
  tell(
    'asked by its words: first token',
    answers.map(({ firstTokenMs }) => firstTokenMs),
    'ms',
  );
  tell(
    'asked by its words: all of the answer',
    answers.map(({ ms }) => ms),
    'ms',
  );
  tell(
    'asked by its words: tokens fed',
    answers.map(({ fedTokens }) => fedTokens),
    '',
    0,
  );
  tell(
    'asked by its words: of these the document’s',
    answers.map(({ passageTokens }) => passageTokens),
    '',
    0,
  );
  const unknown = [];
  for (let i = -1; i < 3; i++) {
    const answer = await ask(library, ready, [document], 'Xylophones?');
    if (answer.passageTokens !== 0 || answer.chunks !== chunks) throw new Error('something was read again');
    if (i >= 0) unknown.push(answer);
  }
  const per50 = unknown.map(({ firstTokenMs }) => (50 * firstTokenMs) / chunks);
  tell(
    'asked by probability: first token',
    unknown.map(({ firstTokenMs }) => firstTokenMs),
    'ms',
  );
  tell('asked by probability: first token for 50 chunks', per50, 'ms');
  tell(
    'asked by probability: tokens fed',
    unknown.map(({ fedTokens }) => fedTokens),
    '',
    0,
  );
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
