/** WordprocessingML (ECMA-376 part 1, section 17) as far as it is text. */
import { tidy } from './clean.ts';
import type { Styles } from './docx-styles.ts';
import type { Block } from './sections.ts';
import { tableText } from './tables.ts';
import { readXml } from './xml.ts';

export interface Notes {
  readonly footnotes: ReadonlyMap<string, string>;
  readonly endnotes: ReadonlyMap<string, string>;
}
const noNotes: Notes = { footnotes: new Map(), endnotes: new Map() };

/** What was deleted, moved away or changed, drawings of the same text for older programs, the codes of fields. */
const unread = new Set(['del', 'moveFrom', 'pPrChange', 'Fallback', 'instrText']);
const marks: Readonly<Record<string, string>> = {
  tab: '\t',
  br: '\n',
  cr: '\n',
  noBreakHyphen: '-',
  ptab: '\t',
};

export function readNotes(part: Uint8Array | null): Map<string, string> {
  const notes = new Map<string, string>();
  if (!part) return notes;
  let id = '';
  let bodies: string[] = [];
  walk(
    part,
    { headings: new Set(), items: new Set() },
    {
      open: (name, { id: number = '', type }) => {
        // Separators are notes too, of a type.
        if (name === 'footnote' || name === 'endnote') [id, bodies] = [type ? '' : number, []];
      },
      close: (name) => {
        if ((name === 'footnote' || name === 'endnote') && id) notes.set(id, bodies.join(' '));
      },
      block: ({ text }) => bodies.push(text),
      refer: () => '',
    },
  );
  return notes;
}

export function readBody(part: Uint8Array, styles: Styles, notes: Notes = noNotes): Block[] {
  const blocks: Block[] = [];
  let pending: string[] = [];
  let [count, wasItem] = [0, false];
  const giveNotes = () => {
    for (const text of pending) blocks.push({ type: 'paragraph', text });
    if (pending.length > 0) wasItem = false;
    pending = [];
  };
  walk(part, styles, {
    block: (block) => {
      if (block.type === 'heading') giveNotes();
      const last = blocks.at(-1);
      // The items of a list are one block of lines.
      if (block.isItem && wasItem && last?.type === 'paragraph')
        blocks[blocks.length - 1] = { type: 'paragraph', text: `${last.text}\n${block.text}` };
      else blocks.push({ type: block.type, text: block.text });
      wasItem = block.isItem;
    },
    refer: (kind, id) => {
      const text = notes[kind].get(id);
      if (!text) return '';
      count += 1;
      pending.push(`[${count}] ${text}`);
      return `[${count}]`;
    },
  });
  giveNotes();
  return blocks;
}

interface Walker {
  readonly open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  readonly close?: (name: string) => void;
  readonly block: (block: { type: 'heading' | 'paragraph'; text: string; isItem: boolean }) => void;
  /** The mark that stands in the text for a note. */
  readonly refer: (kind: keyof Notes, id: string) => string;
}

/** Paragraphs may hold text boxes with paragraphs of their own, and cells may hold tables. */
function walk(part: Uint8Array, styles: Styles, walker: Walker): void {
  const paragraphs: { text: string; isHeading: boolean; isItem: boolean }[] = [];
  const tables: { rows: string[][]; cell: string[] }[] = [];
  let skipped = 0;
  let inText = false;

  const end = () => {
    const paragraph = paragraphs.pop();
    if (!paragraph) return;
    const text = tidy(paragraph.text);
    if (!text) return;
    const table = tables.at(-1);
    const isItem = paragraph.isItem && !paragraph.isHeading;
    const body = isItem ? `- ${text}` : text;
    if (table) table.cell.push(body);
    else walker.block({ type: paragraph.isHeading ? 'heading' : 'paragraph', text: body, isItem });
  };

  readXml(part, {
    open(name, attributes) {
      if (skipped > 0 || unread.has(name)) {
        skipped++;
        return;
      }
      walker.open?.(name, attributes);
      const paragraph = paragraphs.at(-1);
      const { val = '' } = attributes;
      if (name === 'p') paragraphs.push({ text: '', isHeading: false, isItem: false });
      else if (name === 'tbl') tables.push({ rows: [], cell: [] });
      else if (name === 'tr') tables.at(-1)?.rows.push([]);
      else if (!paragraph) return;
      else if (name === 't') inText = true;
      else if (name === 'pStyle') {
        paragraph.isHeading ||= styles.headings.has(val);
        paragraph.isItem ||= styles.items.has(val);
      } else if (name === 'outlineLvl') paragraph.isHeading ||= Number(val) < 9;
      else if (name === 'numId') paragraph.isItem = val !== '0';
      else if (name === 'footnoteReference') paragraph.text += walker.refer('footnotes', attributes.id ?? '');
      else if (name === 'endnoteReference') paragraph.text += walker.refer('endnotes', attributes.id ?? '');
      else if (Object.hasOwn(marks, name) && !isTabStop(attributes)) paragraph.text += marks[name];
    },
    close(name) {
      if (skipped > 0) {
        skipped--;
        return;
      }
      if (name === 'p') end();
      else if (name === 't') inText = false;
      else if (name === 'tc') {
        const table = tables.at(-1);
        table?.rows.at(-1)?.push(table.cell.join('\n'));
        if (table) table.cell = [];
      } else if (name === 'tbl') {
        const text = tableText(tables.pop()?.rows ?? []);
        const outer = tables.at(-1);
        if (outer) outer.cell.push(text);
        else if (text) walker.block({ type: 'paragraph', text, isItem: false });
      }
      walker.close?.(name);
    },
    text(text) {
      const paragraph = paragraphs.at(-1);
      if (inText && paragraph && skipped === 0) paragraph.text += text;
    },
  });
}

/** The same element name defines a stop of the ruler, which has a place. */
const isTabStop = ({ pos }: Readonly<Record<string, string>>) => pos !== undefined;
