/** The commands of the Models page, and what core says of models and the network. */
import type { Contract } from '../../electron/shared/contract.ts';
import { toErrorValue } from '../../electron/shared/errors.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import type { Commands } from '../app/commands.ts';
import { calling, type Link, outcome } from '../app/link.ts';
import type { Store } from '../store.ts';
import { bytes } from '../ui/units.ts';
import { cancelled } from './models-state.ts';

type ModelsCommands = Pick<
  Commands,
  | 'showPage'
  | 'readModels'
  | 'loadModel'
  | 'downloadModel'
  | 'addTwin'
  | 'verifyModel'
  | 'freedBy'
  | 'removeModel'
  | 'pauseTask'
  | 'resumeTask'
  | 'cancelTask'
  | 'chooseModel'
  | 'recognise'
  | 'importModel'
  | 'setOffline'
  | 'setHub'
  | 'setToken'
  | 'readLedger'
>;

type Rpc = Client<Contract>;

/** Listens on a new connection, and reads what there is. The machine's verdicts wait for the engine, nobody for them. */
export function followModels(opened: Rpc, store: Store): void {
  const act = store.getState();
  opened.on('model.task', (task) => {
    act.taskChanged(task);
    // Other space on the disk, other verdicts.
    if (task.phase === 'paused' || task.phase === 'failed' || cancelled(task)) void readModels(opened, store);
  });
  opened.on('models.changed', () => void readModels(opened, store));
  opened.on('network', act.networkChanged);
  // From here on each change of these is told.
  void told(store, [
    opened.call('models.tasks', {}).then(act.tasksRead),
    opened.call('network.state', {}).then(act.networkChanged),
    ...reading(opened, store),
  ]);
}

const readModels = (rpc: Rpc, store: Store) => told(store, reading(rpc, store));

/** Each part is shown as soon as it is known: what is on the disk does not wait for the engine's word of the machine. */
function reading(rpc: Rpc, store: Store): Promise<void>[] {
  const act = store.getState();
  return [
    rpc.call('models.list', {}).then(act.entriesRead),
    rpc.call('models.catalogue', {}).then(act.cardsRead),
  ];
}

/** A failure is told on the page, where it can be tried again. */
async function told(store: Store, parts: readonly Promise<void>[]): Promise<void> {
  for (const part of await Promise.allSettled(parts)) {
    if (part.status === 'rejected') return store.getState().cardsFailed(toErrorValue(part.reason));
  }
}

export function modelsCommands(link: Link): ModelsCommands {
  const act = link.store.getState();

  const answer = <T>(work: (rpc: Rpc) => Promise<T>) => outcome(link, work);
  const begun = (work: (rpc: Rpc) => Promise<Parameters<typeof act.taskChanged>[0]>) =>
    void calling(link, work).then((task) => task && act.taskChanged(task));
  const reread = () => void (link.rpc && readModels(link.rpc, link.store));

  return {
    showPage(page) {
      act.pageShown(page);
      if (page === 'models') reread();
    },
    readModels: reread,
    loadModel: (id) => void calling(link, (rpc) => rpc.call('models.load', { id })),
    downloadModel: (model) => begun((rpc) => rpc.call('models.download', { model })),
    addTwin: () => begun((rpc) => rpc.call('models.addTwin', {})),
    verifyModel: (id) => begun((rpc) => rpc.call('models.verify', { id })),
    freedBy: (id) => answer((rpc) => rpc.call('models.freed', { id })),
    removeModel(id, name) {
      void calling(link, (rpc) => rpc.call('models.remove', { id })).then(
        (done) => done && act.modelRemoved(`${name} is removed: ${bytes(done.freedBytes)} are free again.`),
      );
    },
    pauseTask: (task) => begun((rpc) => rpc.call('tasks.pause', { task })),
    resumeTask: (task) => begun((rpc) => rpc.call('tasks.resume', { task })),
    cancelTask: (task) => void calling(link, (rpc) => rpc.call('tasks.cancel', { task })),
    chooseModel: () => answer((rpc) => rpc.call('shell.chooseModel', {})),
    recognise: (path) => answer((rpc) => rpc.call('models.recognise', { path })),
    importModel: (path, conversion) =>
      answer(async (rpc) => {
        const params = { path, ...(conversion && { conversion }) };
        const task = await rpc.call('models.import', params);
        act.taskChanged(task);
        return task;
      }),
    setOffline: (offline) =>
      void calling(link, (rpc) => rpc.call('network.offline', { offline })).then(
        (state) => state && act.networkChanged(state),
      ),
    setHub: (address) =>
      answer(async (rpc) => act.networkChanged(await rpc.call('network.hub', { address }))),
    setToken: (token) =>
      answer(async (rpc) => act.networkChanged(await rpc.call('network.token', { token }))),
    readLedger: (before) =>
      answer((rpc) => rpc.call('network.ledger', { limit: 50, ...(before && { before }) })),
  };
}
