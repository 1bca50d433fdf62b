/** A PDF in memory (ISO 32000-1), plain enough to be checked by eye: Helvetica, uncompressed, one stream a page. */

export interface Line {
  readonly x: number;
  /** From the bottom, as PDF counts. */
  readonly y: number;
  readonly text: string;
  readonly size?: number;
}

export const width = 420;
export const height = 595;

export function writePdf(pages: readonly (readonly Line[])[], info = ''): Buffer {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    `<</Type/Pages/Count ${pages.length}/Kids[${pages.map((_, i) => `${5 + 2 * i} 0 R`).join(' ')}]>>`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[1/fi/fl]>>>>',
    `<<${info}>>`,
  ];
  for (const [i, lines] of pages.entries()) {
    const stream = lines.map(drawn).join('\n');
    objects.push(
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${width} ${height}]/Resources<</Font<</F 3 0 R>>>>/Contents ${6 + 2 * i} 0 R>>`,
      `<</Length ${stream.length}>>stream\n${stream}\nendstream`,
    );
  }
  const parts = ['%PDF-1.4\n'];
  const places: number[] = [];
  let at = (parts[0] as string).length;
  for (const [i, object] of objects.entries()) {
    const part = `${i + 1} 0 obj\n${object}\nendobj\n`;
    places.push(at);
    parts.push(part);
    at += part.length;
  }
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  parts.push(
    `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}`,
    `trailer<</Size ${objects.length + 1}/Root 1 0 R/Info 4 0 R>>\nstartxref\n${at}\n%%EOF\n`,
  );
  return Buffer.from(parts.join(''), 'latin1');
}

/** Ligatures are single glyphs, as typesetters use them. */
const drawn = ({ x, y, text, size = 10 }: Line) =>
  `BT /F ${size} Tf ${x} ${y} Td (${text
    .replace(/[()\\]/g, '\\$&')
    .replaceAll('•', '\\225')
    .replaceAll('fi', '\\001')
    .replaceAll('fl', '\\002')}) Tj ET`;

/** Lines of one column, from `top` downwards. */
export const column = (texts: readonly string[], { x = 50, top = 520, pitch = 13, size = 10 } = {}): Line[] =>
  texts.map((text, i) => ({ x, y: top - pitch * i, text, size }));
