/** The connection as the clients of single nouns see it: whether there is one, and what becomes of a call's failure. */
import type { Contract } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';
import type { Client } from '../../electron/shared/rpc.ts';
import type { Store } from '../store.ts';

export interface Link {
  readonly store: Store;
  /** null: not connected. */
  readonly rpc: Client<Contract> | null;
  /** To the user, who has to know. */
  told(error: unknown): void;
}

export const gone: AppErrorValue = {
  code: 'port-closed',
  message: 'The connection to Llamba was lost.',
  hint: 'It is being tried again. If it stays lost, see whether npm start is still running.',
};

/** Runs `work` over the connection; without one, or when it fails, the user is told. */
export async function calling<T>(link: Link, work: (rpc: Client<Contract>) => Promise<T>): Promise<T | null> {
  try {
    if (!link.rpc) throw gone;
    return await work(link.rpc);
  } catch (error) {
    link.told(error);
    return null;
  }
}
