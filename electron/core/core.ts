/** Everything behind the interface, wired: what a host needs is `createCore` and a port for each page. */
import type { EngineProcess } from '../engine/spawn.ts';
import type { AppInfo, Contract, EngineStatus, LoadedModel } from '../shared/contract.ts';
import { toErrorValue } from '../shared/errors.ts';
import { type Client, client, type Handlers, type Port, portPair, serve } from '../shared/rpc.ts';
import { checkParams } from '../shared/schemas.ts';
import { keepEngine } from './engine.ts';
import { modelInUse, type Ready } from './loaded-model.ts';
import { createMetrics } from './metrics.ts';
import { defaultModel, findModel, knownModel, listModels, type ModelFolders } from './models.ts';
import { createSessions } from './sessions.ts';

export interface CoreOptions {
  readonly host: AppInfo['host'];
  readonly version: string;
  readonly models: ModelFolders;
  readonly startEngine: () => EngineProcess;
  /** Load the first model at once, so that it is there when the first word is typed. */
  readonly loadAtStart: boolean;
}

export interface Core {
  /** Answers a page until its port closes. */
  accept(port: Port): void;
  /** A caller in this process. */
  connect(): Client<Contract>;
  /** For the command line, which works on the model itself. */
  load(name: string | null): Promise<LoadedModel>;
  ready(): Promise<Ready>;
  readonly enginePid: number | undefined;
  close(): Promise<void>;
}

type CoreCalls = Omit<Handlers<Contract>, 'shell.openExternal' | 'shell.theme'>;

export function createCore({ host, version, models: folders, startEngine, loadAtStart }: CoreOptions): Core {
  const pages = new Set<ReturnType<typeof serve<Contract>>>();
  const metrics = createMetrics();
  let status: EngineStatus = { phase: 'idle' };

  function setStatus(next: EngineStatus) {
    status = next;
    for (const page of pages) page.emit('engine.status', next);
  }

  const keeper = keepEngine(startEngine, {
    died: (error, again) => setStatus({ phase: again ? 'restarting' : 'failed', error: toErrorValue(error) }),
    restarted: (engine) => models.engineRestarted(engine),
    memory: (memory) => {
      if (pages.size === 0) return;
      const latest = metrics.of(memory);
      for (const page of pages) page.emit('metrics', latest);
    },
  });
  const models = modelInUse(keeper, setStatus);
  const sessions = createSessions(models, metrics.rates);

  const calls: CoreCalls = {
    'app.info': async () => ({
      version,
      host,
      platform: process.platform,
      device: await keeper.get().rpc.call('device', {}),
    }),
    'engine.status': async () => status,
    'models.list': async () => listModels(folders),
    'models.load': ({ id }) => models.load(knownModel(folders, id)),
    'sessions.create': async ({ system }) => sessions.create(system),
    'sessions.get': async ({ session }) => sessions.get(session),
    'sessions.close': async ({ session }) => {
      await sessions.close(session);
      return {};
    },
    'metrics.latest': async () => metrics.of(keeper.memory),
    'sessions.send': ({ session, text, sampling }, { emit, signal }) =>
      sessions.send(session, text, { emit, signal, sampling }),
    'sessions.retry': ({ session, sampling }, { emit, signal }) =>
      sessions.retry(session, { emit, signal, sampling }),
  };

  async function load(name: string | null): Promise<LoadedModel> {
    return models.load(name === null ? defaultModel(folders) : findModel(folders, name));
  }

  function accept(port: Port) {
    const page = serve<Contract>(port, calls, checkParams);
    pages.add(page);
    port.onClose(() => pages.delete(page));
  }

  if (loadAtStart) {
    setStatus({ phase: 'starting' });
    load(null).catch((error) => {
      // What fails once the engine has been asked is told by the model's own status.
      if (status.phase === 'starting') setStatus({ phase: 'failed', error: toErrorValue(error) });
    });
  }

  return {
    accept,
    connect() {
      const [mine, theirs] = portPair();
      accept(theirs);
      return client<Contract>(mine);
    },
    load,
    ready: models.ready,
    get enginePid() {
      return keeper.pid;
    },
    close: async () => keeper.close(),
  };
}
