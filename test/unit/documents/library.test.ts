/** The database of documents: brought to the latest version with what is in it, and called by its own name in errors. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLibrary } from '../../../electron/core/documents/library.ts';
import { migrations } from '../../../electron/core/documents/migrations.ts';
import { openDatabase } from '../../../electron/core/sessions/database.ts';
import type { Damaged } from '../../../electron/core/sessions/files.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'llamba-documents-'));

it('keeps the documents of the first version', () => {
  const data = folder();
  const db = openDatabase(join(data, 'documents.db'), { migrations: migrations.slice(0, 1) });
  db.exec(`INSERT INTO documents (id, hash, path, title, kind, bytes, pages, characters, notes, addedAt)
    VALUES ('a', 'h', '/a.txt', 'A', 'text', 5, 1, 5, '[]', 7)`);
  db.exec(`INSERT INTO pages (document, page, label, text) VALUES ('a', 1, '1', 'The harbour')`);
  db.close();
  const library = openLibrary(data);
  expect(library.document('a')).toMatchObject({ title: 'A', addedAt: 7 });
  expect(library.allWanted()).toEqual([]);
  expect(library.summaries('a')).toEqual([]);
  library.want('a', 3);
  library.putSetting('budget', '10');
  library.close();
  const again = openLibrary(data);
  expect(again.allWanted()).toEqual(['a']);
  expect(again.setting('budget')).toBe('10');
  expect(again.quotes('harbour', null, 1)).toMatchObject([{ document: 'a', page: 1 }]);
  again.close();
});
it('says in its errors that it holds documents', () => {
  const data = folder();
  const newer = openDatabase(join(data, 'documents.db'), { migrations });
  newer.exec(`PRAGMA user_version = ${migrations.length + 1}`);
  newer.close();
  expect(() => openLibrary(data)).toThrow('The documents were written by a newer version of Llamba.');

  const broken = folder();
  writeFileSync(join(broken, 'documents.db'), 'no database at all');
  const damaged: Damaged[] = [];
  const library = openLibrary(broken, (one) => damaged.push(one));
  expect(damaged[0]?.error.message).toMatch(/^The database of the documents is damaged: /);
  expect(library.documents()).toEqual([]);
  const chunk = { number: 0, from: 0, length: 1, first: 1, last: 1, tokens: 1, state: 's' };
  expect(() => library.putChunks('no', 'r', [chunk])).toThrow(
    expect.objectContaining({ code: 'document-not-found' }),
  );
  library.close();
});
