/** PDF: page by page, so that memory does not follow the number of pages. */
import { readFile } from 'node:fs/promises';
import { oneLine, tidy } from '../clean.ts';
import type { Read, Source } from '../extracted.ts';
import { damaged, tooMuch, unreadable } from '../unreadable.ts';
import { regionsOf } from './columns.ts';
import { upright } from './fragments.ts';
import { furniture, neighbourhood, type Sheet } from './furniture.ts';
import { resolveHyphens } from './hyphens.ts';
import { openPdf, type PdfFile, type Seen } from './open-pdf.ts';
import { pageText } from './paragraphs.ts';
import { rowsOf, segmentsOf } from './rows.ts';

export async function readPdf({ path, name, limits, progress }: Source): Promise<Read> {
  const pdf = await openPdf(await readFile(path));
  if (pdf.pages > limits.pages) throw tooMuch(`it has ${pdf.pages} pages, more than ${limits.pages}`);
  const texts: string[] = [];
  const window = new Map<number, Laid>();
  const told = { damaged: 0, cleared: 0, garbled: 0, textless: [] as number[] };
  let characters = 0;

  // A page is set when the pages that it is compared with are known.
  for (let page = 1; page <= pdf.pages + neighbourhood; page++) {
    if (page <= pdf.pages) {
      const laid = await lay(pdf, page);
      window.set(page, laid);
      if (laid.isDamaged) told.damaged++;
      else if (laid.sheet.rows.length === 0) told.textless.push(page);
      progress(page, pdf.pages);
    }
    const due = page - neighbourhood;
    const laid = window.get(due);
    if (!laid) continue;
    const text = setPage(laid, neighbours(window, due), () => told.cleared++);
    if (isGarbled(text)) told.garbled++;
    characters += text.length;
    if (characters > limits.characters) throw tooMuch(`it holds more than ${limits.characters} characters`);
    texts.push(text);
    window.delete(due - neighbourhood);
  }

  const seen = told.textless.length > 0 ? await pdf.seenOn(told.textless) : 'nothing';
  if (texts.every((text) => !text)) throw withoutText(pdf.pages, seen, told.damaged);
  const labels = await pdf.labels();
  const pages = resolveHyphens(texts).map((text, i) => ({
    label: oneLine(labels?.[i] ?? '') || String(i + 1),
    text: tidy(text),
  }));
  const notes = [
    told.textless.length > 0 && `${told.textless.length} of ${pdf.pages} pages hold ${held[seen]}.`,
    told.damaged > 0 && `${told.damaged} of ${pdf.pages} pages are damaged and could not be read.`,
    told.garbled > 0 &&
      `The letters of ${told.garbled} of ${pdf.pages} pages have no names in the file; their text may be wrong.`,
    told.cleared > 0 &&
      `Headers, footers or page numbers that repeat were left out on ${told.cleared === 1 ? '1 page' : `${told.cleared} pages`}.`,
  ].filter((note) => note !== false);
  return { title: oneLine(await pdf.title()) || name, pages, notes };
}

interface Laid {
  readonly sheet: Sheet;
  /** Text that is turned against the rest of its page comes after it. */
  readonly aside: string;
  readonly isDamaged: boolean;
}

async function lay(pdf: PdfFile, page: number): Promise<Laid> {
  const content = await pdf.content(page);
  if (!content) return { sheet: { rows: [], height: 1 }, aside: '', isDamaged: true };
  const [main, ...others] = upright(content.items, content.viewport);
  const rows = main ? rowsOf(segmentsOf(main.fragments)) : [];
  const aside = others.map(({ fragments }) => pageText(regionsOf(segmentsOf(fragments)))).join('\n\n');
  return { sheet: { rows, height: main?.height ?? 1 }, aside, isDamaged: false };
}

function setPage({ sheet, aside }: Laid, others: ReadonlyMap<number, Sheet>, onCleared: () => void): string {
  const left = furniture(sheet, others);
  if (left.size > 0) onCleared();
  const segments = sheet.rows.filter((row) => !left.has(row)).flatMap((row) => row.segments);
  return [pageText(regionsOf(segments)), aside].filter(Boolean).join('\n\n');
}

function neighbours(window: ReadonlyMap<number, Laid>, page: number): Map<number, Sheet> {
  const found = new Map<number, Sheet>();
  for (let distance = -neighbourhood; distance <= neighbourhood; distance++) {
    const other = distance === 0 ? undefined : window.get(page + distance);
    if (other) found.set(distance, other.sheet);
  }
  return found;
}

/** Fonts without a table of their letters give private, replacement or control characters. */
const isGarbled = (text: string) =>
  (text.match(/[[\ue001-\uf8ff\ufffd\p{Cc}]--[\s\ue000]]/gv)?.length ?? 0) >
    0.2 * text.replace(/\s/g, '').length && text.length > 0;

const held: Record<Seen, string> = {
  pictures: 'pictures only',
  letters: 'letters of fonts that are not in the file',
  nothing: 'no text',
};

function withoutText(pages: number, seen: Seen, broken: number) {
  const all = pages === 1 ? 'its page' : `all ${pages} pages`;
  const verb = pages === 1 ? 'holds' : 'hold';
  if (broken === pages) return damaged(`${all} ${pages === 1 ? 'is' : 'are'} damaged`);
  if (seen === 'pictures')
    return unreadable(
      `${all} ${verb} pictures only, as a scan does`,
      'Put it through a program that recognises text (OCR), then add what that saves.',
    );
  if (seen === 'letters')
    return unreadable(`${all} ${verb} ${held.letters}`, 'Save it again with its fonts, or as DOCX or text.');
  return unreadable('it holds no text', 'Check that it is the file you meant.');
}
