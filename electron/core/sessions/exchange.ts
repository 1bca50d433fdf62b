/** Sessions out of the app and into it: Markdown to read, JSON with the whole tree, `.llamba` with the states too. */
import type { ExportFormat } from '../../shared/sessions.ts';
import { archiveParts, importArchive, inPieces, longestJson } from './exchange/archive.ts';
import { ByteReader, type Bytes } from './exchange/byte-reader.ts';
import { documentOf, documentText, readDocument, rowsOf } from './exchange/document.ts';
import { markdownOf } from './exchange/markdown.ts';
import { begins, writeParts } from './exchange/parts.ts';
import { statesOf } from './exchange/states.ts';
import type { SessionRow } from './rows.ts';
import type { Shelf } from './shelf.ts';
import { pathTo } from './tree.ts';

const endings: Record<ExportFormat, string> = { markdown: 'md', json: 'json', llamba: 'llamba' };

/** A name for the file, after the title. */
export function exportName({ title }: Pick<SessionRow, 'title'>, format: ExportFormat): string {
  const name = title.replaceAll(/[\s\p{C}\\/:*?"<>|]+/gu, ' ').replace(/^[.\s]+/u, '');
  return `${Array.from(name).slice(0, 60).join('').trim() || 'Session'}.${endings[format]}`;
}

/**
 * The file in pieces of at most 256 KiB. What is in it was read at the first piece: a session may be written on
 * meanwhile. Throws `file-unreadable` when a checkpoint file changes under it.
 */
export async function* exportSession(
  shelf: Shelf,
  row: SessionRow,
  format: ExportFormat,
): AsyncGenerator<Uint8Array> {
  const { store, states } = shelf;
  const turns = store.turns(row.id);
  const preset = store.presets().find(({ name }) => name === row.preset);
  const document = documentOf(row, turns, preset);
  if (format === 'markdown') {
    yield* inPieces(Buffer.from(markdownOf(document, pathTo(turns, row.leaf))));
  } else if (format === 'json') {
    yield* inPieces(Buffer.from(documentText(document)));
  } else {
    const standing = statesOf(store, row.id, new Set(turns.map(({ id }) => id)));
    yield* writeParts(archiveParts(documentText(document), standing, states));
  }
}

/**
 * A file of the latter two formats, told by its first bytes: gives the new session's id. Throws `file-invalid` with what
 * is wrong with it, or `disk-full`; then nothing of it is left.
 */
export async function importSession(shelf: Shelf, source: Bytes): Promise<string> {
  const reader = new ByteReader(source);
  if (await begins(reader)) return importArchive(shelf, reader);
  const { session, turns } = rowsOf(readDocument(await reader.text(longestJson)));
  shelf.store.transaction(() => {
    shelf.store.addSession(session);
    for (const turn of turns) shelf.store.addTurn(turn);
  });
  return session.id;
}
