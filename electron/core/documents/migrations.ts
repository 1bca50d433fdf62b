/**
 * The database of documents, version by version, as in sessions/migrations.ts.
 *
 * A state stands for a chunk's text behind a prompt, read by a model, and for nothing else: `state` is the hash of
 * these. So documents share what they share, and a document that has changed keeps what is the same.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE documents (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    -- Of the file.
    hash TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    notes TEXT NOT NULL,
    addedAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX documentsByPath ON documents (path);

  CREATE TABLE pages (
    n INTEGER PRIMARY KEY,
    document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    page INTEGER NOT NULL,
    label TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (document, page)
  ) STRICT;

  -- A reader is a model with its prompt and the greatest length of a chunk.
  CREATE TABLE chunks (
    document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    reader TEXT NOT NULL,
    number INTEGER NOT NULL,
    -- From the beginning of the first page, over pages joined as in chunks.ts.
    "from" INTEGER NOT NULL,
    length INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (document, reader, number)
  ) STRICT;
  CREATE INDEX chunksByState ON chunks (state);

  CREATE TABLE states (
    state TEXT PRIMARY KEY,
    file TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    -- Fed: the prompt's and the chunk's.
    tokens INTEGER NOT NULL
  ) STRICT;

  -- What a model wrote when it was asked for a note of a chunk. A state that is read again says the same.
  CREATE TABLE notes (
    state TEXT NOT NULL,
    request TEXT NOT NULL,
    text TEXT NOT NULL,
    uncertainty REAL NOT NULL,
    fault TEXT,
    PRIMARY KEY (state, request)
  ) STRICT;

  CREATE VIRTUAL TABLE pageIndex USING fts5 (
    text, content = 'pages', content_rowid = 'n', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
  );
  CREATE TRIGGER pageAdded AFTER INSERT ON pages BEGIN
    INSERT INTO pageIndex (rowid, text) VALUES (new.n, new.text);
  END;
  CREATE TRIGGER pageRemoved AFTER DELETE ON pages BEGIN
    INSERT INTO pageIndex (pageIndex, rowid, text) VALUES ('delete', old.n, old.text);
  END;
  `,
  `
  -- When its reading was asked for; null: it is not wanted. Kept, so that a reading goes on after a kill.
  ALTER TABLE documents ADD COLUMN wantedAt INTEGER;
  -- When it was last read or asked: the states of what was not for the longest time go first.
  ALTER TABLE documents ADD COLUMN usedAt INTEGER NOT NULL DEFAULT 0;

  -- value: JSON as the contract has it; it is read and written whole.
  CREATE TABLE summaries (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    value TEXT NOT NULL
  ) STRICT;
  CREATE INDEX summariesByDocument ON summaries (document);
  CREATE TABLE recalls (model TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `,
];

/** Of the latest version. */
export const rebuildIndexes = `INSERT INTO pageIndex (pageIndex) VALUES ('rebuild');`;
