/** EPUB: the parts of the book in the order of its spine, headings within them as sections. */
import { posix } from 'node:path';
import { type Archive, openArchive } from './archive.ts';
import { oneLine } from './clean.ts';
import type { Read, Source } from './extracted.ts';
import { decodeMarkup } from './html.ts';
import { blocksOf } from './markup.ts';
import { type Block, sections } from './sections.ts';
import { damaged, unreadable } from './unreadable.ts';
import { readXml } from './xml.ts';

interface Package {
  readonly title: string;
  /** Names in the archive, in reading order. */
  readonly spine: readonly string[];
  /** Its spine names none of its parts: they stand as they are listed. */
  readonly isUnordered: boolean;
}

const readable = /^(application\/xhtml\+xml|text\/html|text\/x-oeb1-document|application\/xml|text\/xml)$/;

export async function readEpub({ path, name, limits, progress }: Source): Promise<Read> {
  const archive = await openArchive(path, limits.unpackedBytes);
  try {
    const book = await readPackage(archive);
    const locked = await encryptedParts(archive);
    const blocks: Block[] = [];
    let missing = 0;
    for (const [i, part] of book.spine.entries()) {
      if (locked.has(part)) throw protectedBook();
      const bytes = await archive.read(part);
      if (bytes) {
        const { title, blocks: found } = blocksOf(decodeMarkup(bytes));
        blocks.push({ type: 'border', label: title === book.title ? '' : title });
        for (const block of found) blocks.push(block);
      } else missing++;
      progress(i + 1, book.spine.length);
    }
    const notes = [
      missing > 0 && `${missing} of ${book.spine.length} parts of the book are missing in the file.`,
      book.isUnordered &&
        'The book does not say in which order its parts are read; they stand as it lists them.',
    ].filter((note) => note !== false);
    return { title: book.title || name, pages: sections(blocks), notes };
  } finally {
    await archive.close();
  }
}

async function readPackage(archive: Archive): Promise<Package> {
  const container = await archive.read('META-INF/container.xml');
  if (!container) throw damaged('it has no table of its parts');
  let place = '';
  readXml(container, {
    open: (name, attributes) => {
      if (name === 'rootfile') place ||= attributes['full-path'] ?? '';
    },
  });
  const description = await archive.read(place);
  if (!description) throw damaged('it has no table of its parts');
  const manifest = new Map<string, { href: string; type: string; isNavigation: boolean }>();
  const order: string[] = [];
  let [title, inTitle] = ['', false];
  readXml(description, {
    open: (name, attributes) => {
      const { id = '', href = '', properties = '', idref = '', linear } = attributes;
      if (name === 'item')
        manifest.set(id, {
          href,
          type: attributes['media-type'] ?? '',
          isNavigation: properties.split(/\s+/).includes('nav'),
        });
      else if (name === 'itemref' && linear !== 'no') order.push(idref);
      else if (name === 'title') inTitle = title === '';
    },
    close: (name) => {
      if (name === 'title') inTitle = false;
    },
    text: (text) => {
      if (inTitle) title += text;
    },
  });
  const named = order.map((id) => manifest.get(id));
  const isUnordered = named.every((item) => item === undefined);
  const spine = (isUnordered ? [...manifest.values()] : named)
    .filter((item) => item !== undefined && !item.isNavigation && readable.test(item.type))
    .map((item) => inside(place, (item as { href: string }).href));
  if (spine.length === 0) throw damaged('it names no part to read');
  // A part that is named twice is read once.
  return { title: oneLine(title), spine: [...new Set(spine)], isUnordered };
}

/** A path within the archive; one that leads out of it names nothing there. */
function inside(place: string, href: string): string {
  const plain = (href.split(/[#?]/)[0] as string).replace(/%[0-9a-f]{2}/gi, (code) => {
    return String.fromCharCode(Number.parseInt(code.slice(1), 16));
  });
  // Percent codes are UTF-8; one that is not stays as it was written.
  const bytes = Buffer.from(plain, 'latin1');
  const named = /[\u0100-\uffff]/.test(plain) ? plain : bytes.toString('utf8');
  return posix.normalize(posix.join(posix.dirname(place), named));
}

/** Fonts may be scrambled; text that is can be read by nobody but its shop's app. */
async function encryptedParts(archive: Archive): Promise<Set<string>> {
  const found = new Set<string>();
  const list = await archive.read('META-INF/encryption.xml');
  if (list)
    readXml(list, {
      open: (name, { URI }) => {
        if (name === 'CipherReference' && URI) found.add(inside('', URI));
      },
    });
  return found;
}

const protectedBook = () =>
  unreadable(
    'it is protected by its seller (DRM)',
    'Only the seller’s own app can open it; add a copy without protection.',
  );
