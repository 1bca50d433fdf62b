/** How much work a run is, so that its progress can be told beforehand. Pure. */
import type { CompareRequest } from '../../shared/compare.ts';
import { decodeTokens } from './measuring.ts';

/** One token written takes about as long as this many read (Llamba-135M on two CPU cores: 5.7; on GPUs more). */
const decodeCost = 8;

export const workOf = (prefill: number, decode: number): number => prefill + decodeCost * decode;

/** Of one model. What is read more than once for the figures' sake is short. */
export function plannedWork({ contexts, batches, repeats }: Omit<CompareRequest, 'models'>): number {
  const sequences = contexts.length + batches.reduce((sum, batch) => sum + batch, 0);
  return workOf(Math.max(0, ...contexts), sequences * repeats * decodeTokens);
}

/** Of what has been done in `ms`; null while it is too little to tell. */
export const secondsLeft = (done: number, ms: number): number | null =>
  done > 0.02 ? (ms * (1 - done)) / done / 1000 : null;
