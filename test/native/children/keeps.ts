/** Keeps one state after another until it is killed; prints each name once its promise is resolved: `node keeps.ts MODEL FOLDER`. */
import { writeSync } from 'node:fs';
import { begin } from './shared.ts';

const [path, folder] = process.argv.slice(2) as [string, string];
const { state } = await begin(path);
for (let i = 0; ; ++i) {
  await state.feed([i % 200]).done;
  writeSync(1, `${(await state.keep(folder, '')).file}\n`);
}
