/** Documents made for benchmarks: prose with facts whose pages are known, and pages of words without end. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCore } from '../../electron/core/core.ts';
import { type Library, openLibrary } from '../../electron/core/documents/library.ts';
import { spawnEngine } from '../../electron/engine/spawn.ts';
import { type Random, seeded } from '../user/seeded.ts';
import { modelPath } from './measure.ts';

export interface Quiz {
  readonly question: string;
  /** Any of these, in lower case. */
  readonly answer: readonly string[];
  readonly evidence: string;
  /** That hold at least a part of the evidence, from 1. */
  readonly pages: readonly number[];
}

const file = (path: string) => readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8');
const pageCharacters = 2000;

/** Prose of 24 pages, with planted sentences between its paragraphs, and questions about both. */
export function quizDocument(prose = file('prose/south.txt')): { pages: string[]; quizzes: Quiz[] } {
  const { standing, planted } = JSON.parse(file('documents/questions.json'));
  const random = seeded(5);
  const paragraphs = prose.split('\n\n').map((text) => text.trim());
  for (const { evidence } of planted)
    paragraphs.splice(random.between(1, paragraphs.length - 1), 0, evidence);
  const pages = pagesOf(paragraphs.join('\n\n'));
  const starts = pages.map((_, i) => pages.slice(0, i).reduce((sum, page) => sum + page.length + 1, 0));
  const text = pages.join('\n').replaceAll(/\s/g, ' ');
  const quizzes = [...standing, ...planted].map((one: Omit<Quiz, 'pages'>): Quiz => {
    const at = text.indexOf(one.evidence);
    if (at < 0) throw new Error(`It does not stand in the text: ${one.evidence}`);
    const holding = starts.map((start, i) => ({ page: i + 1, start, end: start + (pages[i]?.length ?? 0) }));
    const there = holding.filter(({ start, end }) => start < at + one.evidence.length && end > at);
    return { ...one, pages: there.map(({ page }) => page) };
  });
  return { pages, quizzes };
}

/** Cut between words, where a page would be too long; a single space or line's end goes with the cut. */
function pagesOf(text: string): string[] {
  const pages: string[] = [];
  let rest = text;
  while (rest.length > pageCharacters) {
    const at = rest.lastIndexOf(' ', pageCharacters);
    pages.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  return [...pages, rest];
}

const words =
  'the of and to in that was his with for as had on at by which not from but her all were they when would been so ' +
  'who there their one out about time into could great little house water night never before again under light hand ' +
  'country morning letter window garden river between children always nothing because something together remember ' +
  'question answered captain evening possible mountain village thousand silence harbour journey summer remained';
const vocabulary = words.split(' ');

/** Pages of about 500 tokens, all different; page `p` has one sentence of its own, as `factOf` has it. */
export function longDocument(count: number, seed = 1): string[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => {
    const sentences = Array.from({ length: 32 }, () => sentenceOf(random));
    sentences.splice(random.between(1, 30), 0, factOf(i + 1).said);
    return sentences.join(' ');
  });
}

export const factOf = (page: number) => ({
  said: `Keeper number ${1000 + page} lives in the lighthouse.`,
  question: `Where does keeper number ${1000 + page} live?`,
});

function sentenceOf(random: Random): string {
  const all = Array.from({ length: random.between(10, 18) }, () => random.pick(vocabulary));
  return `${all.join(' ').replace(/^./, (first) => first.toUpperCase())}.`;
}

/** A library of its own, in a new folder that goes when it is closed, that holds these pages as one document. */
export function libraryOf(pages: readonly string[]): { library: Library; document: string } {
  const folder = mkdtempSync(join(tmpdir(), 'llamba-bench-'));
  const library = openLibrary(folder);
  const document = 'made';
  const characters = pages.reduce((sum, { length }) => sum + length, 0);
  library.putDocument(
    {
      id: document,
      hash: `${pages.length} ${characters}`,
      path: 'made.txt',
      title: 'Made',
      kind: 'text',
      bytes: characters,
      pages: pages.length,
      characters,
      notes: [],
      addedAt: 0,
    },
    pages.map((text, i) => ({ label: String(i + 1), text })),
  );
  const close = () => {
    library.close();
    rmSync(folder, { recursive: true });
  };
  return { library: { ...library, close }, document };
}

/** The engine with the model under measure. */
export async function benchCore() {
  const core = createCore({
    host: 'cli',
    version: '0',
    data: null,
    models: [{ path: join(modelPath, '..'), embedded: true }],
    startEngine: () => spawnEngine(),
    loadAtStart: false,
  });
  await core.load(modelPath);
  return { core, ready: await core.ready() };
}
