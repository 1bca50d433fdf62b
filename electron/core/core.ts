/** Everything behind the interface, wired: what a host needs is `createCore` and a port for each page. */
import type { EngineProcess } from '../engine/spawn.ts';
import type { AppInfo, Contract, EngineStatus, LoadedModel, ModelTask } from '../shared/contract.ts';
import { AppError, toErrorValue } from '../shared/errors.ts';
import { type Client, client, type Handlers, type Port, portPair, serve } from '../shared/rpc.ts';
import { checkParams } from '../shared/schemas.ts';
import { createAtWork } from './at-work.ts';
import { createCompare } from './compare/service.ts';
import { createDocuments } from './documents/service.ts';
import { keepEngine } from './engine.ts';
import { modelInUse, type Ready } from './loaded-model.ts';
import { createMetrics } from './metrics.ts';
import { modelCalls } from './models/calls.ts';
import { shippedCatalogue } from './models/catalogue.ts';
import { defaultModel, findModel, knownModel, listModels, type ModelFolders } from './models/on-disk.ts';
import { createModels } from './models/service.ts';
import { shippedTools } from './models/tools.ts';
import { networkCalls, tellOfNetwork } from './network/calls.ts';
import { createNetwork, type Secret } from './network/network.ts';
import { openSessions } from './sessions/open.ts';

export interface CoreOptions {
  readonly host: AppInfo['host'];
  readonly version: string;
  readonly models: ModelFolders;
  /** The folder of sessions and their states; null: everything in memory. */
  readonly data: string | null;
  readonly startEngine: () => EngineProcess;
  /** The host's keychain for the hub's token; left out: it is not kept. */
  readonly token?: Secret;
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

export type CoreCalls = Omit<Handlers<Contract>, `shell.${string}`>;

export function createCore({
  host,
  version,
  models: folders,
  data,
  startEngine,
  token,
  loadAtStart,
}: CoreOptions): Core {
  const pages = new Set<ReturnType<typeof serve<Contract>>>();
  const metrics = createMetrics();
  let status: EngineStatus = { phase: 'idle' };

  const emit = <E extends keyof Contract['events']>(event: E, value: Contract['events'][E]) => {
    for (const page of pages) page.emit(event, value);
  };

  function setStatus(next: EngineStatus) {
    status = next;
    emit('engine.status', next);
    if (next.phase === 'ready') void documents.modelReady();
  }

  const keeper = keepEngine(startEngine, {
    died: (error, again) => setStatus({ phase: again ? 'restarting' : 'failed', error: toErrorValue(error) }),
    restarted: () => models.engineRestarted(),
    memory: (memory) => {
      if (pages.size > 0) emit('metrics', metrics.of(memory));
    },
  });
  const models = modelInUse(keeper, setStatus);
  const sessions = openSessions({
    ...{ data, folders, models, emit },
    rates: metrics.rates,
    answering: () => documents.answering(),
    documentText: (document) => documents.text(document),
  });
  const network = createNetwork({ folder: data, ...(token && { token }) });
  const stopTelling = tellOfNetwork(network, (state) => emit('network', state));
  const catalogue = shippedCatalogue();
  const outside = createModels({
    catalogue,
    folders,
    network,
    tools: shippedTools,
    device: () => keeper.get().rpc.call('device', {}),
    onTask: (task) => emit('model.task', task),
    onChange: () => emit('models.changed', {}),
  });

  const documents = createDocuments({
    data,
    models,
    emit,
    onDamaged: sessions.reportDamaged,
    take: sessions.take,
    resume: host !== 'cli',
  });
  const compare = createCompare({
    ...{ catalogue, folders, data, version },
    lend: (work) => documents.aside(() => models.lend(work)),
    refuse() {
      if (sessions.writing() || atWork.busy()) throw somethingElse();
      if (outside.tasks.list().some(({ phase }) => underWay.includes(phase))) throw modelTask();
    },
  });
  const atWork = createAtWork(compare.refuseWhileMeasuring);

  const calls: CoreCalls = atWork.counted({
    ...sessions.calls,
    ...documents.calls,
    ...compare.calls,
    ...modelCalls(outside, shippedTools),
    ...networkCalls(network),
    'app.info': async () => ({
      version,
      host,
      platform: process.platform,
      device: await keeper.get().rpc.call('device', {}),
    }),
    'engine.status': async () => status,
    'models.list': async () => listModels(folders),
    'models.load': ({ id }) => {
      const entry = knownModel(folders, id);
      if (sessions.writing() || documents.answering()) throw stillWriting();
      return documents.aside(() => models.load(entry));
    },
    'metrics.latest': async () => metrics.of(keeper.memory),
  });

  async function load(name: string | null): Promise<LoadedModel> {
    return models.load(name === null ? defaultModel(folders) : findModel(folders, name));
  }

  let closing: Promise<void> | null = null;
  async function close() {
    // What is being written does not wait for what is being fetched.
    await Promise.all([sessions.close(), documents.close(), compare.close(), outside.close()]);
    stopTelling();
    await network.close();
    await keeper.close();
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
    close: () => (closing ??= close()),
  };
}

/** Of a model's task: what takes time from everything else. */
const underWay: readonly ModelTask['phase'][] = ['waiting', 'running', 'verifying', 'converting'];

const somethingElse = () =>
  new AppError(
    'busy',
    'The model is at work: figures taken meanwhile would not be true.',
    'Wait for the end of the reply or the reading, or stop it.',
  );
const modelTask = () =>
  new AppError(
    'busy',
    'A model is being fetched, converted or checked: figures taken meanwhile would not be true.',
    'Wait for its end, or pause it.',
  );
const stillWriting = () =>
  new AppError(
    'busy',
    'The model that is loaded is writing a reply or a summary.',
    'Wait for its end, or stop it.',
  );
