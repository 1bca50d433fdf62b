/** The parts of a zip archive that are asked for by name; nothing is ever written anywhere. */
import { inflateRawSync } from 'node:zlib';
import { openFile } from '../../../../models/convert/positioned-file.ts';
import { dataOffset, readZip, type ZipEntry } from '../../../../models/convert/zip.ts';
import { damaged, tooMuch, unreadable } from './unreadable.ts';

export interface Archive {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** null: there is none of that name. */
  read(name: string): Promise<Buffer | null>;
  close(): Promise<void>;
}

/** Books have thousands of parts, not more. */
const mostEntries = 20_000;

/** Throws `document-unreadable`; `unpackedBytes` is for all that is read from it, together. */
export async function openArchive(path: string, unpackedBytes: number): Promise<Archive> {
  const file = await openFile(path);
  let entries: Map<string, ZipEntry>;
  try {
    entries = await readZip(file);
    if (entries.size > mostEntries) throw tooMuch(`its archive holds ${entries.size} parts`);
  } catch (error) {
    await file.close();
    if ((error as { code?: string }).code === 'document-unreadable') throw error;
    throw damaged(`its archive is damaged (${(error as Error).message.replace(/^.*: |\.$/g, '')})`);
  }
  let left = unpackedBytes;
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    async read(name) {
      const entry = entries.get(name);
      if (!entry) return null;
      if (entry.method === 'other')
        throw unreadable(`its part ${name} is packed in an unknown way`, 'Save it again.');
      const tooLarge = () =>
        tooMuch(`its parts unpack to more than ${Math.round(unpackedBytes / 2 ** 20)} MB`);
      // A size that is told may be a lie, so the unpacking is bounded too.
      if (entry.bytes > left) throw tooLarge();
      const stored = await readStored(entry);
      const bytes = entry.method === 'stored' ? stored : inflate(stored, left, name, tooLarge);
      left -= bytes.length;
      return bytes;
    },
    close: () => file.close(),
  };

  async function readStored(entry: ZipEntry): Promise<Buffer> {
    try {
      return await file.read(await dataOffset(file, entry), entry.storedBytes);
    } catch {
      throw damaged(`its part ${entry.name} is damaged`);
    }
  }
}

function inflate(stored: Buffer, left: number, name: string, tooLarge: () => Error): Buffer {
  try {
    return inflateRawSync(stored, { maxOutputLength: Math.max(left, 1) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw damaged(`its part ${name} is damaged`);
  }
}
