/** The calls of the contract that are about the network, and its event. */
import type { Contract, NetworkState } from '../../shared/contract.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { Network } from './network.ts';

type Calls = Handlers<Pick<Contract, 'calls'>>;
type NetworkCalls = Pick<
  Calls,
  'network.state' | 'network.ledger' | 'network.offline' | 'network.hub' | 'network.token'
>;

const pageLength = 100;

export function networkCalls(network: Network): NetworkCalls {
  const after = (change: () => void) => {
    change();
    return network.state();
  };
  return {
    'network.state': async () => network.state(),
    'network.ledger': async ({ before = Number.MAX_SAFE_INTEGER, limit = pageLength }) =>
      network.page(before, limit),
    'network.offline': async ({ offline }) => after(() => network.setOffline(offline)),
    'network.hub': async ({ address }) => after(() => network.setHub(address)),
    'network.token': async ({ token }) => after(() => network.setToken(token)),
  };
}

/** At most this often. */
const tellMs = 250;

/** Tells of every change in the end, the latest state only. Gives the way to stop. */
export function tellOfNetwork(network: Network, tell: (state: NetworkState) => void): () => void {
  let timer: NodeJS.Timeout | null = null;
  const stop = network.onChange(() => {
    timer ??= setTimeout(() => {
      timer = null;
      tell(network.state());
    }, tellMs);
  });
  return () => {
    stop();
    if (timer) clearTimeout(timer);
  };
}
