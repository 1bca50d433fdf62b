/** In the app's bundle, the process that takes the text out of a document is a file beside the others. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, expect, it } from 'vitest';
import type { ExtractedText } from '../../electron/core/documents/text/extracted.ts';
import { buildShell } from '../../scripts/build-shell.ts';

const here = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'llamba-bundle-'));
let extractText: (path: string) => Promise<ExtractedText>;

beforeAll(async () => {
  await buildShell(folder);
  // The part of the main process that starts it, bundled in the same way.
  const outfile = join(folder, 'starts-it.mjs');
  const entryPoints = [here('electron/core/documents/text/extract.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm' });
  ({ extractText } = await import(outfile));
});

it.each(['pdflatex-article.pdf', 'libreoffice-tides.docx', 'pandoc-epub3.epub', 'groff-letter.html'])(
  'takes the text out of %s',
  async (name) => {
    const { pages, kind } = await extractText(here(`test/fixtures/documents/${name}`));
    expect(name.endsWith(kind)).toBe(true);
    expect(pages[0]?.text).toMatch(/\w+ \w+/);
  },
);
it('refuses what it cannot read with its reason', async () => {
  await expect(extractText(here('test/fixtures/documents/qpdf-password.pdf'))).rejects.toMatchObject({
    code: 'document-unreadable',
  });
});
