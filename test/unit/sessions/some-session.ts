/** A session with everything that can be exported, shelves to bring it to, and what is compared of it. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportSession } from '../../../electron/core/sessions/exchange.ts';
import type { Shelf } from '../../../electron/core/sessions/shelf.ts';
import { openStore } from '../../../electron/core/sessions/store.ts';
import type { ExportFormat } from '../../../electron/shared/sessions.ts';
import { type Random, seeded } from '../../user/seeded.ts';
import { aCheckpoint, aPoint, aSession, aTurn } from './some-rows.ts';

/** Files on the disk; rows in memory, for speed. */
export interface TestShelf extends Shelf {
  readonly states: string;
  close(): void;
}

export function aShelf(): TestShelf {
  const states = mkdtempSync(join(tmpdir(), 'llamba-states-'));
  const store = openStore(':memory:');
  return {
    store,
    states,
    close() {
      store.close();
      rmSync(states, { recursive: true });
    },
  };
}

export const filesOf = ({ states }: TestShelf) => readdirSync(states).sort();

const sampling = {
  temperature: 0.5,
  topK: 40,
  topP: 0.9,
  minP: 0,
  repetitionPenalty: 1.1,
  maxTokens: 100,
  seed: null,
  stop: ['\n\n'],
};
const stats = {
  stopReason: 'length' as const,
  promptTokens: 12,
  generatedTokens: 34,
  ttftMs: 5.5,
  prefillTokensPerSecond: 120.5,
  decodeTokensPerSecond: null,
  stateBytes: 1000,
  stateTokens: 46,
};

/** Of a session with two branches, a deleted turn, points of two models and three files, of which two turns share one: its id and those of its first turns. */
export function written(shelf: TestShelf) {
  const { store } = shelf;
  const session = aSession({
    title: 'Llamas & "others" 🦙',
    titledBy: 'user',
    pinned: true,
    model: 'llamba-135m',
    preset: 'Terse',
    sampling: { topK: 7 },
    draft: 'not yet sent',
    createdAt: 123,
  });
  const [ask, one, two, more, gone] = [
    aTurn(session.id, null, { text: 'Why?\n\n# Not a heading' }),
    aTurn(session.id, null, { role: 'assistant', text: 'Because.', sampling, stats, model: 'llamba-135m' }),
    aTurn(session.id, null, { role: 'assistant', text: 'So \0 far \ud83e', status: 'cut', edited: true }),
    aTurn(session.id, null, { text: 'And then?' }),
    aTurn(session.id, null, { role: 'assistant', text: 'secret', deletedAt: 5 }),
  ] as const;
  const put = (name: string, fill: number, bytes: number) =>
    writeFileSync(join(shelf.states, name), Buffer.alloc(bytes, fill));
  store.transaction(() => {
    store.putPreset({ name: 'Terse', system: 'Be brief.', sampling: { topK: 1, temperature: 0 } });
    store.addSession(session);
    store.addTurn(ask);
    for (const turn of [one, two]) store.addTurn({ ...turn, parent: ask.id });
    store.addTurn({ ...more, parent: one.id });
    store.addTurn({ ...gone, parent: more.id });
    store.changeSession(session.id, { leaf: more.id });
    store.putPoint(aPoint(ask.id, null, { ids: Int32Array.of(1, 2, 70_000), tokens: 3 }));
    store.putPoint(
      aPoint(one.id, ask.id, { ids: Int32Array.from({ length: 3000 }, (_, i) => i), tokens: 3003 }),
    );
    store.putPoint(aPoint(two.id, ask.id, { ids: Int32Array.of(9), tokens: 4 }));
    store.putPoint(aPoint(ask.id, null, { model: 'other', ids: new Int32Array(), tokens: 0 }));
    store.putPoint(aPoint(gone.id, one.id));
    for (const [turn, file, bytes] of [
      [ask, '00aa00aa00aa00aa.safetensors', 300_000],
      [one, '11bb11bb11bb11bb.safetensors', 10],
      [two, '00aa00aa00aa00aa.safetensors', 300_000],
      [gone, '22cc22cc22cc22cc.safetensors', 20],
    ] as const) {
      store.putCheckpoint(aCheckpoint(turn.id, { file, bytes }));
      put(file, bytes & 0xff, bytes);
    }
  });
  return { id: session.id, ask: ask.id, one: one.id, two: two.id };
}

export async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

export const exported = (shelf: TestShelf, id: string, format: ExportFormat) =>
  bytesOf(exportSession(shelf, shelf.store.session(id) ?? aSession(), format));

/** In uneven pieces, as they may come. */
export function* pieces(bytes: Uint8Array, random: Random = seeded(1)) {
  for (let at = 0; at < bytes.length; ) {
    const size = random.between(1, random.pick([3, 40, 100_000]));
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** A session with all that belongs to it, its own ids replaced by places. */
export function told({ store, states }: Shelf, id: string) {
  const { id: _, updatedAt: __, leaf, ...row } = store.session(id) ?? aSession();
  const turns = store.turns(id);
  const placeOf = (turn: string | null) => turns.findIndex((candidate) => candidate.id === turn);
  return {
    row: { ...row, leaf: placeOf(leaf) },
    turns: turns.map(({ id: _, session: __, parent, ...turn }) => ({ ...turn, parent: placeOf(parent) })),
    points: store.models(id).map((model) =>
      turns.map(({ id: turn }) => {
        const point = store.point(turn, model);
        return point && { ...point, turn: placeOf(turn), from: placeOf(point.from) };
      }),
    ),
    states: store.models(id).map((model) =>
      store.checkpoints(id, model).flatMap(({ turn, file }) => {
        if (placeOf(turn) < 0) return []; // deleted
        const content = readFileSync(join(states ?? '', file));
        return [{ turn: placeOf(turn), sha256: createHash('sha256').update(content).digest('hex') }];
      }),
    ),
  };
}

/** As it comes back: kept at no place, and with what its preset said. */
export const asImported = (session: ReturnType<typeof told>) => ({
  ...session,
  row: {
    ...session.row,
    pinned: false,
    preset: null,
    draft: '',
    system: 'Be brief.',
    sampling: { topK: 7, temperature: 0 },
  },
});
