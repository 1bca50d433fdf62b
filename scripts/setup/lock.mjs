/** One setup at a time: `npm start` and `llamba` may well be run at the same moment. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cache } from './place.mjs';
import { readText } from './stamp.mjs';

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function take(file) {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const owner = Number(readText(file));
    // 0: the owner has made the file and not yet written its id into it, or has just removed it.
    if (owner > 0 && !isAlive(owner)) rmSync(file, { force: true });
    return false;
  }
}

/** Runs `work` while no other process runs one; a lock left by a dead process is taken over. */
export async function alone(work, file = cache('setup.lock')) {
  for (let waited = 0; !take(file); waited += 200) {
    if (waited === 0) console.error('Waiting for another setup of this folder to end');
    await sleep(200);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}
