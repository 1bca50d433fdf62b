/**
 * The database, version by version: the entry at n leads from version n to n + 1, and is never changed once it was
 * released. Columns are named as the fields in rows.ts; numbered rows (`n`) keep the order in which they were written,
 * and their places in the search index, whatever VACUUM does.
 *
 * Nothing cascades from turn to turn: SQLite ends cascades at a depth of 1,000, and sessions are deeper than that.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE folders (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
  CREATE TABLE presets (name TEXT PRIMARY KEY, system TEXT, sampling TEXT NOT NULL) STRICT;
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE sessions (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    titledBy TEXT NOT NULL CHECK (titledBy IN ('nobody', 'model', 'user')),
    folder TEXT REFERENCES folders (id) ON DELETE SET NULL,
    pinned INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    model TEXT,
    sampling TEXT NOT NULL,
    preset TEXT,
    leaf TEXT REFERENCES turns (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    createdAt INTEGER NOT NULL,
    updatedAt INTEGER NOT NULL,
    deletedAt INTEGER,
    system TEXT,
    draft TEXT NOT NULL
  ) STRICT;
  CREATE INDEX sessionsByFolder ON sessions (folder);
  CREATE INDEX sessionsByLeaf ON sessions (leaf);
  CREATE INDEX sessionsByUpdate ON sessions (updatedAt);

  CREATE TABLE turns (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    parent TEXT REFERENCES turns (id) DEFERRABLE INITIALLY DEFERRED,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
    status TEXT NOT NULL CHECK (status IN ('writing', 'whole', 'cut')),
    edited INTEGER NOT NULL,
    sampling TEXT,
    model TEXT,
    stats TEXT,
    error TEXT,
    createdAt INTEGER NOT NULL,
    deletedAt INTEGER,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX turnsBySession ON turns (session);
  CREATE INDEX turnsByParent ON turns (parent);
  CREATE INDEX turnsWriting ON turns (status) WHERE status = 'writing';
  CREATE INDEX turnsDeleted ON turns (deletedAt) WHERE deletedAt IS NOT NULL;

  -- Deleted turns with all that hangs below them.
  CREATE VIEW hiddenTurns AS
    WITH RECURSIVE hidden (id) AS (
      SELECT id FROM turns WHERE deletedAt IS NOT NULL
      UNION SELECT turns.id FROM hidden JOIN turns ON turns.parent = hidden.id
    )
    SELECT id FROM hidden;

  CREATE TABLE points (
    turn TEXT NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    "from" TEXT,
    tokens INTEGER NOT NULL,
    textLength INTEGER NOT NULL,
    textHash TEXT NOT NULL,
    ids BLOB NOT NULL,
    PRIMARY KEY (turn, model),
    FOREIGN KEY ("from", model) REFERENCES points (turn, model) DEFERRABLE INITIALLY DEFERRED
  ) STRICT;
  CREATE INDEX pointsByFrom ON points ("from", model);

  CREATE TABLE checkpoints (
    turn TEXT NOT NULL,
    model TEXT NOT NULL,
    file TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    usedAt INTEGER NOT NULL,
    PRIMARY KEY (turn, model),
    FOREIGN KEY (turn, model) REFERENCES points (turn, model) ON DELETE CASCADE
  ) STRICT;
  CREATE INDEX checkpointsByFile ON checkpoints (file);

  -- The search indexes hold every title, and the text of every turn that is not just being written.
  CREATE VIRTUAL TABLE titleIndex USING fts5 (
    title, content = 'sessions', content_rowid = 'n', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
  );
  CREATE TRIGGER titleAdded AFTER INSERT ON sessions BEGIN
    INSERT INTO titleIndex (rowid, title) VALUES (new.n, new.title);
  END;
  CREATE TRIGGER titleChanged AFTER UPDATE OF title ON sessions BEGIN
    INSERT INTO titleIndex (titleIndex, rowid, title) VALUES ('delete', old.n, old.title);
    INSERT INTO titleIndex (rowid, title) VALUES (new.n, new.title);
  END;
  CREATE TRIGGER titleRemoved AFTER DELETE ON sessions BEGIN
    INSERT INTO titleIndex (titleIndex, rowid, title) VALUES ('delete', old.n, old.title);
  END;

  CREATE VIEW writtenTurns AS SELECT n, text FROM turns WHERE status <> 'writing';
  CREATE VIRTUAL TABLE textIndex USING fts5 (
    text, content = 'writtenTurns', content_rowid = 'n', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
  );
  CREATE TRIGGER textAdded AFTER INSERT ON turns WHEN new.status <> 'writing' BEGIN
    INSERT INTO textIndex (rowid, text) VALUES (new.n, new.text);
  END;
  CREATE TRIGGER textForgotten BEFORE UPDATE OF text, status ON turns WHEN old.status <> 'writing' BEGIN
    INSERT INTO textIndex (textIndex, rowid, text) VALUES ('delete', old.n, old.text);
  END;
  CREATE TRIGGER textChanged AFTER UPDATE OF text, status ON turns WHEN new.status <> 'writing' BEGIN
    INSERT INTO textIndex (rowid, text) VALUES (new.n, new.text);
  END;
  CREATE TRIGGER textRemoved AFTER DELETE ON turns WHEN old.status <> 'writing' BEGIN
    INSERT INTO textIndex (textIndex, rowid, text) VALUES ('delete', old.n, old.text);
  END;
  `,
];

/** Of the latest version. */
export const rebuildIndexes = `
  INSERT INTO titleIndex (titleIndex) VALUES ('rebuild');
  INSERT INTO textIndex (textIndex) VALUES ('rebuild');
`;
