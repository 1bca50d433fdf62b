/** Takes the text out in this very process. The app calls extract.ts, which gives hostile files a process of their own. */
import { open } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { DocumentKind } from '../../../shared/documents.ts';
import { openArchive } from './archive.ts';
import { decode } from './decode.ts';
import type { ExtractedText, Limits, Read, Source } from './extracted.ts';
import { archiveKind, headBytes, kindOf } from './kind.ts';
import { cannotOpen, empty, tooMuch } from './unreadable.ts';

/** Libraries are loaded by the kind that needs them. */
const readers: Record<DocumentKind, (source: Source) => Promise<Read>> = {
  pdf: async (source) => (await import('./pdf/pdf.ts')).readPdf(source),
  docx: async (source) => (await import('./docx.ts')).readDocx(source),
  epub: async (source) => (await import('./epub.ts')).readEpub(source),
  html: async (source) => (await import('./html.ts')).readHtml(await whole(source), source.name),
  markdown: async (source) =>
    (await import('./markdown.ts')).readMarkdown(decode(await whole(source)), source.name),
  text: async (source) =>
    (await import('./plain-text.ts')).readText(decode(await whole(source)), source.name),
};

/** Throws AppErrors: `document-unreadable` with a reason, `file-unreadable` with the system's. */
export async function extractHere(
  path: string,
  limits: Limits,
  progress: (done: number, total: number) => void,
): Promise<Omit<ExtractedText, 'characters'>> {
  const { head, size } = await beginning(path);
  if (size > limits.fileBytes)
    throw tooMuch(
      `the file has ${Math.round(size / 2 ** 20)} MB, more than ${Math.round(limits.fileBytes / 2 ** 20)}`,
    );
  const found = kindOf(head, path);
  const kind = found === 'archive' ? await kindOfArchive(path, limits) : found;
  const name = basename(path, extname(path));
  const { title, pages, notes } = await readers[kind]({ path, name, limits, progress });
  if (pages.every(({ text }) => !text)) throw empty();
  if (pages.length > limits.pages)
    throw tooMuch(`it has ${pages.length} sections, more than ${limits.pages}`);
  const characters = pages.reduce((sum, { text }) => sum + text.length, 0);
  if (characters > limits.characters) throw tooMuch(`it holds more than ${limits.characters} characters`);
  return { kind, title: title.slice(0, 300), pages, notes };
}

async function beginning(path: string): Promise<{ head: Buffer; size: number }> {
  try {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw Object.assign(new Error(), { code: 'EISDIR' });
      const head = Buffer.alloc(Math.min(headBytes, stats.size));
      const { bytesRead } = await file.read(head, 0, head.length, 0);
      return { head: head.subarray(0, bytesRead), size: stats.size };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw cannotOpen(path, error as NodeJS.ErrnoException);
  }
}

async function kindOfArchive(path: string, limits: Limits): Promise<DocumentKind> {
  const archive = await openArchive(path, limits.unpackedBytes);
  await archive.close();
  return archiveKind(archive.names);
}

async function whole({ path }: Source): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}
