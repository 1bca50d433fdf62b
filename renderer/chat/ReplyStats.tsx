import type { TurnStats } from '../../electron/shared/contract.ts';
import { useStore } from '../store.ts';
import { rate, tokens } from '../ui/units.ts';
import { replyOf } from './chat-state.ts';
import { figuresOf } from './figures.ts';
import styles from './ReplyStats.module.css';

/** While it is being written: how fast, how much. */
export function LiveStats() {
  const written = useStore((state) => replyOf(state)?.tokens ?? 0);
  const perSecond = useStore((state) => state.history.at(-1)?.decodeTokensPerSecond ?? null);
  return (
    <p className={styles.live} aria-hidden="true">
      {[`${tokens(written)} written`, perSecond !== null && rate(perSecond)].filter(Boolean).join(' · ')}
    </p>
  );
}

/** What a finished reply cost. */
export function ReplyStats({ stats }: { stats: TurnStats }) {
  return (
    <ul className={styles.stats} aria-label="What this reply cost">
      {figuresOf(stats).map((figure) => (
        <li key={figure}>{figure}</li>
      ))}
    </ul>
  );
}
