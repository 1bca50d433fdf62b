/** PDF.js as this app uses it: nothing is drawn, fetched or run. */
import { getDocument, OPS, VerbosityLevel } from 'unpdf/pdfjs';
import { damaged, unreadable } from '../unreadable.ts';
import { writtenOn } from './fields.ts';
import type { PdfItem } from './fragments.ts';

/** Letters without text: of a font that the file neither holds nor explains. */
export type Seen = 'pictures' | 'letters' | 'nothing';

export interface PdfFile {
  readonly pages: number;
  /** null: the page is damaged. Pages count from 1. */
  content(page: number): Promise<{
    readonly items: readonly PdfItem[];
    readonly viewport: { readonly transform: number[]; readonly width: number; readonly height: number };
  } | null>;
  labels(): Promise<readonly string[] | null>;
  title(): Promise<string>;
  /** What is on some of these pages, which have no text. */
  seenOn(pages: readonly number[]): Promise<Seen>;
}

/** Pages between two cleanings of what PDF.js keeps of fonts and objects: 34 kB a page else. */
const cleanEvery = 100;
/** Decoding a scan costs seconds: a few pages stand for all. */
const looked = 4;
const pictureOperators = new Set<number>([
  OPS.paintImageXObject,
  OPS.paintInlineImageXObject,
  OPS.paintImageMaskXObject,
]);

export async function openPdf(bytes: Buffer): Promise<PdfFile> {
  const task = getDocument({
    data: new Uint8Array(bytes),
    verbosity: VerbosityLevel.ERRORS,
    useSystemFonts: false,
    disableFontFace: true,
    enableXfa: false,
    stopAtErrors: false,
  });
  const document = await task.promise.catch((error: Error) => {
    if (error.name === 'PasswordException')
      throw unreadable('it is protected by a password', 'Save a copy without the password and add that.');
    throw damaged(`it is no whole PDF (${error.message.replace(/\.$/, '')})`);
  });
  return {
    pages: document.numPages,
    async content(number) {
      try {
        const page = await document.getPage(number);
        const { items } = await page.getTextContent();
        const written = (await page.getAnnotations()).flatMap(writtenOn);
        const viewport = page.getViewport({ scale: 1 });
        page.cleanup();
        if (number % cleanEvery === 0) await document.cleanup();
        return { items: [...items.filter((item) => 'str' in item), ...written], viewport };
      } catch {
        return null;
      }
    },
    labels: () => document.getPageLabels().catch(() => null),
    title: async () => {
      const { info } = await document.getMetadata().catch(() => ({ info: {} }));
      const { Title } = info as { Title?: unknown };
      return typeof Title === 'string' ? Title : '';
    },
    async seenOn(pages) {
      const step = Math.ceil(pages.length / looked);
      const seen = new Set<Seen>();
      for (const number of pages.filter((_, i) => i % step === 0)) {
        const page = await document.getPage(number);
        const { items } = await page.getTextContent();
        const { fnArray } = await page.getOperatorList().catch(() => ({ fnArray: [] as number[] }));
        page.cleanup();
        if (items.length === 0 && fnArray.includes(OPS.showText)) seen.add('letters');
        if (fnArray.some((operator) => pictureOperators.has(operator))) seen.add('pictures');
      }
      return seen.has('letters') ? 'letters' : seen.has('pictures') ? 'pictures' : 'nothing';
    },
  };
}
