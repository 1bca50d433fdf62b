/** What is kept of documents: rows of the database, and the calls that read and write them. All is synchronous. */
import type { DocumentKind } from '../../shared/documents.ts';
import { json, parsed, type Tables } from '../sessions/statements.ts';
import { pageSeam } from './chunks.ts';
import type { Fault } from './degenerate.ts';

export interface DocumentRow {
  readonly id: string;
  /** SHA-256 of the file, hex. */
  readonly hash: string;
  /** Where the file lay when it came in. */
  readonly path: string;
  readonly title: string;
  readonly kind: DocumentKind;
  /** Of the file. */
  readonly bytes: number;
  readonly pages: number;
  readonly characters: number;
  readonly notes: readonly string[];
  readonly addedAt: number;
}

export interface PageRow {
  readonly label: string;
  readonly text: string;
}

export interface ChunkRow {
  readonly number: number;
  /** From the beginning of page `first`. */
  readonly from: number;
  readonly length: number;
  readonly first: number;
  readonly last: number;
  readonly tokens: number;
  /** What a state of it stands for. */
  readonly state: string;
}

/** `read`: there is a state of it. */
export type KnownChunk = ChunkRow & { readonly read: boolean };

export interface StateRow {
  readonly state: string;
  readonly file: string;
  readonly bytes: number;
  readonly tokens: number;
}

export interface NoteRow {
  readonly state: string;
  readonly request: string;
  readonly text: string;
  readonly uncertainty: number;
  /** Why it is of no use; null: it is. */
  readonly fault: Fault | null;
}

export interface DocumentRows {
  /** Latest first. */
  documents(): DocumentRow[];
  document(id: string): DocumentRow | null;
  byHash(hash: string): DocumentRow | null;
  /** The one that came from there last. */
  byPath(path: string): DocumentRow | null;
  /** With its pages; what was there under its id is replaced. */
  putDocument(row: DocumentRow, pages: readonly PageRow[]): void;
  movedTo(id: string, path: string): void;
  removeDocument(id: string): void;
  page(document: string, page: number): PageRow | null;
  texts(document: string): string[];
  labels(document: string): string[];
  /** In order; empty: it was not cut for this reader yet. */
  chunks(document: string, reader: string): KnownChunk[];
  putChunks(document: string, reader: string, chunks: readonly ChunkRow[]): void;
  chunkText(document: string, chunk: ChunkRow): string;
  state(state: string): StateRow | null;
  putState(row: StateRow): void;
  note(state: string, request: string): NoteRow | null;
  putNote(row: NoteRow): void;
  /** States and notes of a text that is in no document any more. */
  dropUnneeded(): void;
  dropFiles(files: readonly string[]): void;
  files(): Set<string>;
  /** Of all states of the document, whoever read it. */
  stateBytes(document: string): number;
}

type Raw<T, Text extends keyof T> = { [K in keyof T]: K extends Text ? string : T[K] };

export function documentRows({ prepare, transaction }: Tables): DocumentRows {
  type RawDocument = Raw<DocumentRow, 'notes'>;
  const columns = 'id, hash, path, title, kind, bytes, pages, characters, notes, addedAt';
  const all = prepare<RawDocument>(`SELECT ${columns} FROM documents ORDER BY addedAt DESC, n DESC`);
  const byId = prepare<RawDocument>(`SELECT ${columns} FROM documents WHERE id = ?`);
  const byHash = prepare<RawDocument>(`SELECT ${columns} FROM documents WHERE hash = ?`);
  const byPath = prepare<RawDocument>(
    `SELECT ${columns} FROM documents WHERE path = ? ORDER BY addedAt DESC, n DESC LIMIT 1`,
  );
  const put = prepare(`INSERT INTO documents (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const move = prepare('UPDATE documents SET path = ? WHERE id = ?');
  const remove = prepare('DELETE FROM documents WHERE id = ?');
  const putPage = prepare('INSERT INTO pages (document, page, label, text) VALUES (?, ?, ?, ?)');
  const page = prepare<PageRow>('SELECT label, text FROM pages WHERE document = ? AND page = ?');
  const texts = prepare<PageRow>('SELECT text FROM pages WHERE document = ? ORDER BY page');
  const labels = prepare<PageRow>('SELECT label FROM pages WHERE document = ? ORDER BY page');
  const some = prepare<PageRow>(
    'SELECT text FROM pages WHERE document = ? AND page BETWEEN ? AND ? ORDER BY page',
  );
  const chunks = prepare<ChunkRow & { file: string | null }>(
    `SELECT number, "from", length, first, last, chunks.tokens, chunks.state, file
     FROM chunks LEFT JOIN states ON states.state = chunks.state WHERE document = ? AND reader = ? ORDER BY number`,
  );
  const putChunk = prepare('INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const state = prepare<StateRow>('SELECT state, file, bytes, tokens FROM states WHERE state = ?');
  const putState = prepare('INSERT OR REPLACE INTO states (state, file, bytes, tokens) VALUES (?, ?, ?, ?)');
  const dropUnneeded = prepare('DELETE FROM states WHERE state NOT IN (SELECT state FROM chunks)');
  const dropNotes = prepare('DELETE FROM notes WHERE state NOT IN (SELECT state FROM chunks)');
  const note = prepare<NoteRow>('SELECT * FROM notes WHERE state = ? AND request = ?');
  const putNote = prepare('INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?, ?)');
  const dropFile = prepare('DELETE FROM states WHERE file = ?');
  const files = prepare<{ file: string }>('SELECT DISTINCT file FROM states');
  const stateBytes = prepare<{ bytes: number | null }>(
    `SELECT sum(bytes) AS bytes FROM states WHERE state IN (SELECT state FROM chunks WHERE document = ?)`,
  );
  const read = (row: RawDocument | undefined): DocumentRow | null =>
    row ? { ...row, notes: parsed(row.notes) ?? [] } : null;

  return {
    documents: () => all.all().map((row) => ({ ...row, notes: parsed(row.notes) ?? [] })),
    document: (id) => read(byId.get(id)),
    byHash: (hash) => read(byHash.get(hash)),
    byPath: (path) => read(byPath.get(path)),
    putDocument: (row, pages) =>
      transaction(() => {
        remove.run(row.id);
        const { id, hash, path, title, kind, bytes, characters, notes, addedAt } = row;
        put.run(id, hash, path, title, kind, bytes, row.pages, characters, json(notes), addedAt);
        for (const [i, { label, text }] of pages.entries()) putPage.run(id, i + 1, label, text);
      }),
    movedTo: (id, path) => void move.run(path, id),
    removeDocument: (id) => void remove.run(id),
    page: (document, number) => page.get(document, number) ?? null,
    texts: (document) => texts.all(document).map(({ text }) => text),
    labels: (document) => labels.all(document).map(({ label }) => label),
    chunks: (document, reader) =>
      chunks.all(document, reader).map(({ file, ...chunk }) => ({ ...chunk, read: file !== null })),
    putChunks: (document, reader, rows) =>
      transaction(() => {
        for (const { number, from, length, first, last, tokens, state } of rows)
          putChunk.run(document, reader, number, from, length, first, last, tokens, state);
      }),
    chunkText: (document, { first, last, from, length }) =>
      some
        .all(document, first, last)
        .map(({ text }) => text)
        .join(pageSeam)
        .slice(from, from + length),
    state: (of) => state.get(of) ?? null,
    putState: (row) => void putState.run(row.state, row.file, row.bytes, row.tokens),
    note: (of, request) => note.get(of, request) ?? null,
    putNote: (row) => void putNote.run(row.state, row.request, row.text, row.uncertainty, row.fault),
    dropUnneeded: () =>
      transaction(() => {
        dropUnneeded.run();
        dropNotes.run();
      }),
    dropFiles: (names) => transaction(() => names.forEach((name) => void dropFile.run(name))),
    files: () => new Set(files.all().map(({ file }) => file)),
    stateBytes: (document) => stateBytes.get(document)?.bytes ?? 0,
  };
}
