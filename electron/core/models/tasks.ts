/** What is being done to models: each task runs, pauses, fails and goes on by itself; whoever looks is told. */
import type { ModelTask } from '../../shared/contract.ts';
import { AppError, toErrorValue } from '../../shared/errors.ts';
import { createPace, type Pace, secondsLeft } from './pace.ts';

export interface Job {
  readonly id: string;
  readonly kind: ModelTask['kind'];
  readonly model: string;
  readonly name: string;
  run(control: JobControl): Promise<void>;
  /** Removes what it has left behind; after its end. */
  discard(): Promise<void>;
}

export interface JobControl {
  readonly signal: AbortSignal;
  readonly phase: (phase: 'running' | 'verifying' | 'converting') => void;
  readonly progress: (done: number, total: number) => void;
  /** To be known from now on. */
  readonly word: (word: string) => void;
  /** To be known until it goes on. */
  readonly trouble: (word: string) => void;
}

interface Entry {
  job: Job;
  task: ModelTask;
  abort: AbortController | null;
  ended: Promise<void>;
}

/** At most this often is somebody told of mere progress. */
const tellMs = 250;

export type Tasks = ReturnType<typeof createTasks>;

export function createTasks(tell: (task: ModelTask) => void) {
  const entries = new Map<string, Entry>();

  function set(entry: Entry, change: Partial<ModelTask>) {
    entry.task = { ...entry.task, ...change };
    tell(entry.task);
  }

  function start(entry: Entry): ModelTask {
    const abort = new AbortController();
    entry.abort = abort;
    set(entry, { phase: 'running', error: null });
    entry.ended = run(entry, abort.signal);
    return entry.task;
  }

  async function run(entry: Entry, signal: AbortSignal): Promise<void> {
    const watch = watching(entry, set);
    try {
      await entry.job.run({ signal, ...watch });
      set(entry, {
        phase: 'done',
        doneBytes: entry.task.totalBytes ?? entry.task.doneBytes,
        ...watch.atRest(),
      });
    } catch (error) {
      const paused = signal.aborted;
      set(entry, {
        phase: paused ? 'paused' : 'failed',
        error: paused ? null : toErrorValue(error),
        ...watch.atRest(),
      });
    } finally {
      entry.abort = null;
    }
  }

  const find = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry) return entry;
    throw new AppError('bad-request', 'There is no such task any more.', 'Look at the list again.');
  };

  async function stop(entry: Entry): Promise<void> {
    entry.abort?.abort(stopped());
    await entry.ended;
  }

  return {
    list: (): ModelTask[] => [...entries.values()].map(({ task }) => task),
    /** Begins it; one of the same id that has stopped goes on, one that runs is left alone. */
    begin(job: Job): ModelTask {
      const running = entries.get(job.id);
      if (running?.abort) return running.task;
      const entry = running && running.task.phase !== 'done' ? running : enter(job, {});
      return start(entry);
    },
    /** One that an earlier run of the app left. */
    found: (job: Job, change: Partial<ModelTask>) => void enter(job, { phase: 'paused', ...change }),
    async pause(id: string): Promise<ModelTask> {
      const entry = find(id);
      await stop(entry);
      return entry.task;
    },
    resume(id: string): ModelTask {
      const entry = find(id);
      return entry.abort || entry.task.phase === 'done' ? entry.task : start(entry);
    },
    async cancel(id: string): Promise<void> {
      const entry = find(id);
      await stop(entry);
      if (entry.task.phase !== 'done') await entry.job.discard();
      entries.delete(id);
      tell({ ...entry.task, phase: 'failed', error: toErrorValue(stopped()) });
    },
    /** All stop; what can go on will at the next start. */
    close: async () => void (await Promise.all([...entries.values()].map(stop))),
  };

  function enter(job: Job, change: Partial<ModelTask>): Entry {
    const { id, kind, model, name } = job;
    const task: ModelTask = {
      ...{ id, kind, model, name, phase: 'waiting' as const, doneBytes: 0, totalBytes: null },
      ...{ ...still, note: null, error: null, ...change },
    };
    const entry = { job, task, abort: null, ended: Promise.resolve() };
    entries.set(id, entry);
    return entry;
  }
}

const still = { bytesPerSecond: null, secondsLeft: null };

/** Turns what a job says into its task, with speed and remaining time. */
function watching(entry: Entry, set: (entry: Entry, change: Partial<ModelTask>) => void) {
  let pace: Pace | null = null;
  let told = 0;
  let lasting = entry.task.note;
  return {
    phase(phase: ModelTask['phase']) {
      pace = null;
      if (phase !== entry.task.phase) set(entry, { phase, ...still });
    },
    word(word: string) {
      lasting = word;
      set(entry, { note: word });
    },
    trouble: (word: string) => set(entry, { note: word }),
    /** What is left of it all when the job has ended. */
    atRest: () => ({ note: lasting, ...still }),
    progress(doneBytes: number, totalBytes: number) {
      const now = performance.now();
      pace ??= createPace(now);
      pace.add(Math.max(0, doneBytes - entry.task.doneBytes), now);
      const bytesPerSecond = pace.rate(now);
      const change = {
        note: lasting,
        doneBytes,
        totalBytes,
        bytesPerSecond: bytesPerSecond === null ? null : Math.round(bytesPerSecond),
        secondsLeft: secondsLeft(totalBytes - doneBytes, bytesPerSecond),
      };
      if (now - told < tellMs) {
        entry.task = { ...entry.task, ...change };
        return;
      }
      told = now;
      set(entry, change);
    },
  };
}

const stopped = () => new AppError('cancelled', 'It was stopped.', '');
