/** Markdown stays as it is written, which reads well, but for escapes and bare anchors; headings outside of fences begin sections. */
import { oneLine, plain, tidyRaw } from './clean.ts';
import type { Read } from './extracted.ts';
import { type Block, sections } from './sections.ts';

const atx = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const underline = /^ {0,3}(=+|-{2,})\s*$/;
const fence = /^ {0,3}(`{3,}|~{3,})/;

export function readMarkdown(text: string, name: string): Read {
  const { title, body } = withoutFrontMatter(plain(text).replace(/<!--[\s\S]*?(-->|$)/g, ''));
  const blocks = blocksOf(body);
  const first = blocks.find(({ type }) => type === 'heading');
  const heading = first?.type === 'heading' ? first.label : '';
  return { title: title || heading || name, pages: sections(blocks), notes: [] };
}

/** Without its marks. */
const headingText = (line: string) => oneLine((atx.exec(line)?.[2] ?? line).replace(/[*_`]{1,3}/g, ''));

/** A code span, an escaped mark, or a place to jump to. */
const unsaid = /(`{1,20})[^`].*?\1|\\([!-/:-@[-`{-~])|<a\s[^<>]*>\s*<\/a>/g;

/** Escapes say only that a mark is no mark; what begins a line stays escaped, or it would be one. */
const said = (line: string) =>
  line.replace(unsaid, (whole, code?: string, mark?: string, at = 0) =>
    code !== undefined || (mark !== undefined && /^\s*$/.test(line.slice(0, at))) ? whole : (mark ?? ''),
  );

function blocksOf(body: string): Block[] {
  const blocks: Block[] = [];
  let lines: string[] = [];
  let open: string | null = null;
  const close = () => {
    blocks.push({ type: 'paragraph', text: tidyRaw(lines.join('\n')) });
    lines = [];
  };
  for (const written of body.split('\n')) {
    const line: string = open === null ? said(written) : written;
    const mark = fence.exec(line)?.[1];
    if (open !== null) {
      // A fence is closed by its own kind, at least as long.
      if (mark?.startsWith(open) && line.trim() === mark) open = null;
      lines.push(line);
    } else if (mark) {
      open = mark;
      lines.push(line);
    } else if (atx.test(line)) {
      close();
      blocks.push({ type: 'heading', text: line.trim(), label: headingText(line) });
    } else if (underline.test(line) && isParagraph(lines.at(-1)) && !isParagraph(lines.at(-2))) {
      const heading = lines.pop() as string;
      close();
      blocks.push({ type: 'heading', text: `${heading}\n${line.trim()}`, label: headingText(heading) });
    } else lines.push(line);
  }
  close();
  return blocks;
}

/** No list, quotation, table or code, which a line of dashes does not make a heading. */
const isParagraph = (line: string | undefined) =>
  line !== undefined && line.trim() !== '' && !/^\s*([-*+>|]|\d+[.)]\s)|^ {4}/.test(line);

function withoutFrontMatter(text: string): { title: string; body: string } {
  const front = /^---\n([\s\S]{0,20000}?)\n(?:---|\.\.\.)(?:\n|$)/.exec(text);
  if (!front || !/^[\w-]+\s*:/m.test(front[1] as string)) return { title: '', body: text };
  const title = /^title\s*:\s*(.*)$/im.exec(front[1] as string)?.[1] ?? '';
  return { title: oneLine(title.replace(/^\s*(["'])(.*)\1\s*$/, '$2')), body: text.slice(front[0].length) };
}
