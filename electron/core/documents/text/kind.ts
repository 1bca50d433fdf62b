/** What a file is, by what it holds; its name decides only between kinds of text. */
import { extname } from 'node:path';
import type { DocumentKind } from '../../../shared/documents.ts';
import { decode, isBinary } from './decode.ts';
import { empty, unreadable } from './unreadable.ts';

/** Bytes of the beginning that are looked at. */
export const headBytes = 65_536;

/** 'archive': a zip file, whose parts say what it is. Throws `document-unreadable` for what is none of the kinds. */
export function kindOf(head: Buffer, path: string): DocumentKind | 'archive' {
  if (head.length === 0) throw empty();
  const start = head.toString('latin1', 0, 1024);
  if (start.includes('%PDF-')) return 'pdf';
  if (start.startsWith('PK\x03\x04')) return 'archive';
  const known = foreign.find(({ magic }) => magic.some((word) => start.startsWith(word)));
  if (known) throw unreadable(known.why, known.hint);
  const text = decode(head.subarray(0, head.length - (head.length === headBytes ? cutCharacter(head) : 0)));
  if (isBinary(text)) throw unreadable('it is of no kind that this app knows', usual);
  return textKind(text, extname(path).toLowerCase());
}

/** Bytes at the end of a beginning that may be the half of a UTF-8 character. */
function cutCharacter(head: Buffer): number {
  for (let back = 1; back <= 4; back++) {
    const byte = head.at(-back) ?? 0;
    if ((byte & 0xc0) !== 0x80) return byte >= 0xc0 ? back : 0;
  }
  return 0;
}

const usual = 'PDF, DOCX, EPUB, HTML, Markdown and plain text can be read.';
const unpack = 'Unpack it and add the files in it.';
const foreign: readonly { readonly magic: readonly string[]; readonly why: string; readonly hint: string }[] =
  [
    {
      magic: ['\xd0\xcf\x11\xe0'],
      why: 'it is an old Word file or one that is protected by a password',
      hint: 'Open it in its own app and save it as DOCX without a password.',
    },
    {
      magic: ['{\\rtf'],
      why: 'it is an RTF file',
      hint: 'Open it in its own app and save it as DOCX or PDF.',
    },
    {
      magic: ['\x89PNG', '\xff\xd8\xff', 'GIF8', 'II*\0', 'MM\0*', 'RIFF'],
      why: 'it is a picture or a sound',
      hint: usual,
    },
    { magic: ['\x1f\x8b', '7z\xbc\xaf', 'Rar!', 'BZh'], why: 'it is a packed archive', hint: unpack },
    { magic: ['%!PS'], why: 'it is a PostScript file', hint: 'Convert it to PDF first.' },
  ];

function textKind(text: string, ending: string): DocumentKind {
  const looksLikeHtml = /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<(!doctype html|html|head|body)\b/i.test(
    text,
  );
  if (looksLikeHtml) return 'html';
  if (['.html', '.htm', '.xhtml'].includes(ending)) return /<[a-z][^>]*>/i.test(text) ? 'html' : 'text';
  if (['.md', '.markdown', '.mdown'].includes(ending)) return 'markdown';
  if (ending === '.txt' || ending === '.text') return 'text';
  const hasHeadings = /^#{1,6} \S/m.test(text) && !text.startsWith('#!');
  return hasHeadings && /^(#{2,6} \S|[-*] \S|```|\[.+\]\()/m.test(text) ? 'markdown' : 'text';
}

/** Which kind the parts of a zip archive make. */
export function archiveKind(names: readonly string[]): 'docx' | 'epub' {
  const has = (pattern: RegExp) => names.some((name) => pattern.test(name));
  if (has(/^META-INF\/container\.xml$/)) return 'epub';
  if (has(/^word\/document\d*\.xml$/)) return 'docx';
  if (has(/^xl\//))
    throw unreadable('it is a spreadsheet', 'Save the sheet as PDF, or as text, and add that.');
  if (has(/^ppt\//)) throw unreadable('it is a presentation', 'Save it as PDF and add that.');
  if (has(/^content\.xml$/))
    throw unreadable('it is an OpenDocument file', 'Save it as DOCX or PDF and add that.');
  throw unreadable('it is a zip archive of other files', unpack);
}
