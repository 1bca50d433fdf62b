/** What a user does with sessions, each as often as its weight says. */
import type { Turn } from '../../electron/shared/contract.ts';
import { anySession, anyTurn, type Scene, write } from './scene.ts';
import { someWords } from './seeded.ts';

interface Action {
  readonly weight: number;
  run(scene: Scene): Promise<unknown>;
}

const isUser = ({ role }: Turn) => role === 'user';
const isReply = ({ role }: Turn) => role === 'assistant';
const some = (scene: Scene) => someWords(scene.random, scene.random.between(1, 12));

async function create(scene: Scene) {
  const system = scene.random.next() < 0.3 ? some(scene) : null;
  const { id } = await scene.rpc.call('sessions.create', { system });
  return id;
}

const send = (scene: Scene, session: string, length: 'short' | 'long') =>
  write(scene, { method: 'sessions.send', params: { session, text: some(scene) } }, length);

export const actions = {
  begin: { weight: 2, run: async (scene) => send(scene, await create(scene), 'short') },
  send: { weight: 6, run: async (scene) => send(scene, (await anySession(scene)).id, 'short') },
  stream: { weight: 4, run: async (scene) => send(scene, (await anySession(scene)).id, 'long') },
  streamTwo: {
    weight: 2,
    run: async (scene) => {
      const both = [await create(scene), await create(scene)];
      await Promise.all(both.map((session) => send(scene, session, 'long')));
    },
  },
  reply: {
    weight: 4,
    run: async (scene) => {
      const session = await anySession(scene);
      const turn = anyTurn(scene, session, isUser);
      if (!turn) return;
      await write(scene, { method: 'turns.reply', params: { session: session.id, turn: turn.id } }, 'short');
    },
  },
  continue: {
    weight: 2,
    run: async (scene) => {
      const session = await anySession(scene);
      const turn = anyTurn(scene, session, ({ role, status }) => role === 'assistant' && status === 'cut');
      if (!turn) return;
      await write(
        scene,
        { method: 'turns.continue', params: { session: session.id, turn: turn.id } },
        'short',
      );
    },
  },
  branch: {
    weight: 3,
    run: async (scene) => {
      const session = await anySession(scene);
      const turn = anyTurn(scene, session, isUser);
      if (!turn) return;
      const params = { session: session.id, text: some(scene), parent: turn.parent };
      await write(scene, { method: 'sessions.send', params }, 'short');
    },
  },
  edit: {
    weight: 2,
    run: async (scene) => {
      const session = await anySession(scene);
      const turn = anyTurn(scene, session, isReply);
      if (!turn) return;
      const params = { session: session.id, turn: turn.id, text: some(scene) };
      scene.heard.session(await scene.rpc.call('turns.edit', params));
    },
  },
  select: {
    weight: 2,
    run: async (scene) => {
      const session = await anySession(scene);
      const turn = anyTurn(scene, session, ({ siblings }) => siblings.length > 1);
      if (!turn) return;
      const params = { session: session.id, turn: scene.random.pick(turn.siblings) };
      scene.heard.session(await scene.rpc.call('turns.select', params));
    },
  },
  fork: {
    weight: 2,
    run: async (scene) => {
      const session = await anySession(scene);
      const turn = anyTurn(scene, session, () => true);
      if (!turn) return;
      scene.heard.session(await scene.rpc.call('sessions.fork', { session: session.id, turn: turn.id }));
    },
  },
  deleteTurn: {
    weight: 1,
    run: async (scene) => {
      const session = await anySession(scene);
      const turn = anyTurn(scene, session, () => true);
      if (!turn) return;
      const params = { session: session.id, turn: turn.id };
      await scene.rpc.call('turns.delete', params);
      if (scene.random.next() < 0.5) scene.heard.session(await scene.rpc.call('turns.restore', params));
    },
  },
  search: {
    weight: 1,
    run: ({ rpc, random }) => rpc.call('sessions.search', { query: someWords(random, 1) }),
  },
  thin: {
    weight: 2,
    run: async ({ rpc, habits: { budgets } }) => {
      await rpc.call('storage.budget', { bytes: budgets[0] });
      await rpc.call('storage.budget', { bytes: budgets[1] });
    },
  },
  exchange: {
    weight: 2,
    run: async (scene) => {
      const { rpc } = scene;
      const { id: session } = await anySession(scene);
      const pieces: string[] = [];
      const params = { session, format: scene.random.pick(['json', 'llamba'] as const) };
      const { name } = await rpc.stream('sessions.export', params, ({ data }) => pieces.push(data));
      const begun = await rpc.call('imports.begin', { name });
      for (const data of pieces) await rpc.call('imports.add', { ...begun, data });
      scene.heard.session(await rpc.call('imports.finish', begun));
    },
  },
  tidy: {
    weight: 3,
    run: async ({ rpc, random, habits }) => {
      const { sessions } = await rpc.call('sessions.list', {});
      for (const { id } of sessions.slice(habits.sessions))
        await rpc.call('sessions.delete', { session: id });
      const one = sessions[0];
      if (!one || random.next() < 0.5) return;
      await rpc.call('sessions.delete', { session: one.id });
      await rpc.call('sessions.restore', { session: one.id });
    },
  },
} as const satisfies Record<string, Action>;

export type ActionName = keyof typeof actions;

const urn = Object.entries(actions).flatMap(([name, { weight }]) =>
  Array.from({ length: weight }, () => name as ActionName),
);

export const anyAction = ({ random }: Scene): ActionName => random.pick(urn);
