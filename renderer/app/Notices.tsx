import { turnsOf } from '../chat/chat-state.ts';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { useCommands } from './commands.ts';
import styles from './Notices.module.css';

/** What the user must know now, the most pressing first; one at a time. */
export function Notices() {
  return <div className={styles.notices}>{useNotice()}</div>;
}

function useNotice() {
  const connection = useStore((state) => state.connection);
  const engine = useStore((state) => state.engine);
  const died = useStore((state) => state.died);
  const empty = useStore((state) => turnsOf(state).length === 0);
  const failure = useStore((state) => state.failure);
  const stored = useStore((state) => state.storage?.error ?? null);
  const deathRead = useStore((state) => state.deathRead);
  const failureDismissed = useStore((state) => state.failureDismissed);
  const { reconnect, startEngine } = useCommands();

  if (connection.phase === 'lost') {
    return (
      <Notice
        tone="danger"
        message={connection.error.message}
        hint={connection.error.hint}
        action={
          <Button icon="retry" onClick={reconnect}>
            Reconnect
          </Button>
        }
      />
    );
  }
  if (engine.phase === 'failed' && !empty) {
    return (
      <Notice
        tone="danger"
        message={engine.error.message}
        hint={engine.error.hint}
        action={
          <Button icon="retry" onClick={startEngine}>
            Start again
          </Button>
        }
      />
    );
  }
  if (died && engine.phase !== 'ready') {
    return (
      <Notice
        tone="caution"
        message="The engine stopped and is being started again."
        hint="Nothing of the conversation is lost. The model is being loaded again."
      />
    );
  }
  if (failure) {
    return (
      <Notice tone="danger" message={failure.message} hint={failure.hint} onDismiss={failureDismissed} />
    );
  }
  if (stored) return <Notice tone="caution" message={stored.message} hint={stored.hint} />;
  if (died) {
    return (
      <Notice
        tone="info"
        message="The engine stopped and is running again."
        hint="Nothing of the conversation is lost. An interrupted reply can be tried again."
        onDismiss={deathRead}
      />
    );
  }
  return null;
}
