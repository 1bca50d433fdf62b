/** A zip archive in memory (PKWARE's APPNOTE, 4.3), honest unless told otherwise. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface Part {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Told instead of the true size. */
  readonly toldBytes?: number;
}

export function writeZip(parts: readonly Part[]): Buffer {
  const [locals, records]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const { name, content, toldBytes } of parts) {
    const plain = Buffer.from(content as string);
    const packed = deflateRawSync(plain);
    const label = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2); // names are UTF-8
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(toldBytes ?? plain.length, 18);
    common.writeUInt16LE(label.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, label, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    records.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, rest, label]));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(records);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

const head = '<?xml version="1.0" encoding="UTF-8"?>';
const word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

/** `body`: the content of w:body; `others`: further parts. */
export const writeDocx = (body: string, others: readonly Part[] = []) =>
  writeZip([
    {
      name: 'word/document.xml',
      content: `${head}<w:document ${word}><w:body>${body}</w:body></w:document>`,
    },
    ...others,
  ]);

/** w:p with plain runs; `style` is an identifier. */
export const paragraph = (text: string, style = '') =>
  `<w:p>${style && `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;

export const styles: Part = {
  name: 'word/styles.xml',
  content: `${head}<w:styles ${word}>
    <w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
    <w:style w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
    <w:style w:styleId="Punkt"><w:name w:val="Punkt"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
  </w:styles>`,
};

/** `chapters` by their path beside the package file, in reading order. */
export function writeEpub(
  chapters: readonly { readonly href: string; readonly body: string; readonly attributes?: string }[],
  {
    title = 'A book',
    extra = [] as readonly Part[],
    name = decodeURIComponent as (href: string) => string,
  } = {},
): Buffer {
  const items = chapters.map(
    ({ href, attributes = '' }, i) =>
      `<item id="c${i}" href="${href}" media-type="application/xhtml+xml" ${attributes}/>`,
  );
  return writeZip([
    { name: 'mimetype', content: 'application/epub+zip' },
    {
      name: 'META-INF/container.xml',
      content: `${head}<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>`,
    },
    {
      name: 'OPS/book.opf',
      content: `${head}<package xmlns:dc="x"><metadata><dc:title>${title}</dc:title></metadata>
        <manifest>${items.join('')}</manifest><spine>${chapters.map((_, i) => `<itemref idref="c${i}"/>`).join('')}</spine></package>`,
    },
    ...chapters.map(({ href, body }) => ({
      name: `OPS/${name(href)}`,
      content: `${head}<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>${body}</body></html>`,
    })),
    ...extra,
  ]);
}
