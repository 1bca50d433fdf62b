/** Sessions as files of the page: saved by the browser's own download, read in pieces. */
import type { Contract, ExportFormat, Session } from '../../electron/shared/contract.ts';
import { AppError } from '../../electron/shared/errors.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import { saveFile } from '../app/save.ts';

/** Bytes in a piece on its way in; base64 makes a third more of it. */
const pieceBytes = 4 * 2 ** 20;
/** String.fromCharCode takes that many arguments everywhere. */
const few = 8192;

export async function exportFile(
  rpc: Client<Contract>,
  session: string,
  format: ExportFormat,
): Promise<void> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const { name } = await rpc.stream('sessions.export', { session, format }, ({ data }) =>
    pieces.push(bytesOf(data)),
  );
  saveFile(name, pieces);
}

export async function importFile(rpc: Client<Contract>, file: File): Promise<Session> {
  return rpc.call('imports.finish', await sendFile(rpc, file));
}

/**
 * Hands core a file's bytes; `onSent` is told how many have gone. Between two pieces it can be aborted. Where it ends
 * early, core forgets what came.
 */
export async function sendFile(
  rpc: Client<Contract>,
  file: File,
  onSent: (bytes: number) => unknown = () => undefined,
  signal?: AbortSignal,
): Promise<{ import: string }> {
  const begun = await rpc.call('imports.begin', { name: file.name });
  try {
    for (let at = 0; at < file.size; at += pieceBytes) {
      signal?.throwIfAborted();
      const piece = new Uint8Array(
        await file
          .slice(at, at + pieceBytes)
          .arrayBuffer()
          .catch(unreadable),
      );
      await rpc.call('imports.add', { ...begun, data: base64Of(piece) });
      onSent(at + piece.length);
    }
    signal?.throwIfAborted();
  } catch (error) {
    await rpc.call('imports.cancel', begun).catch(() => undefined); // there is nobody left to tell
    throw error;
  }
  return begun;
}

/** A browser tells no more of a dropped folder, or of a file that has gone or changed meanwhile. */
function unreadable(): never {
  throw new AppError(
    'file-unreadable',
    'It is a folder, or it was changed or removed.',
    'Choose the file again; of a folder, the files in it.',
  );
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += few) text += String.fromCharCode(...bytes.subarray(i, i + few));
  return btoa(text);
}
