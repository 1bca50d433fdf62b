/** `llamba bench`: how fast models are here, and what memory they take, over context and batch. */
import { writeFileSync } from 'node:fs';
import { runComparison } from '../core/compare/run.ts';
import { keepEngine } from '../core/engine.ts';
import { defaultModel, findModel } from '../core/models/on-disk.ts';
import { spawnEngine } from '../engine/spawn.ts';
import type { CompareItem, CompareRun, ModelEntry } from '../shared/contract.ts';
import { AppError, fromErrorValue } from '../shared/errors.ts';
import { type Kind, runText } from './bench/print.ts';
import { randomModelBytes, writeRandomModel } from './bench/random-model.ts';
import { type Shape, shapes } from './bench/shapes.ts';
import { untilInterrupt } from './interrupt.ts';
import { modelFolders, version } from './local-core.ts';
import { helpOf, parseOptions } from './options.ts';

const kinds = ['decode', 'prefill', 'batch', 'state'] as const satisfies readonly Kind[];

const options = {
  kind: { kind: 'word', value: 'decode|prefill|batch|state', help: 'what the table shows' },
  model: { kind: 'texts', value: 'M', help: "a model's id, its folder, or a .safetensors file; up to two" },
  shape: {
    kind: 'texts',
    value: 'S',
    help: `random 4-bit weights in place of a model: ${Object.keys(shapes).join(', ')}`,
  },
  contexts: { kind: 'text', value: '0,1k,4k', help: 'tokens that were read before; k is 1,024' },
  batch: { kind: 'text', value: '1,2,4,8', help: 'sequences that write at once' },
  repeats: { kind: 'integer', value: 'N', help: 'of each measurement; default 5' },
  json: { kind: 'text', value: 'F', help: 'writes the whole run to a file; - is standard output' },
} as const;

export const help = helpOf(
  'bench decode|prefill|batch|state [options]',
  'Measures models, each alone in the engine: medians and spread, with the machine, the versions and the date.',
  options,
);

export async function bench(args: string[]): Promise<void> {
  const given = parseOptions(args, options);
  const kind = kinds.find((one) => one === given.kind);
  if (!kind) throw wrong(`There is no bench "${given.kind}".`);
  if (kind === 'batch' && given.contexts) throw wrong('bench batch takes --batch, not --contexts.');
  if (kind !== 'batch' && given.batch) throw wrong(`bench ${kind} takes --contexts, not --batch.`);
  const contexts = kind === 'batch' ? [] : counts('contexts', given.contexts ?? '0,1k,4k', 0);
  const batches = kind === 'batch' ? counts('batch', given.batch ?? '1,2,4,8', 1) : [];
  if (given.repeats === 0) throw wrong('--repeats takes 1 or more.');
  const signal = untilInterrupt();
  const engine = keepEngine(() => spawnEngine(), { died() {}, restarted() {}, memory() {} });
  const { entries, remove } = await entriesOf(given.model, given.shape, signal);
  try {
    const run = await runComparison({
      rpc: engine.get().rpc,
      entries,
      request: { models: entries.map(({ id }) => id), contexts, batches, repeats: given.repeats ?? 5 },
      version,
      emit: tellSteps(),
      signal,
    });
    print(kind, run, given.json);
    if (run.error) throw fromErrorValue(run.error);
  } finally {
    await engine.close();
    await remove();
  }
}

async function entriesOf(models: readonly string[], shaped: readonly string[], signal: AbortSignal) {
  if (models.length + shaped.length > 2) throw wrong('At most two models are measured in one run.');
  const wanted = shaped.map((name): [string, Shape] => {
    if (!Object.hasOwn(shapes, name)) throw wrong(`There is no shape "${name}".`);
    return [name, shapes[name as keyof typeof shapes]];
  });
  const folders = modelFolders();
  const none = models.length + shaped.length === 0;
  const entries: ModelEntry[] = none
    ? [defaultModel(folders)]
    : models.map((name) => findModel(folders, name));
  const removals: (() => Promise<void>)[] = [];
  const remove = async () => void (await Promise.all(removals.map((one) => one())));
  try {
    for (const [name, shape] of wanted) {
      const gigabytes = (randomModelBytes(shape) / 1e9).toFixed(2);
      process.stderr.write(`Writing ${name}, random, ${gigabytes} GB, in the folder for temporary files.\n`);
      const made = await writeRandomModel(name, shape, signal);
      removals.push(made.remove);
      entries.push(made.entry);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { entries, remove };
}

/** Why it waits, always; how far it is as a line that is written over, where somebody looks. */
function tellSteps(): (item: CompareItem) => void {
  const seen = process.stderr.isTTY;
  const clear = seen ? '\r\x1b[K' : '';
  return (item) => {
    if (item.type === 'paused') process.stderr.write(`${clear}${item.reason}\n`);
    if (item.type !== 'progress' || !seen) return;
    const left = item.secondsLeft === null ? '' : `, ${Math.ceil(item.secondsLeft)} s left`;
    const share = `${Math.floor(100 * item.done)} %`.padStart(5);
    process.stderr.write(`${clear}${share}  ${[item.model, item.step].filter(Boolean).join(': ')}${left}`);
    if (item.done === 1) process.stderr.write(clear);
  };
}

function print(kind: Kind, run: CompareRun, file: string | undefined): void {
  const json = `${JSON.stringify(run, null, 2)}\n`;
  if (file === '-') return void process.stdout.write(json);
  if (file !== undefined) writeFileSync(file, json);
  process.stdout.write(runText(kind, run));
}

/** `1k` is 1,024. */
function counts(name: string, list: string, least: number): number[] {
  return list.split(',').map((part) => {
    const [, digits, thousand] = /^(\d+)(k?)$/i.exec(part.trim()) ?? [];
    const value = Number(digits) * (thousand ? 1024 : 1);
    if (Number.isSafeInteger(value) && value >= least && value <= 2 ** 20) return value;
    throw wrong(`--${name} takes whole numbers of ${least} or more with commas between, not "${part}".`);
  });
}

const wrong = (what: string) => new AppError('bad-request', what, 'See llamba bench --help.');
