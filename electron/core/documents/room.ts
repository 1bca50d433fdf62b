/** Room for states: which go when they take more than the budget, and whether the disk has any left. */
import { statfsSync } from 'node:fs';
import { AppError } from '../../shared/errors.ts';
import type { StateUse } from './usage-rows.ts';

/** 2 GiB: about 400 chunks of the embedded model, 1,600 pages. */
export const defaultBudget = 2 * 2 ** 30;

/**
 * Pure: files to drop so that all take at most `budget`; of the documents used longest ago first, of each its end.
 * `bytes`: of all states, of those too that may not go.
 */
export function overBudget(states: readonly StateUse[], bytes: number, budget: number): string[] {
  const dropped: string[] = [];
  let left = bytes;
  for (const state of states.toSorted((a, b) => a.usedAt - b.usedAt || b.number - a.number)) {
    if (left <= budget) break;
    left -= state.bytes;
    dropped.push(state.file);
  }
  return dropped;
}

/** The last room is for what is said in sessions: states are kept where four, and 4 MiB, have room. */
export function hasRoom(folder: string, stateBytes: number): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= 4 * stateBytes + 4 * 2 ** 20;
}

export const noRoom = () =>
  new AppError('disk-full', 'The disk is full, or almost.', 'Make some room: the reading goes on by itself.');
