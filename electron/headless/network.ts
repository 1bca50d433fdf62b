/** `llamba network`: every request that the app made, whether it may make any, and which hub it asks. */
import { createNetwork } from '../core/network/network.ts';
import type { LedgerEntry, NetworkState } from '../shared/contract.ts';
import { AppError } from '../shared/errors.ts';
import { userData } from './local-core.ts';
import { helpOf, jsonOption, parseOptions } from './options.ts';

const options = {
  switch: {
    kind: 'word?',
    value: 'SWITCH',
    help: 'offline: no request leaves this computer; online: they may again',
  },
  hub: {
    kind: 'text',
    value: 'ADDRESS',
    help: 'where models are fetched from; https, or http to this computer',
  },
  last: { kind: 'integer', value: 'N', help: 'requests to show; default 20' },
  ...jsonOption,
} as const;

export const help = helpOf(
  'network [SWITCH] [options]',
  'Every request that the app made. Nothing else has left this computer.',
  options,
);

export async function network(args: string[]): Promise<void> {
  const { switch: turn, hub, last = 20, json } = parseOptions(args, options);
  if (turn !== undefined && turn !== 'offline' && turn !== 'online') {
    throw new AppError('bad-request', `The network is not "${turn}".`, 'Say offline or online.');
  }
  const opened = createNetwork({ folder: userData });
  try {
    if (hub !== undefined) opened.setHub(hub);
    if (turn !== undefined) opened.setOffline(turn === 'offline');
    const state = opened.state();
    const ledger = opened.page(Number.MAX_SAFE_INTEGER, last).toReversed();
    process.stdout.write(json ? `${JSON.stringify({ state, ledger })}\n` : text(state, ledger));
  } finally {
    await opened.close();
  }
}

const text = ({ offline, hub, requests, receivedBytes }: NetworkState, ledger: readonly LedgerEntry[]) =>
  [
    ...ledger.map(lineOf),
    `${requests} requests in all, ${(receivedBytes / 1e6).toFixed(1)} MB received`,
    `${offline ? 'offline: none can leave' : 'online'}; the hub is ${hub}`,
    '',
  ].join('\n');

function lineOf({ at, purpose, host, path, sentBytes, receivedBytes, ms, result }: LedgerEntry): string {
  const when = new Date(at).toISOString().slice(0, 19).replace('T', ' ');
  return `${when}  ${result.padEnd(8)} ${sentBytes} B sent, ${receivedBytes} B received, ${ms} ms  ${host}${path}  (${purpose})`;
}
