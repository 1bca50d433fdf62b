import type { Turn } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import { IconButton } from '../ui/Button.tsx';
import { count } from '../ui/units.ts';
import { replyOf } from './chat-state.ts';
import styles from './Turns.module.css';

/** Where there are several versions of a turn: which is shown, and the ways to the others. */
export function BranchSwitch({ turn, noun }: { turn: Turn; noun: string }) {
  const { selectTurn } = useCommands();
  const writing = useStore((state) => replyOf(state) !== null);
  const { siblings } = turn;
  if (siblings.length < 2) return null;
  const at = siblings.indexOf(turn.id);
  const go = (step: number) => {
    const other = siblings[at + step];
    if (other) selectTurn(other);
  };
  return (
    <fieldset className={styles.branches} aria-label={`${noun} versions`}>
      <IconButton
        icon="back"
        label="Previous version"
        size="small"
        tip="above-right"
        aria-disabled={writing || at === 0}
        onClick={() => go(-1)}
      />
      <span>
        <span className="visually-hidden">Version </span>
        {count(at + 1)}/{count(siblings.length)}
      </span>
      <IconButton
        icon="chevron"
        label="Next version"
        size="small"
        tip="above-right"
        aria-disabled={writing || at === siblings.length - 1}
        onClick={() => go(1)}
      />
    </fieldset>
  );
}
