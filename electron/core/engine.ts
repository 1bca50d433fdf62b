/**
 * Core's side of the engine process: started when first needed, started again when it dies, the model loaded once
 * more. Who was waiting for an answer gets `engine-gone`, which can be tried again; `on.died` tells the user.
 */
import type { EngineProcess } from '../engine/spawn.ts';
import type { EngineContract, EngineMemory } from '../shared/engine-contract.ts';
import { AppError, toErrorValue } from '../shared/errors.ts';
import { type Client, client } from '../shared/rpc.ts';

/** A lifetime of the engine process. States and models of one epoch mean nothing in the next. */
export interface Engine {
  readonly epoch: number;
  readonly rpc: Client<EngineContract>;
}

export interface EngineKeeper {
  /** The running engine, started if there is none. */
  get(): Engine;
  /** The epoch that is alive; another means that states made before are gone. */
  readonly epoch: number;
  readonly pid: number | undefined;
  readonly memory: EngineMemory | null;
  /** Resolves once the process has ended and what it had parked is gone. */
  close(): Promise<void>;
}

/** After this many deaths within this many ms, starting again is given up: a model may kill it each time. */
const patience = 3;
const patienceMs = 60_000;

export function keepEngine(
  start: () => EngineProcess,
  on: {
    /** It died; `again` is false when it is not started any more. */
    died(error: AppError, again: boolean): void;
    /** A new process runs in place of the dead one. */
    restarted(engine: Engine): void;
    memory(memory: EngineMemory): void;
  },
): EngineKeeper {
  let process: EngineProcess | null = null;
  let engine: Engine | null = null;
  let memory: EngineMemory | null = null;
  let epoch = 0;
  let deaths: number[] = [];
  let closed = false;

  function open(): Engine {
    if (closed) throw goneForGood();
    const mine = start();
    const rpc = client<EngineContract>(mine.port);
    const opened = { epoch: ++epoch, rpc: tagged(rpc) };
    process = mine;
    engine = opened;
    rpc.on('memory', (latest) => {
      memory = latest;
      on.memory(latest);
    });
    mine.port.onClose(() => {
      if (process !== mine) return;
      process = null;
      engine = null;
      memory = null;
      epoch += 1;
      if (closed) return;
      const now = performance.now();
      deaths = [...deaths.filter((at) => now - at < patienceMs), now];
      const again = deaths.length < patience;
      on.died(again ? gone() : goneForGood(), again);
      if (again) on.restarted(open());
    });
    return opened;
  }

  return {
    get: () => engine ?? open(),
    get epoch() {
      return epoch;
    },
    get pid() {
      return process?.pid;
    },
    get memory() {
      return memory;
    },
    async close() {
      closed = true;
      const last = process;
      if (!last) return;
      const ended = new Promise<void>((resolve) => last.port.onClose(resolve));
      last.kill();
      await ended;
    },
  };
}

/** A port that closed under a request means that the engine died: say so. */
function tagged(rpc: Client<EngineContract>): Client<EngineContract> {
  const translate = (error: unknown) => {
    throw toErrorValue(error).code === 'port-closed' ? gone() : error;
  };
  return {
    on: rpc.on,
    call: ((...args: Parameters<typeof rpc.call>) => rpc.call(...args).catch(translate)) as typeof rpc.call,
    stream: ((...args: Parameters<typeof rpc.stream>) =>
      rpc.stream(...args).catch(translate)) as typeof rpc.stream,
  };
}

const gone = () =>
  new AppError(
    'engine-gone',
    'The engine stopped unexpectedly and was started again.',
    'Nothing you wrote is lost. Try again.',
  );
const goneForGood = () =>
  new AppError(
    'engine-gone',
    `The engine stopped ${patience} times within a minute and is not started again by itself.`,
    'Load the model again, or a smaller one; restart the app if it stays so.',
  );
