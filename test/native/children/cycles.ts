/** 1,000 lives of a state; prints what they leave behind: `node --expose-gc cycles.ts MODEL`. */
import { addon, begin, endless } from './shared.ts';

const { engine, model } = await begin(process.argv[2] as string);
const prompt = Array.from({ length: 40 }, (_, i) => (i * 7) % 200);

async function cycle(i: number): Promise<void> {
  const state = await model.createState();
  await state.feed(prompt).done;
  const fork = await state.fork();
  const short = state.generate({ ...endless, maxTokens: 4 }, () => {}).done;
  const job = fork.generate(endless, () => job.cancel());
  const [length, cancelled] = await Promise.all([short, job.done]);
  if (length.reason !== 'length' || cancelled.reason !== 'cancelled')
    throw new Error(`cycle ${i} went wrong`);
  await Promise.all([state.free(), fork.free()]);
}

async function settled() {
  engine.dropCaches();
  await new Promise((resolve) => setTimeout(resolve, 50));
  globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return addon.memory();
}

for (let i = 0; i < 50; ++i) await cycle(i);
const before = await settled();
for (let i = 0; i < 1000; ++i) await cycle(i);
const after = await settled();

// States that nobody frees: the collector does.
for (let i = 0; i < 200; ++i) await (await model.createState()).feed(prompt).done;
await settled();
const forgotten = await settled();

await model.unload();
await engine.close();
console.log(JSON.stringify({ before, after, forgotten }));
