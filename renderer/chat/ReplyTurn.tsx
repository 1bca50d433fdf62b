import { memo } from 'react';
import type { Turn } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { blocked, useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Progress } from '../ui/Progress.tsx';
import { count } from '../ui/units.ts';
import { replyOf } from './chat-state.ts';
import { EditField } from './EditField.tsx';
import { Markdown } from './Markdown.tsx';
import { ReplyFooter } from './ReplyFooter.tsx';
import { LiveStats } from './ReplyStats.tsx';
import styles from './Turns.module.css';

/** A reply: being read for, being written, waiting for room, finished, cut or broken. */
export const ReplyTurn = memo(function ReplyTurn({ turn, last }: { turn: Turn; last: boolean }) {
  const { editReply, continueTurn, reply } = useCommands();
  const cannot = useStore(blocked);
  const writing = useStore((state) => replyOf(state)?.turnId === turn.id);
  const edit = useStore((state) => state.edits[turn.id]);
  const editChanged = useStore((state) => state.editChanged);
  if (edit !== undefined) {
    return (
      <EditField
        label="Edit reply"
        turn={turn.id}
        text={edit}
        done="Save"
        cannot={null}
        onDone={(text) => editReply(turn.id, text)}
      />
    );
  }
  const parent = turn.parent;
  return (
    <article
      className={`${styles.turn} ${last ? styles.last : ''}`}
      aria-busy={writing}
      data-reply={writing ? 'writing' : 'done'}
    >
      <h3 className="visually-hidden">Llamba</h3>
      {turn.text !== '' && <Markdown text={turn.text} writing={writing} />}
      {writing && turn.text === '' && <Reading />}
      {writing && <Paused />}
      {turn.error && (
        <div className={styles.error}>
          <Notice
            tone="danger"
            message={turn.error.message}
            hint={turn.error.hint}
            action={
              last &&
              !writing &&
              parent !== null &&
              turn.text === '' && (
                <Button icon="retry" aria-disabled={cannot !== null} onClick={() => reply(parent)}>
                  Try again
                </Button>
              )
            }
          />
        </div>
      )}
      {writing && turn.text !== '' && <LiveStats />}
      {!writing && turn.status === 'cut' && turn.text !== '' && (
        <p className={styles.cut}>
          <span>
            {turn.error
              ? 'It broke off here.'
              : turn.stats?.stopReason === 'length'
                ? 'It reached its greatest length.'
                : 'It was stopped here.'}
          </span>
          <Button
            icon="play"
            aria-disabled={cannot !== null}
            onClick={() => cannot === null && continueTurn(turn.id)}
          >
            Continue
          </Button>
        </p>
      )}
      {!writing && <ReplyFooter turn={turn} onEdit={() => editChanged(turn.id, turn.text)} />}
    </article>
  );
});

/** Why nothing comes: there is no room on the disk for what would. */
function Paused() {
  const paused = useStore((state) => replyOf(state)?.paused ?? null);
  if (!paused) return null;
  return (
    <div className={styles.error}>
      <Notice
        tone="caution"
        message={paused.message}
        hint="The reply waits and goes on by itself once there is room."
      />
    </div>
  );
}

/** Before the first word: how much of the prompt has been read. Short prompts are read before anyone could look. */
export function Reading() {
  const prefill = useStore((state) => replyOf(state)?.prefill ?? null);
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
