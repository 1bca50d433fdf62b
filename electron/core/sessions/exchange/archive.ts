/**
 * A session with its states in one file, `.llamba`: `session.json`, then the files of its checkpoints, then
 * `states.json`. Streamed both ways, for states may take hundreds of megabytes.
 */
import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { sync } from '../files.ts';
import type { Shelf } from '../shelf.ts';
import { diskFull } from '../sqlite-errors.ts';
import type { ByteReader } from './byte-reader.ts';
import { readDocument, rowsOf, type SessionDocument } from './document.ts';
import { invalid } from './invalid.ts';
import { type Part, type ReadPart, readParts } from './parts.ts';
import { putStates, readStates, type States, type StatesDocument, statesText } from './states.ts';

const sessionName = 'session.json';
const statesName = 'states.json';
const stateName = /^[0-9a-f]{8,128}\.safetensors$/u;

const pieceBytes = 2 ** 18;

/** Longest JSON that is read in; a session of a million tokens has a hundredth of it. */
export const longestJson = 256 * 2 ** 20;

/** `document`: the text of the session's JSON; `folder`: of the checkpoint files, null where there are none. */
export async function* archiveParts(
  document: string,
  states: States,
  folder: string | null,
): AsyncGenerator<Part> {
  yield textPart(sessionName, document);
  const files = new Set<string>();
  for (const { file, bytes } of new Map(states.checkpoints.map((row) => [row.file, row])).values()) {
    const handle = folder === null ? null : await opened(join(folder, file));
    try {
      // One that is lost or cut off is left out: its state is read again where it is missing.
      if (!handle || (await handle.stat()).size !== bytes) continue;
      files.add(file);
      yield { name: file, bytes, content: contentOf(handle) };
    } finally {
      await handle?.close();
    }
  }
  yield textPart(statesName, statesText(states, files));
}

async function* contentOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(pieceBytes));
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

function textPart(name: string, text: string): Part {
  const bytes = Buffer.from(text);
  return { name, bytes: bytes.length, content: inPieces(bytes) };
}

export function* inPieces(bytes: Uint8Array, size = pieceBytes): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const opened = (path: string): Promise<FileHandle | null> =>
  open(path).catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });

interface Received {
  readonly document: SessionDocument;
  readonly states: StatesDocument;
  /** By the name in the archive. */
  readonly files: ReadonlyMap<string, ReceivedFile>;
}

interface ReceivedFile {
  readonly temporary: string;
  /** That it gets here: by the sum of what is in it, whatever it was called. */
  readonly name: string;
  readonly bytes: number;
}

/** Gives the new session's id. Throws `file-invalid` or `disk-full`, and then nothing of it is left. */
export async function importArchive(shelf: Shelf, source: ByteReader): Promise<string> {
  const temporaries: string[] = [];
  try {
    const received = await receive(source, () => {
      if (shelf.states === null) return null;
      const path = join(shelf.states, `importing-${randomUUID()}.tmp`);
      temporaries.push(path);
      return path;
    });
    return keep(shelf, received);
  } catch (error) {
    const { code } = error as { code?: unknown };
    throw code === 'ENOSPC' || code === 'EDQUOT' ? diskFull() : error;
  } finally {
    for (const path of temporaries) rmSync(path, { force: true });
  }
}

/** Reads and checks all of it. `place`: where the file of a checkpoint is put meanwhile; null: it is not kept. */
async function receive(source: ByteReader, place: () => string | null): Promise<Received> {
  let document: SessionDocument | undefined;
  let states: StatesDocument | undefined;
  const names = new Set<string>();
  const files = new Map<string, ReceivedFile>();
  for await (const part of readParts(source)) {
    if (states) throw invalid('there is more in it than a session');
    if (!document) {
      if (part.name !== sessionName) throw invalid('there is no session in it');
      document = readDocument(await textOf(part));
    } else if (part.name === statesName) {
      states = readStates(await textOf(part), document, names);
    } else {
      const isState = stateName.test(part.name) && !names.has(part.name);
      if (!isState) throw invalid(`${part.name} does not belong in it`);
      names.add(part.name);
      const temporary = place();
      await write(part, temporary);
      const { bytes } = part;
      if (temporary) files.set(part.name, { temporary, name: `${part.sha256()}.safetensors`, bytes });
    }
  }
  if (!document || !states) throw invalid('it is cut off');
  return { document, states, files };
}

async function textOf({ content, bytes }: ReadPart): Promise<string> {
  if (bytes > longestJson) throw invalid('it is larger than any session');
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function write({ content }: ReadPart, path: string | null): Promise<void> {
  const file = path === null ? null : await open(path, 'wx', 0o600);
  try {
    for await (const piece of content) await file?.writeFile(piece);
    await file?.sync();
  } finally {
    await file?.close();
  }
}

/** Files first, durable under their names, then the rows that need them. Nothing else runs in between. */
function keep(shelf: Shelf, { document, states, files }: Received): string {
  const { store } = shelf;
  const folder = shelf.states ?? '';
  const rows = rowsOf(document);
  try {
    for (const { temporary, name } of files.values()) renameSync(temporary, join(folder, name));
    if (files.size > 0) sync(folder);
    store.transaction(() => {
      store.addSession(rows.session);
      for (const turn of rows.turns) store.addTurn(turn);
      putStates(store, states, rows, files);
    });
  } catch (error) {
    const needed = store.files();
    for (const { name } of files.values()) if (!needed.has(name)) rmSync(join(folder, name), { force: true });
    throw error;
  }
  return rows.session.id;
}
