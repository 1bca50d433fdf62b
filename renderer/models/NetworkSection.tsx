import { type FormEvent, useId, useState } from 'react';
import type { NetworkState } from '../../electron/shared/contract.ts';
import type { AppErrorValue } from '../../electron/shared/errors.ts';
import { useCommands } from '../app/commands.ts';
import type { Outcome } from '../app/link.ts';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Ledger } from './Ledger.tsx';
import styles from './Models.module.css';
import own from './Network.module.css';

/** What the app may do on the network, and all that it ever did. */
export function NetworkSection() {
  const network = useStore((state) => state.network);
  if (!network) return <p role="status">Asking for the network’s state…</p>;
  return (
    <>
      <p className={styles.about}>
        Llamba uses the network only to fetch what you ask for. It sends no telemetry and looks for no
        updates.
      </p>
      <OfflineSwitch offline={network.offline} />
      <HubField key={network.hub} network={network} />
      <TokenField network={network} />
      <Ledger network={network} />
    </>
  );
}

function OfflineSwitch({ offline }: { offline: boolean }) {
  const { setOffline } = useCommands();
  const id = useId();
  return (
    <div className={own.switchRow}>
      <button
        type="button"
        role="switch"
        aria-checked={offline}
        aria-labelledby={id}
        aria-describedby={`${id}-about`}
        className={own.switch}
        onClick={() => setOffline(!offline)}
      />
      <div>
        <p id={id}>Offline</p>
        <p id={`${id}-about`} className={styles.note}>
          Blocks every request. What is being fetched stops, and goes on later where it stopped.
        </p>
      </div>
    </div>
  );
}

function HubField({ network }: { network: NetworkState }) {
  const { setHub } = useCommands();
  const [address, setAddress] = useState(network.hub);
  const { error, send } = useSending(() => setHub(address.trim()));
  const id = useId();
  return (
    <form className={styles.field} onSubmit={send}>
      <label htmlFor={id}>Address of the hub</label>
      <input
        id={id}
        type="url"
        spellCheck={false}
        autoComplete="off"
        aria-describedby={`${id}-about`}
        value={address}
        onChange={(event) => setAddress(event.target.value)}
      />
      <Button type="submit" aria-disabled={address.trim() === network.hub}>
        Save
      </Button>
      <p id={`${id}-about`} className={styles.note}>
        Where models are fetched from; a mirror that speaks the same works too.
      </p>
      {error && <Notice tone="danger" message={error.message} hint={error.hint} />}
    </form>
  );
}

/** The token goes out of this field and never comes back. */
function TokenField({ network }: { network: NetworkState }) {
  const { setToken } = useCommands();
  const [token, setTyped] = useState('');
  const { error, send } = useSending(async () => {
    const answer = await setToken(token.trim());
    if (answer.ok) setTyped('');
    return answer;
  });
  const forgetting = useSending(() => setToken(null));
  const failed = error ?? forgetting.error;
  const id = useId();
  return (
    <form
      className={styles.field}
      onSubmit={(event) => (token.trim() === '' ? event.preventDefault() : send(event))}
    >
      <label htmlFor={id}>Token of the hub</label>
      <input
        id={id}
        type="password"
        autoComplete="off"
        aria-describedby={`${id}-about`}
        placeholder={network.hasToken ? 'One is known; write another to replace it' : 'Only for gated models'}
        value={token}
        onChange={(event) => setTyped(event.target.value)}
      />
      <Button type="submit" aria-disabled={token.trim() === ''}>
        Save
      </Button>
      {network.hasToken && <Button onClick={() => forgetting.send()}>Forget</Button>}
      <p id={`${id}-about`} className={styles.note}>
        It goes to the hub alone and is never shown again. Where the system has a keychain it is kept there,
        else it is forgotten when Llamba ends.
      </p>
      {failed && <Notice tone="danger" message={failed.message} hint={failed.hint} />}
    </form>
  );
}

function useSending(work: () => Promise<Outcome<void>>) {
  const [error, setError] = useState<AppErrorValue | null>(null);
  return {
    error,
    send(event?: FormEvent) {
      event?.preventDefault();
      void work().then((answer) => setError(answer.ok ? null : answer.error));
    },
  };
}
