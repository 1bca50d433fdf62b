/**
 * What taking the text out of a document costs: 500 pages of each kind, seconds in a process of its own, and that
 * process's peak memory beside what it has with 20 pages.
 * usage: node test/bench/extract.ts [PAGES]
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractText } from '../../electron/core/documents/text/extract.ts';
import { extractHere } from '../../electron/core/documents/text/extract-here.ts';
import { usualLimits } from '../../electron/core/documents/text/extracted.ts';
import { column, writePdf } from '../unit/documents/text/write-pdf.ts';
import { paragraph, styles, writeDocx, writeEpub } from '../unit/documents/text/write-zip.ts';
import { seeded } from '../user/seeded.ts';
import { provenance } from './measure.ts';

async function bench(pages: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'llamba-bench-'));
  const file = (name: string, content: Buffer | string) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  try {
    console.log(provenance());
    console.log('kind      file MB  characters  seconds  peak MiB  (20 pages)');
    for (const [kind, make] of Object.entries(makers)) {
      const path = file(`bench.${kind}`, make(pages));
      const few = file(`few.${kind}`, make(20));
      const from = performance.now();
      const { characters } = await extractText(path);
      const seconds = (performance.now() - from) / 1000;
      console.log(
        [
          kind.padEnd(8),
          (statSync(path).size / 1e6).toFixed(2).padStart(8),
          String(characters).padStart(11),
          seconds.toFixed(2).padStart(8),
          (await peakMiB(path)).toFixed(0).padStart(9),
          (await peakMiB(few)).toFixed(0).padStart(10),
        ].join(' '),
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function peakMiB(path: string): Promise<number> {
  const child = fork(import.meta.filename, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('message', (peak) => resolve(peak as number));
    child.once('exit', (code) => reject(new Error(`the reading process ended (${code})`)));
    child.send(path);
  });
}

/** A page of 40 lines of 60 characters in 4 paragraphs, as a book has. */
const makers: Record<string, (pages: number) => Buffer | string> = {
  pdf: (pages) =>
    writePdf(
      prose(pages).map((page, i) => [
        { x: 160, y: 575, text: 'The Office of the Tides', size: 8 },
        ...column(
          page.flatMap((text) => [...wrapped(text), '']),
          { top: 550, pitch: 11, size: 9 },
        ).filter(({ text }) => text),
        { x: 200, y: 20, text: String(i + 1), size: 8 },
      ]),
    ),
  docx: (pages) =>
    writeDocx(
      prose(pages)
        .map(
          (page, i) =>
            paragraph(`Chapter ${i + 1}`, 'berschrift1') + page.map((text) => paragraph(text)).join(''),
        )
        .join(''),
      [styles],
    ),
  epub: (pages) =>
    writeEpub(
      prose(pages).map((page, i) => ({
        href: `c${i}.xhtml`,
        body: page.map((text) => `<p>${text}</p>`).join(''),
      })),
    ),
  html: (pages) =>
    `<!doctype html><html><body>${prose(pages)
      .map((page, i) => `<h2>Chapter ${i + 1}</h2>${page.map((text) => `<p>${text}</p>`).join('')}`)
      .join('\n')}`,
  md: (pages) =>
    prose(pages)
      .map((page, i) => `## Chapter ${i + 1}\n\n${page.join('\n\n')}\n`)
      .join('\n'),
  txt: (pages) =>
    prose(pages)
      .map((page) => page.join('\n\n'))
      .join('\n\n'),
};

function prose(pages: number): string[][] {
  const random = seeded(1);
  const word = () => (random.between(1, 5000) * 7919).toString(36);
  const sentence = () => `${Array.from({ length: 10 }, word).join(' ')}.`;
  return Array.from({ length: pages }, () =>
    Array.from({ length: 4 }, () => Array.from({ length: 12 }, sentence).join(' ')),
  );
}

const wrapped = (text: string) => text.match(/.{1,70}(?: |$)/g) ?? [];

/** As the process that reads `path`: tells its peak. */
if (process.send) {
  process.once('message', async (path: string) => {
    await extractHere(path, usualLimits, () => undefined);
    process.send?.(process.resourceUsage().maxRSS / 1024, () => process.exit());
  });
} else await bench(Number(process.argv[2] ?? 500));
