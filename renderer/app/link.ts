/** The connection as the clients of single nouns see it: whether there is one, and what becomes of a call's failure. */
import type { Contract } from '../../electron/shared/contract.ts';
import { type AppErrorValue, toErrorValue } from '../../electron/shared/errors.ts';
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

/** What came of a call whose failure is shown where it was made. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: AppErrorValue };

/** Runs `work` over the connection; who asked shows its failure. */
export async function outcome<T>(
  link: Link,
  work: (rpc: Client<Contract>) => Promise<T>,
): Promise<Outcome<T>> {
  try {
    if (!link.rpc) throw gone;
    return { ok: true, value: await work(link.rpc) };
  } catch (error) {
    return { ok: false, error: toErrorValue(error) };
  }
}
