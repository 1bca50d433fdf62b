import { useEffect, useState } from 'react';
import type { LedgerEntry, NetworkState } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';
import { useCommands } from '../app/commands.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { count, duration } from '../ui/units.ts';
import styles from './Models.module.css';
import own from './Network.module.css';
import { timeOf, traffic } from './words.ts';

/** Every request that the app ever made, latest first, a page at a time. */
export function Ledger({ network }: { network: NetworkState }) {
  const { entries, more, error, earlier } = useLedger(network);
  return (
    <>
      <h4>Everything this app ever sent</h4>
      {network.requests === 0 ? (
        <p className={styles.about}>No request was made.</p>
      ) : (
        <p className={styles.about}>
          {count(network.requests)} {network.requests === 1 ? 'request' : 'requests'},{' '}
          {traffic(network.receivedBytes)} received
          {network.active > 0 && `, ${count(network.active)} under way`}.
        </p>
      )}
      {error && <Notice tone="danger" message={error.message} hint={error.hint} />}
      {entries.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: on a narrow window it is scrolled, by keys too
        <section className={own.ledger} aria-label="Requests" tabIndex={0}>
          <table>
            <thead>
              <tr>
                {['Time', 'What for', 'Host', 'Sent', 'Received', 'Took', 'Result'].map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <Row key={entry.at} entry={entry} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {more && <Button onClick={earlier}>Show earlier ones</Button>}
    </>
  );
}

function Row({ entry }: { entry: LedgerEntry }) {
  const { purpose, host, path, sentBytes, receivedBytes, ms, result } = entry;
  return (
    <tr>
      <td>{timeOf(entry)}</td>
      <td title={path}>{purpose}</td>
      <td>{host}</td>
      <td>{traffic(sentBytes)}</td>
      <td>{traffic(receivedBytes)}</td>
      <td>{duration(ms)}</td>
      <td>{result}</td>
    </tr>
  );
}

/** The rows read so far; the newest page again whenever a request begins or ends. */
function useLedger({ requests, active }: NetworkState) {
  const { readLedger } = useCommands();
  const [rows, setRows] = useState<ReadonlyMap<number, LedgerEntry>>(new Map());
  const [error, setError] = useState<AppErrorValue | null>(null);

  const read = (before: number | null) =>
    readLedger(before).then((answer) => {
      setError(answer.ok ? null : answer.error);
      if (!answer.ok) return;
      setRows((known) => new Map([...known, ...answer.value.map((entry) => [entry.at, entry] as const)]));
    });

  // biome-ignore lint/correctness/useExhaustiveDependencies: `requests` and `active` say that there is something new
  useEffect(() => {
    if (requests > 0) void read(null);
  }, [requests, active, readLedger]);

  const entries = [...rows.values()].sort((a, b) => b.at - a.at);
  const last = entries.at(-1);
  return {
    ...{ entries, error },
    more: entries.length > 0 && entries.length < requests,
    earlier: () => void read(last?.at ?? null),
  };
}
