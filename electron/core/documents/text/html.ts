/** HTML files. */
import { decode } from './decode.ts';
import type { Read } from './extracted.ts';
import { blocksOf } from './markup.ts';
import { sections } from './sections.ts';

export function readHtml(bytes: Uint8Array, name: string): Read {
  const { title, blocks } = blocksOf(decodeMarkup(bytes));
  const first = blocks.find(({ type }) => type === 'heading');
  return {
    title: title || (first?.type === 'heading' ? first.text : '') || name,
    pages: sections(blocks),
    notes: [],
  };
}

/** In the encoding that the file's beginning declares, in a way that every encoding of the web shares. */
export function decodeMarkup(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 2048)).toString('latin1');
  const told =
    /<meta[^>]{1,400}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i.exec(head)?.[1] ??
    /^\s*<\?xml[^>]{1,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']/i.exec(head)?.[1];
  return decode(bytes, told);
}
