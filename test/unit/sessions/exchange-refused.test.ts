import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SessionDocument } from '../../../electron/core/sessions/exchange/document.ts';
import { type Part, writeParts } from '../../../electron/core/sessions/exchange/parts.ts';
import { importSession } from '../../../electron/core/sessions/exchange.ts';
import { aPoint } from './some-rows.ts';
import { aShelf, bytesOf, exported, filesOf, type TestShelf, written } from './some-session.ts';

let here: TestShelf;
let there: TestShelf;
beforeEach(() => {
  here = aShelf();
  there = aShelf();
});
afterEach(() => {
  here.close();
  there.close();
});

const invalid = { code: 'file-invalid' };

function nothingIsLeft(): void {
  expect(there.store.sessions()).toEqual([]);
  expect(filesOf(there)).toEqual([]);
}

describe('JSON', () => {
  const faults: Record<string, (document: SessionDocument) => unknown> = {
    'an unknown key': (d) => ({ ...d, more: 1 }),
    'another format': (d) => ({ ...d, format: 'llama-session' }),
    'a newer version': (d) => ({ ...d, version: 2 }),
    'no turns': ({ turns: _, ...d }) => d,
    'a turn without its parent': (d) => ({ ...d, turns: d.turns.slice(1) }),
    'a turn before its parent': (d) => ({ ...d, turns: d.turns.toReversed() }),
    'a turn below itself': (d) => withTurns(d, [{ ...d.turns[0], parent: d.turns[0]?.id }]),
    'a turn twice': (d) => withTurns(d, [d.turns[0], ...d.turns]),
    'a reply to nothing': (d) => withTurns(d, [{ ...d.turns[1], parent: null }]),
    'a reply to a reply': (d) =>
      withTurns(d, [...d.turns, { ...d.turns[1], id: 'x', parent: d.turns[1]?.id }]),
    'a leaf that is not there': (d) => ({ ...d, leaf: 'nobody' }),
    'a turn that is being written': (d) => withTurns(d, [{ ...d.turns[0], status: 'writing' }]),
    'no number for a time': (d) => ({ ...d, createdAt: '1' }),
    'a sampling that cannot be': (d) => ({ ...d, sampling: { temperature: -1 } }),
    nothing: () => null,
    'a list': () => [],
  };
  const withTurns = (document: SessionDocument, turns: unknown) => ({ ...document, turns, leaf: null });

  for (const [name, fault] of Object.entries(faults)) {
    test(`is refused with ${name}`, async () => {
      const document = JSON.parse((await exported(here, written(here).id, 'json')).toString());
      const text = Buffer.from(JSON.stringify(fault(document)));
      await expect(importSession(there, [text])).rejects.toMatchObject(invalid);
      nothingIsLeft();
    });
  }

  test('is refused when it is something else', async () => {
    for (const text of ['', '{', 'llamb', '\0', '# Markdown', '{"format":"llamba-session"}']) {
      await expect(importSession(there, [Buffer.from(text)]), text).rejects.toMatchObject(invalid);
    }
  });
});

describe('.llamba whose sums are right and whose content is not', () => {
  /** What goes into it; `turn` is one that has a point. */
  interface Good {
    readonly session: SessionDocument;
    readonly states: {
      readonly points: readonly { readonly turn: string }[];
      readonly checkpoints: unknown[];
    };
    readonly turn: string;
  }
  const file = 'aaaaaaaa.safetensors';
  const packed = (session: unknown, states: unknown, files: object = {}) => ({
    'session.json': session,
    ...files,
    'states.json': states,
  });

  const faults: Record<string, (good: Good) => object> = {
    'a file named out of the folder': ({ session, states, turn }) => {
      const evil = '../evil.safetensors';
      return packed(
        session,
        { ...states, checkpoints: [{ turn, model: 'model', file: evil }] },
        { [evil]: 'x' },
      );
    },
    'a file of no checkpoint': ({ session, states }) => packed(session, states, { [file]: 'x' }),
    'a checkpoint without its file': ({ session, states, turn }) =>
      packed(session, { ...states, checkpoints: [{ turn, model: 'model', file }] }),
    'a checkpoint at no point': ({ session, states, turn }) =>
      packed(session, { ...states, checkpoints: [{ turn, model: 'nobody', file }] }, { [file]: 'x' }),
    'a point of no turn': ({ session, states }) =>
      packed(session, { ...states, points: [{ ...states.points[0], turn: 'nobody' }] }),
    'points after themselves': ({ session, states }) =>
      packed(session, { ...states, points: states.points.map((point) => ({ ...point, from: point.turn })) }),
    'a point twice': ({ session, states }) =>
      packed(session, { ...states, points: [...states.points, states.points[0]] }),
    'half an id': ({ session, states }) =>
      packed(session, { ...states, points: [{ ...states.points[0], ids: 'AAAA' }] }),
    'states before the session': ({ session, states }) => ({
      'states.json': states,
      'session.json': session,
    }),
    'no states': ({ session }) => ({ 'session.json': session }),
    'no parts': () => ({}),
    'more after the states': ({ session, states }) => ({ ...packed(session, states), [file]: 'x' }),
  };

  const pack = (parts: object) =>
    bytesOf(
      writeParts(
        (async function* (): AsyncGenerator<Part> {
          for (const [name, value] of Object.entries(parts)) {
            const content = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
            yield { name, bytes: content.length, content: [content] };
          }
        })(),
      ),
    );

  async function good(): Promise<Good> {
    const { id, ask, one } = written(here);
    const session = JSON.parse((await exported(here, id, 'json')).toString());
    const point = { ...aPoint(ask, null), ids: 'AQAAAA==' };
    const points = [point, { ...point, turn: one, from: ask }];
    return {
      session,
      states: { format: 'llamba-states', version: 1, points, checkpoints: [] } as Good['states'],
      turn: ask,
    };
  }

  test('is read when all is right', async () => {
    const { session, states, turn } = await good();
    const checkpoints = [{ turn, model: 'model', file }];
    const bytes = await pack(packed(session, { ...states, checkpoints }, { [file]: 'x' }));
    const id = await importSession(there, [bytes]);
    expect(there.store.points(id, 'model')).toHaveLength(2);
    expect(there.store.usage()).toEqual({ bytes: 1, count: 1 });
  });

  for (const [name, fault] of Object.entries(faults)) {
    test(`is refused with ${name}`, async () => {
      await expect(importSession(there, [await pack(fault(await good()))])).rejects.toMatchObject(invalid);
      nothingIsLeft();
    });
  }

  test('is refused when a part claims to be huge', async () => {
    const head = Buffer.from(JSON.stringify({ name: 'session.json', bytes: 2 ** 39 }));
    const size = Buffer.alloc(4);
    size.writeUInt32LE(head.length);
    const bytes = Buffer.concat([Buffer.from('llamba\0\x01'), size, head, Buffer.from('{}')]);
    await expect(importSession(there, [bytes])).rejects.toMatchObject(invalid);
  });
});
