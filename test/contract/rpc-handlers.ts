/** A small contract to try the RPC with. */
import { AppError } from '../../electron/shared/errors.ts';
import type { Handlers } from '../../electron/shared/rpc.ts';

export interface Abc {
  calls: {
    add: { params: { a: number; b: number }; result: number };
    fail: { params: Record<string, never>; result: never };
  };
  streams: {
    count: { params: { to: number }; item: number; result: string };
    /** One item, then nothing until it is cancelled. */
    forever: { params: Record<string, never>; item: number; result: string };
  };
  events: { tick: number };
}

export const abc = (): Handlers<Abc> => ({
  add: async ({ a, b }) => a + b,
  fail: async () => {
    throw new AppError('disk-full', 'The disk is full.', 'Make room.');
  },
  count: async ({ to }, { emit }) => {
    for (let i = 0; i < to; i++) emit(i);
    return 'counted';
  },
  forever: (_params, { signal, emit }) =>
    new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve('stopped'));
      emit(0);
    }),
});
