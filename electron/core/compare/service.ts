/** Comparing models, wired: the calls of the contract that are about it, and their end. */
import { join } from 'node:path';
import type { CatalogueModel, Contract } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/rpc.ts';
import { cancelled } from '../aborting.ts';
import type { Engine } from '../engine.ts';
import type { ModelInUse } from '../loaded-model.ts';
import { knownModel, listModels, type ModelFolders } from '../models/on-disk.ts';
import { pairsOf } from './pairs.ts';
import { runComparison } from './run.ts';
import { keepRuns } from './runs.ts';
import { answerSideBySide } from './side.ts';

export type CompareCalls = Pick<Handlers<Contract>, Extract<keyof Handlers<Contract>, `compare.${string}`>>;

export interface CompareOptions {
  readonly catalogue: readonly CatalogueModel[];
  readonly folders: ModelFolders;
  /** The engine, with nobody else at it. */
  readonly lend: ModelInUse['lend'];
  /** The folder of all data; null: runs are kept in memory. */
  readonly data: string | null;
  readonly version: string;
  /** Throws `busy` while anything else is at work. */
  readonly refuse: () => void;
}

export function createCompare({ catalogue, folders, lend, data, version, refuse }: CompareOptions) {
  const runs = keepRuns(data === null ? null : join(data, 'compare'));
  let measuring: { stop: AbortController; ended: Promise<unknown> } | null = null;

  function refuseWhileMeasuring(): void {
    if (measuring) throw busy();
  }

  /** Has the engine to itself. */
  async function alone<T>(
    signal: AbortSignal,
    work: (engine: Engine, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    refuseWhileMeasuring();
    refuse();
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const ended = lend((engine) => work(engine, either));
    measuring = { stop, ended };
    try {
      return await ended;
    } finally {
      measuring = null;
    }
  }

  const entriesOf = (ids: readonly string[]) => ids.map((id) => knownModel(folders, id));

  const calls: CompareCalls = {
    'compare.pairs': async () => pairsOf(catalogue, listModels(folders)),
    'compare.runs': async () => runs.list(),
    'compare.remove': async ({ run }) => {
      runs.remove(run);
      return {};
    },
    'compare.run': async (request, { emit, signal }) => {
      const entries = entriesOf(request.models);
      const run = await alone(signal, ({ rpc }, either) =>
        runComparison({ rpc, entries, request, version, emit, signal: either }),
      );
      if (run.models.length > 0) runs.add(run);
      return run;
    },
    'compare.side': async ({ models: ids, prompt, maxTokens }, { emit, signal }) => {
      const entries = entriesOf(ids);
      return alone(signal, ({ rpc }, either) =>
        answerSideBySide({ rpc, entries, prompt, maxTokens, emit, signal: either }),
      );
    },
  };

  return {
    calls,
    refuseWhileMeasuring,
    /** Stops what is measured, and waits for its end. */
    async close(): Promise<void> {
      measuring?.stop.abort(cancelled());
      await measuring?.ended.catch(() => undefined); // its caller is told
    },
  };
}

const busy = () =>
  new AppError(
    'busy',
    'Models are being compared, and nothing else may run meanwhile.',
    'Wait for the end of the comparison, or stop it.',
  );
