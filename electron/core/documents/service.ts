/** Documents, wired: the calls of the contract that are about them, and their end. */
import type { Contract } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/rpc.ts';

export type DocumentCalls = Pick<
  Handlers<Contract>,
  Extract<keyof Handlers<Contract>, `documents.${string}` | `recall.${string}`>
>;

export function createDocuments(): { readonly calls: DocumentCalls; close(): Promise<void> } {
  const notYet = async (): Promise<never> => {
    throw new AppError('unsupported', 'Documents are not wired yet.', 'Use the command line.');
  };
  return {
    calls: {
      'documents.list': notYet,
      'documents.add': notYet,
      'documents.remove': notYet,
      'documents.pages': notYet,
      'documents.read': notYet,
      'documents.pause': notYet,
      'documents.summaries': notYet,
      'documents.removeSummary': notYet,
      'documents.budget': notYet,
      'documents.summarize': notYet,
      'documents.ask': notYet,
      'recall.latest': notYet,
      'recall.run': notYet,
    },
    close: async () => undefined,
  };
}
