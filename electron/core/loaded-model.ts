/** The model in use: loaded into the engine, with its tokenizer and defaults; loaded again when the engine was. */
import type { EngineStatus, LoadedModel, ModelEntry } from '../shared/contract.ts';
import type { EngineContract, ModelInfo, Progressed } from '../shared/engine-contract.ts';
import { AppError, toErrorValue } from '../shared/errors.ts';
import type { Client } from '../shared/rpc.ts';
import type { Engine, EngineKeeper } from './engine.ts';
import { folderOf, type ModelDefaults, readDefaults } from './models/on-disk.ts';
import { readTokenizer, type Tokenizer, type TokenizerFiles } from './tokenizer.ts';

/** Everything a reply needs. Valid as long as `epoch` is the engine's. */
export interface Ready {
  readonly epoch: number;
  /** Counts loadings: what the engine holds for one means nothing in the next. */
  readonly life: number;
  readonly entry: ModelEntry;
  readonly rpc: Client<EngineContract>;
  /** The engine's number for it. */
  readonly model: number;
  readonly tokenizer: Tokenizer;
  readonly defaults: ModelDefaults;
  readonly loaded: LoadedModel;
  /** Whose states and ids these are. */
  readonly fingerprint: string;
}

export interface ModelInUse {
  load(entry: ModelEntry): Promise<LoadedModel>;
  /** The model, waited for while it is being loaded. */
  ready(): Promise<Ready>;
  /** The id of the one that is loaded or being loaded; null: none. */
  readonly wanted: string | null;
  /** null: it is not there at this moment. */
  readonly now: Ready | null;
  /**
   * The engine for `work` alone, without the model in use, which is loaded again at its end, whatever that is; who asks
   * for the model meanwhile waits for that.
   */
  lend<T>(work: (engine: Engine) => Promise<T>): Promise<T>;
  /** To be called when a new engine has taken a dead one's place. */
  engineRestarted(): void;
}

export function modelInUse(keeper: EngineKeeper, onStatus: (status: EngineStatus) => void): ModelInUse {
  let current: { entry: ModelEntry; ready: Promise<Ready> } | null = null;
  let now: Ready | null = null;
  let lives = 0;
  let lent = false;

  async function open(entry: ModelEntry, { epoch, rpc }: Engine): Promise<Ready> {
    onStatus({ phase: 'loading', model: entry.name, done: 0, total: entry.weightBytes });
    const { model, info, tokenizer, defaults } = await loadModel(entry, rpc, ({ done, total }) =>
      onStatus({ phase: 'loading', model: entry.name, done, total }),
    );
    const loaded = describe(entry, info, defaults);
    onStatus({ phase: 'ready', model: loaded });
    const { fingerprint } = info;
    return { epoch, life: ++lives, entry, rpc, model, tokenizer, defaults, loaded, fingerprint };
  }

  /** The model in use leaves the engine; what failed to load needs no unloading. */
  const empty = async (engine: Engine): Promise<void> =>
    current?.ready.then(
      async ({ epoch, rpc, model }) => {
        if (epoch === engine.epoch) await rpc.call('unload', { model });
      },
      () => undefined,
    );

  function start(entry: ModelEntry, emptied?: Promise<void>): Promise<Ready> {
    const ready = emptied ? emptied.then(() => open(entry, keeper.get())) : open(entry, keeper.get());
    current = { entry, ready };
    now = null;
    const settled = ready.then((loaded) => {
      if (current?.ready === ready) now = loaded;
    });
    settled.catch((error) => {
      // A death is told by the keeper, which starts again; the status then is not `failed`.
      if (current?.ready === ready && toErrorValue(error).code !== 'engine-gone') {
        onStatus({ phase: 'failed', error: toErrorValue(error) });
      }
    });
    return ready;
  }

  return {
    async load(entry) {
      const engine = keeper.get();
      // The old one goes first: two large models at once may not fit.
      return (await start(entry, current ? empty(engine) : undefined)).loaded;
    },
    async ready() {
      if (!current) throw new AppError('model-not-found', 'No model is loaded.', 'Load a model first.');
      const waitedFor = current;
      const ready = await waitedFor.ready;
      if (ready.epoch === keeper.epoch) return ready;
      // The engine died since; if the keeper gave up, asking for it starts it once more.
      return current === waitedFor ? start(waitedFor.entry) : current.ready;
    },
    get wanted() {
      return current?.entry.id ?? null;
    },
    get now() {
      return now?.epoch === keeper.epoch ? now : null;
    },
    async lend(work) {
      const engine = keeper.get();
      const emptied = empty(engine);
      const { promise: returned, resolve: giveBack } = Promise.withResolvers<void>();
      if (current) start(current.entry, returned).catch(() => undefined); // told by the status
      lent = true;
      try {
        await emptied;
        onStatus({ phase: 'idle' });
        return await work(engine);
      } finally {
        lent = false;
        giveBack();
      }
    },
    engineRestarted() {
      if (current && !lent)
        start(current.entry).catch(() => undefined); // told by the status
      else onStatus({ phase: 'idle' });
    },
  };
}

/** A model in the engine, with what its files say beside the weights. */
export async function loadModel(
  entry: ModelEntry,
  rpc: Client<EngineContract>,
  onProgress: (progress: Progressed) => void,
) {
  const defaults = readDefaults(entry);
  const files = await readTokenizer(folderOf(entry));
  const loading = rpc.stream('load', { path: entry.path, pieces: files.pieces }, onProgress);
  // Built while the engine reads the weights.
  const [tokenizer, { model, info }] = await Promise.all([buildSoon(files), loading]);
  return { model, info, tokenizer, defaults };
}

/** In a later turn of the event loop, so that the request to the engine is on its way. */
const buildSoon = async (files: TokenizerFiles) => {
  await new Promise(setImmediate);
  return files.build();
};

function describe(entry: ModelEntry, info: ModelInfo, defaults: ModelDefaults): LoadedModel {
  const { sampling, safeLength, lengthProbe, defaultSystem } = defaults;
  const { format: _format, fingerprint: _fingerprint, ...known } = info;
  return { ...known, id: entry.id, name: entry.name, safeLength, lengthProbe, defaultSystem, sampling };
}
