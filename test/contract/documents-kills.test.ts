/** kill -9 at random moments of a reading: the next start goes on at the next chunk, and the result is the same. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { seeded } from '../user/seeded.ts';
import { paragraphs, somewhere } from './documents-tiny.ts';

const child = fileURLToPath(new URL('./documents-child.ts', import.meta.url));
const kills = Number(process.env.LLAMBA_KILLS ?? 20);

interface Line {
  readonly chunksRead: number;
  readonly tokensRead: number;
  readonly done?: true;
}

/** Killed so many ms after its first word; null: left alone. */
async function run(data: string, file: string, afterMs: number | null): Promise<Line[]> {
  const reading = spawn(process.execPath, [child, data, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  reading.stdout.setEncoding('utf8').on('data', (piece: string) => {
    if (out === '' && afterMs !== null) setTimeout(() => reading.kill('SIGKILL'), afterMs);
    out += piece;
  });
  await once(reading, 'close');
  // The kill may cut the last line.
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

it(`survives ${kills} kills, and no more than the chunk under way is read twice`, async () => {
  const [killed, whole] = [somewhere(), somewhere()];
  const text = paragraphs(1200).join('\n\n');
  const file = killed.write('a.txt', text);
  const random = seeded(7);
  let told: Line = { chunksRead: 0, tokensRead: 0 };
  let interrupted = 0;
  let finished = false;
  for (let i = 0; i < kills && !finished; i++) {
    const lines = await run(killed.data, file, random.next() * 300);
    const begun = lines[0];
    // A chunk whose row was written just before the kill may not have been told.
    expect(begun?.chunksRead, `kill ${i}`).toBeGreaterThanOrEqual(told.chunksRead);
    expect(begun?.chunksRead, `kill ${i}`).toBeLessThanOrEqual(told.chunksRead + 1);
    finished = lines.at(-1)?.done === true;
    if (!finished) interrupted += 1;
    told = lines.at(-1) ?? told;
  }
  expect(interrupted).toBeGreaterThanOrEqual(Math.min(kills, 10));
  await run(killed.data, file, null);
  await run(whole.data, whole.write('a.txt', text), null);
  const names = (data: string) => readdirSync(join(data, 'documents/states')).sort();
  expect(names(killed.data)).toEqual(names(whole.data));
  expect(names(whole.data).length).toBeGreaterThan(100);
}, 180_000);
