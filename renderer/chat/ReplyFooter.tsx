import type { Turn } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { blocked, useStore } from '../store.ts';
import { IconButton } from '../ui/Button.tsx';
import { BranchSwitch } from './BranchSwitch.tsx';
import { CopyButton } from './CopyButton.tsx';
import { ReplyStats } from './ReplyStats.tsx';
import { ResumeMark } from './ResumeMark.tsx';
import styles from './Turns.module.css';

/** Below a reply: its versions, what can be done with it, what it cost, and what it takes to go on from here. */
export function ReplyFooter({ turn, onEdit }: { turn: Turn; onEdit: () => void }) {
  const { reply, forkFrom, deleteTurn } = useCommands();
  const cannot = useStore(blocked);
  const { id, parent, text } = turn;
  return (
    <footer className={styles.footer}>
      <BranchSwitch turn={turn} noun="Reply" />
      <ResumeMark resume={turn.resume} />
      {turn.edited && <span className={styles.mark}>Your words</span>}
      {turn.stats && <ReplyStats stats={turn.stats} />}
      <span className={styles.actions}>
        {text !== '' && <CopyButton label="Copy reply" text={() => text} tip="above-left" />}
        {parent !== null && (
          <IconButton
            icon="retry"
            label="Write another reply"
            size="small"
            tip="above-left"
            aria-disabled={cannot !== null}
            onClick={() => reply(parent)}
          />
        )}
        <IconButton
          icon="edit"
          label="Edit reply"
          size="small"
          tip="above-left"
          aria-disabled={cannot !== null}
          onClick={onEdit}
        />
        <IconButton
          icon="fork"
          label="New chat from here"
          size="small"
          tip="above-left"
          onClick={() => forkFrom(id)}
        />
        <IconButton
          icon="trash"
          label="Delete reply and what follows"
          size="small"
          tip="above-left"
          onClick={() => deleteTurn(id)}
        />
      </span>
    </footer>
  );
}
