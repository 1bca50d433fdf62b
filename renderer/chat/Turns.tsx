import { memo, useState } from 'react';
import type { Turn } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { blocked, useStore } from '../store.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Progress } from '../ui/Progress.tsx';
import { count } from '../ui/units.ts';
import { CopyButton } from './CopyButton.tsx';
import { Markdown } from './Markdown.tsx';
import { LiveStats, ReplyStats } from './ReplyStats.tsx';
import styles from './Turns.module.css';

/** In characters; a pasted document would push the conversation off the screen. */
const longMessage = 2000;

/** What the user wrote, as it was written. */
export const UserTurn = memo(function UserTurn({ turn }: { turn: Turn }) {
  const [whole, setWhole] = useState(false);
  const long = turn.text.length > longMessage;
  return (
    <article className={`${styles.turn} ${styles.user}`}>
      <h3 className="visually-hidden">You</h3>
      <div className={styles.said}>
        <p dir="auto">{long && !whole ? `${turn.text.slice(0, longMessage / 2)}…` : turn.text}</p>
        {long && (
          <Button aria-expanded={whole} onClick={() => setWhole(!whole)}>
            {whole ? 'Show less' : `Show all ${count(turn.text.length)} characters`}
          </Button>
        )}
      </div>
    </article>
  );
});

/** A reply: being read for, being written, finished, stopped or broken. `last` is the one that can be tried again. */
export const ReplyTurn = memo(function ReplyTurn({ turn, last }: { turn: Turn; last: boolean }) {
  const { retry } = useCommands();
  const cannot = useStore(blocked);
  const writing = useStore((state) => state.reply?.turnId === turn.id);
  return (
    <article className={styles.turn} aria-busy={writing} data-reply={writing ? 'writing' : 'done'}>
      <h3 className="visually-hidden">Llamba</h3>
      {turn.text !== '' && <Markdown text={turn.text} writing={writing} />}
      {writing && turn.text === '' && <Reading />}
      {turn.error && (
        <div className={styles.error}>
          <Notice
            tone="danger"
            message={turn.error.message}
            hint={turn.error.hint}
            action={
              last &&
              !writing && (
                <Button icon="retry" aria-disabled={cannot !== null} onClick={retry}>
                  Try again
                </Button>
              )
            }
          />
        </div>
      )}
      {writing && turn.text !== '' && <LiveStats />}
      {!writing && (turn.text !== '' || turn.stats) && (
        <footer className={styles.footer}>
          {turn.text !== '' && <CopyButton label="Copy reply" text={() => turn.text} tip="above-right" />}
          {last && !turn.error && (
            <IconButton
              icon="retry"
              label="Try again"
              size="small"
              tip="above-right"
              aria-disabled={cannot !== null}
              onClick={retry}
            />
          )}
          {turn.stats && <ReplyStats stats={turn.stats} />}
        </footer>
      )}
    </article>
  );
});

/** Before the first word: how much of the prompt has been read. Short prompts are read before anyone could look. */
export function Reading() {
  const prefill = useStore((state) => state.reply?.prefill ?? null);
  if (prefill && prefill.total >= 256) {
    const label = `Reading ${count(prefill.done)} of ${count(prefill.total)} tokens`;
    return <Progress label={label} done={prefill.done} total={prefill.total} />;
  }
  return (
    <p className={styles.pen}>
      <span className="visually-hidden">Writing</span>
    </p>
  );
}
