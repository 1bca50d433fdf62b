import type { Contract } from '../../shared/contract.ts';
import { fromErrorValue } from '../../shared/errors.ts';
import type { Client } from '../../shared/rpc.ts';

/** Throws why the kept sessions cannot be used here: another Llamba has them, or they cannot be opened. */
export async function needKept(rpc: Client<Contract>): Promise<void> {
  const { phase, error } = await rpc.call('storage.get', {});
  // On a full disk what is there can be read; a call that writes says so itself.
  if (error && (phase === 'elsewhere' || phase === 'failed')) throw fromErrorValue(error);
}
