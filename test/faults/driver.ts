/**
 * A scripted user at a real core and engine, telling each acknowledged turn on standard output, to be killed in the
 * target action: a few others come before, and between. usage: node driver.ts DATA MODELS SEED TARGET
 */
import type { Turn } from '../../electron/shared/contract.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import { type ActionName, actions, anyAction } from '../user/actions.ts';
import type { Scene } from '../user/scene.ts';
import { seeded } from '../user/seeded.ts';
import { coreAt, endless } from './core.ts';
import type { Line } from './lines.ts';

const [data = '', models = '', seed = '0', wanted = ''] = process.argv.slice(2);

type Told<L> = L extends unknown ? Omit<L, 'at'> : never;
/** A pipe is written at once: what core answered is told before anything else is done. */
const tell = (line: Told<Line>) =>
  void process.stdout.write(`${JSON.stringify({ ...line, at: Date.now() })}\n`);

const core = coreAt(data, models);
await core.load(endless);
const { loaded } = await core.ready();
const scene: Scene = {
  rpc: core.connect(),
  random: seeded(Number(seed)),
  heard: {
    turn: ({ id, text }) => tell({ type: 'turn', id, text }),
    text: (id, text) => tell({ type: 'text', id, text }),
    session: ({ turns }) => turns.forEach(({ id, text }: Turn) => void tell({ type: 'final', id, text })),
  },
  habits: {
    tokens: [2, 30],
    longMs: [50, 1000],
    sessions: 6,
    budgets: [4 * loaded.stateBytes, 5 * 2 ** 30],
  },
};
/** A stream to be killed in lasts until then. */
const enduring: Scene = { ...scene, habits: { ...scene.habits, longMs: [5000, 5000] } };
tell({ type: 'ready', engine: core.enginePid ?? 0 });

const before = scene.random.between(1, 5);
let ending = false;
process.on('SIGTERM', () => {
  ending = true;
});
for (let i = 0; !ending; i++) {
  const target = i >= before && (i - before) % 2 === 0;
  const action = target && wanted !== 'start' ? (wanted as ActionName) : anyAction(scene);
  tell({ type: 'begin', action, target });
  try {
    await actions[action].run(target ? enduring : scene);
    tell({ type: 'done', action });
  } catch (error) {
    const { code, message } = toErrorValue(error);
    if (code !== 'engine-gone') throw error;
    tell({ type: 'done', action, error: message });
  }
}
await core.close();
process.exit(0);
