/** Stays with a task until it has ended, showing how far it is. Ctrl-C pauses it: what is done is kept. */
import type { Contract, ModelTask } from '../../shared/contract.ts';
import { AppError, fromErrorValue } from '../../shared/errors.ts';
import type { Client } from '../../shared/rpc.ts';
import { progressLine } from '../conversion.ts';
import { untilInterrupt } from '../interrupt.ts';

/** `begin` gives the task; throws what it fails with, and `cancelled` when it was stopped. */
export async function follow(rpc: Client<Contract>, begin: () => Promise<ModelTask>): Promise<ModelTask> {
  const line = progressLine();
  const known = new Map<string, ModelTask>();
  let wake: () => void = () => undefined;
  rpc.on('model.task', (task) => {
    known.set(task.id, task);
    wake();
  });
  const { id, ...first } = await begin();
  const stop = untilInterrupt();
  stop.addEventListener('abort', () => void rpc.call('tasks.pause', { task: id }).catch(() => undefined)); // it has just ended
  try {
    for (;;) {
      const task = known.get(id) ?? { id, ...first };
      if (task.phase === 'done') return task;
      if (task.phase === 'failed' && task.error) throw fromErrorValue(task.error);
      if (task.phase === 'paused') throw stopped();
      line.show(task.doneBytes, task.totalBytes, `  ${task.phase}${remaining(task)}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    line.end();
  }
}

const remaining = ({ bytesPerSecond, secondsLeft }: ModelTask) =>
  bytesPerSecond === null || secondsLeft === null
    ? ''
    : `, ${(bytesPerSecond / 1e6).toFixed(1)} MB/s, ${Math.ceil(secondsLeft)} s left`;

const stopped = () =>
  new AppError('cancelled', 'It was stopped.', 'What is done is kept: the same command goes on from there.');
