/** 300 damaged files of every kind: each gives text or a reason, and the app that asked goes on. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { extractText } from '../../../../electron/core/documents/text/extract.ts';
import { mutate } from '../../../fuzz/mutate.ts';
import { type Random, seeded } from '../../../user/seeded.ts';
import type { Outcome } from './feeder.ts';
import { committed, fileOf } from './reading.ts';
import { writePdf } from './write-pdf.ts';
import { paragraph, styles, writeDocx, writeEpub } from './write-zip.ts';

/** Each file that is damaged, or a maker of one whose parts were damaged before they were packed. */
const seeds: Record<string, (random: Random) => Buffer> = {
  'a.pdf': whole('weasyprint-report.pdf'),
  'b.pdf': whole('ghostscript-letter.pdf'),
  'c.pdf': (random) => mutate(writePdf([[{ x: 50, y: 500, text: 'a line (with) \\ marks' }]]), random),
  'd.pdf': whole('reportlab-half-scan.pdf'),
  'e.pdf': whole('reportlab-form.pdf'),
  'a.docx': whole('pandoc-docx.docx'),
  'b.docx': (random) =>
    writeDocx(mutate(Buffer.from(paragraph('a', 'berschrift1').repeat(5)), random).toString('latin1'), [
      styles,
    ]),
  'a.epub': whole('pandoc-epub3.epub'),
  'b.epub': (random) =>
    writeEpub([
      {
        href: 'a.xhtml',
        body: mutate(Buffer.from('<h1>a</h1><table><tr><td>b</table>'), random).toString('latin1'),
      },
    ]),
  'a.html': whole('pandoc-html5.html'),
  'a.md': whole('pandoc-gfm.md'),
  'a.txt': whole('pandoc-plain.txt'),
};
const inputs = 300;
const patienceMs = 20_000;

let feeder: ChildProcess | null = null;
afterAll(() => feeder?.kill('SIGKILL'));

it(`gives text or a reason for ${inputs} damaged files`, async () => {
  const names = Object.keys(seeds);
  const counts: Record<string, number> = {};
  for (let input = 0; input < inputs; input++) {
    const name = names[input % names.length] as string;
    const bytes = (seeds[name] as (random: Random) => Buffer)(seeded(1000 + input));
    const path = fileOf(`fuzz${extname(name)}`, bytes);
    const outcome = (await feed(path)) ?? (await byItself(path));
    const what = outcome.code ?? 'read';
    expect(
      ['read', 'document-unreadable'],
      `input ${input}, ${name}: ${outcome.code} ${outcome.message}`,
    ).toContain(what);
    if (outcome.code) expect(outcome.hint).not.toBe('');
    counts[what] = (counts[what] ?? 0) + 1;
  }
  // Both happen often, or nothing was tested.
  expect(counts.read).toBeGreaterThan(inputs / 10);
  expect(counts['document-unreadable']).toBeGreaterThan(inputs / 20);
}, 300_000);

it('gives a reason through the process of its own, too', async () => {
  const random = seeded(5);
  for (const name of ['a.pdf', 'a.docx', 'a.epub', 'c.pdf']) {
    const bytes = (seeds[name] as (random: Random) => Buffer)(random);
    const torn = bytes.subarray(0, random.between(60, 200));
    await expect(extractText(fileOf(`torn${extname(name)}`, torn))).rejects.toMatchObject({
      code: 'document-unreadable',
    });
  }
}, 60_000);

/** null: the process hung or died, which the app's own process for documents has to make a reason of. */
async function feed(path: string): Promise<Outcome | null> {
  feeder ??= fork(fileURLToPath(new URL('./feeder.ts', import.meta.url)), {
    execArgv: ['--max-old-space-size=1024'],
    stdio: 'ignore',
  });
  const one = feeder;
  const outcome = await new Promise<Outcome | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), patienceMs);
    const done = (value: Outcome | null) => {
      clearTimeout(timer);
      one.removeAllListeners();
      resolve(value);
    };
    one.once('message', (message) => done(message as Outcome));
    one.once('exit', () => done(null));
    one.send(path);
  });
  if (!outcome) {
    one.kill('SIGKILL');
    feeder = null;
  }
  return outcome;
}

async function byItself(path: string): Promise<Outcome> {
  try {
    const { pages } = await extractText(path, { limits: { seconds: 30 } });
    return { code: null, message: '', hint: '', pages: pages.length };
  } catch (error) {
    return { ...(error as Outcome), pages: 0 };
  }
}

function whole(name: string): (random: Random) => Buffer {
  const seed = readFileSync(committed(name));
  return (random) => mutate(seed, random);
}
