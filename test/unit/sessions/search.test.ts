import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../../electron/core/sessions/rows.ts';
import { matchOf, piecesOf } from '../../../electron/core/sessions/search.ts';
import { openStore } from '../../../electron/core/sessions/store.ts';
import { seeded } from '../../user/seeded.ts';
import { aSession, aTurn } from './some-rows.ts';

let store: Store;
beforeEach(() => {
  store = openStore(':memory:');
});
afterEach(() => store.close());

const session = aSession({ title: 'Llamas of the Andes', updatedAt: 7 });
const found = (query: string) => store.search(query, 20).map(({ turn }) => turn);

describe('a search', () => {
  beforeEach(() => store.addSession(session));

  test('finds titles first, then text, with the found words marked', () => {
    const turn = aTurn(session.id, null, {
      text: `${'before '.repeat(60)}many llamas walk ${'after '.repeat(60)}`,
      createdAt: 9,
    });
    store.addTurn(turn);
    const [title, text, ...more] = store.search('llamas', 20);
    expect(more).toEqual([]);
    expect(title).toEqual({
      session: session.id,
      title: session.title,
      turn: null,
      at: 7,
      snippet: [
        { text: 'Llamas', match: true },
        { text: ' of the Andes', match: false },
      ],
    });
    expect(text).toMatchObject({ session: session.id, title: session.title, turn: turn.id, at: 9 });
    expect(text?.snippet.filter(({ match }) => match)).toEqual([{ text: 'llamas', match: true }]);
    const whole = text?.snippet.map((piece) => piece.text).join('') ?? '';
    expect(whole).toContain('many llamas walk');
    expect(whole.length).toBeLessThan(250);
    expect(store.search('llamas', 1)).toHaveLength(1);
  });

  test('wants every word, the last as a beginning, whatever the case and the accents', () => {
    const turn = aTurn(session.id, null, { text: 'Über die Kühnheit der Lamas' });
    store.addTurn(turn);
    for (const query of ['lamas', 'LAMAS', 'lam', 'uber', 'kühnheit la', 'lamas uber', 'über  die\n']) {
      expect(found(query), query).toEqual([turn.id]);
    }
    for (const query of ['amas', 'kühn lamas', 'lamas alpakas', 'x']) expect(found(query), query).toEqual([]);
  });

  test('follows turns that are finished, not those being written', () => {
    const turn = aTurn(session.id, null, { status: 'writing' });
    store.addTurn(turn);
    store.writeTurn(turn.id, { text: 'first words' });
    expect(found('words')).toEqual([]);
    store.writeTurn(turn.id, { text: 'first words and last', status: 'whole' });
    expect(found('words')).toEqual([turn.id]);
    store.writeTurn(turn.id, { status: 'writing' });
    expect(found('words')).toEqual([]);
    store.writeTurn(turn.id, { text: 'others', status: 'cut' });
    expect(found('words')).toEqual([]);
    expect(found('others')).toEqual([turn.id]);
    store.writeTurn(turn.id, { status: 'writing' });
    store.cutWriting();
    expect(found('others')).toEqual([turn.id]);
  });

  test('does not show what is deleted or hangs below it, and shows it again when it comes back', () => {
    const [top, under] = [
      aTurn(session.id, null, { text: 'top' }),
      aTurn(session.id, null, { text: 'under' }),
    ];
    store.addTurn(top);
    store.addTurn({ ...under, parent: top.id });
    const seen = () => [found('top'), found('under'), found('llamas')];
    const all = [[top.id], [under.id], [null]];
    expect(seen()).toEqual(all);
    store.writeTurn(top.id, { deletedAt: 5 });
    expect(seen()).toEqual([[], [], [null]]);
    store.writeTurn(top.id, { deletedAt: null });
    store.changeSession(session.id, { deletedAt: 5 });
    expect(seen()).toEqual([[], [], []]);
    store.changeSession(session.id, { deletedAt: null });
    expect(seen()).toEqual(all);
    store.changeSession(session.id, { title: 'Alpacas' });
    expect(found('llamas')).toEqual([]);
    expect(found('alpacas')).toEqual([null]);
    store.removeSession(session.id);
    expect([...found('alpacas'), ...found('top')]).toEqual([]);
  });

  test('takes anything that is typed', () => {
    store.addTurn(
      aTurn(session.id, null, { text: 'plain "quoted" NEAR (a AND b) * ^c col:umn -minus \u{1f999}' }),
    );
    const typed = [
      '"',
      '""',
      '*',
      'AND',
      'a AND',
      'NEAR(',
      'NOT x',
      'title:x',
      '^',
      '-',
      '(',
      'a"b',
      "'; DROP",
      '\0a',
      '',
    ];
    for (const query of typed) expect(() => store.search(query, 5), query).not.toThrow();
    for (const query of ['"quoted"', 'NEAR', '(plain', 'col:umn', '-minus', 'quoted !!', '^c']) {
      expect(found(query), query).toHaveLength(1);
    }
    const random = seeded(3);
    for (let i = 0; i < 500; i++) {
      const query = Array.from({ length: random.between(0, 11) }, () =>
        String.fromCodePoint(32 + random.between(0, 0x2ff)),
      );
      expect(() => store.search(query.join(''), 5), query.join('')).not.toThrow();
    }
  });
});

test('a damaged index is made anew, and nobody notices', () => {
  const folder = mkdtempSync(join(tmpdir(), 'llamba-search-'));
  const path = join(folder, 'llamba.db');
  const kept = openStore(path);
  kept.addSession(session);
  const [whole, writing] = [
    aTurn(session.id, null, { text: 'whole words' }),
    aTurn(session.id, null, { text: 'half words', status: 'writing' }),
  ];
  kept.addTurn(whole);
  kept.addTurn(writing);
  kept.close();
  const damage = () => {
    const db = new DatabaseSync(path, { defensive: false });
    for (const index of ['textIndex', 'titleIndex'])
      db.exec(`UPDATE ${index}_data SET block = x'ffffffffffffffff'`);
    db.close();
  };
  const turns = (store: Store, query: string) => store.search(query, 9).map(({ turn }) => turn);
  for (const use of [
    (store: Store) => store.search('words', 5),
    (store: Store) => store.search('llamas', 5),
    (store: Store) => store.changeSession(session.id, { title: 'Llamas again' }),
    (store: Store) => store.transaction(() => store.writeTurn(whole.id, { text: 'whole words' })),
  ]) {
    damage();
    const reopened = openStore(path);
    use(reopened);
    expect(turns(reopened, 'words')).toEqual([whole.id]);
    expect(turns(reopened, 'llamas')).toEqual([null]);
    reopened.writeTurn(writing.id, { status: 'whole' });
    expect(turns(reopened, 'half')).toEqual([writing.id]);
    reopened.writeTurn(writing.id, { status: 'writing' });
    expect(turns(reopened, 'half')).toEqual([]);
    reopened.close();
    const db = new DatabaseSync(path);
    db.exec(`INSERT INTO textIndex (textIndex, rank) VALUES ('integrity-check', 1)`);
    db.exec(`INSERT INTO titleIndex (titleIndex, rank) VALUES ('integrity-check', 1)`);
    db.close();
  }
  rmSync(folder, { recursive: true });
});

test('what is typed, as FTS5 reads it', () => {
  expect(matchOf('say "hi" now')).toBe('"say" """hi""" "now"*');
  expect(matchOf(' \t ')).toBeNull();
  expect(matchOf('!!! ??')).toBeNull();
});

test('marked text in pieces', () => {
  expect(piecesOf('a \u{fdd0}b\u{fdd1}\u{fdd0}c\u{fdd1} d')).toEqual([
    { text: 'a ', match: false },
    { text: 'b', match: true },
    { text: 'c', match: true },
    { text: ' d', match: false },
  ]);
  expect(piecesOf('\u{fdd0}a')).toEqual([{ text: 'a', match: true }]);
});
