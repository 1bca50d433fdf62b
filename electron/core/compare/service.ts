/** Comparing models, wired: the calls of the contract that are about it. */
import type { Contract } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/rpc.ts';

export type CompareCalls = Pick<Handlers<Contract>, Extract<keyof Handlers<Contract>, `compare.${string}`>>;

export function createCompare(): { readonly calls: CompareCalls } {
  const notYet = async (): Promise<never> => {
    throw new AppError('unsupported', 'Comparing is not wired yet.', 'Use llamba bench.');
  };
  return {
    calls: {
      'compare.pairs': notYet,
      'compare.runs': notYet,
      'compare.remove': notYet,
      'compare.run': notYet,
      'compare.side': notYet,
    },
  };
}
