/** How fast this machine's cores read memory, by a search for a byte that is not there: no part of the engine. */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Read by each core: far more than its caches hold. */
const bytesEach = 128 * 2 ** 20;
const runs = 5;
/** More add nothing: the memory is busy long before. */
const mostCores = 16;

/** A thread's whole program: it reads when it is asked, and tells when it has. Source text, as bundles have no files. */
const reader = `
const { parentPort, workerData } = require('node:worker_threads');
const memory = Buffer.alloc(workerData, 1);
parentPort.on('message', () => parentPort.postMessage(memory.indexOf(2)));
parentPort.postMessage('ready');
`;

/** Bytes a second of the best of five long reads by all cores together (glibc's or the system's memchr). */
export async function readSpeed(cores = Math.min(availableParallelism(), mostCores)): Promise<number> {
  const workers = Array.from(
    { length: cores },
    () => new Worker(reader, { eval: true, workerData: bytesEach }),
  );
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < runs; run++) {
      const began = performance.now();
      const ended = workers.map((worker) => once(worker, 'message'));
      for (const worker of workers) worker.postMessage('read');
      await Promise.all(ended);
      best = Math.min(best, performance.now() - began);
    }
    return (1000 * cores * bytesEach) / best;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
