import type { TurnStats } from '../../electron/shared/contract.ts';
import { useStore } from '../store.ts';
import { bytes, duration, rate, tokens } from '../ui/units.ts';
import styles from './ReplyStats.module.css';

const ending = { stop: null, length: 'stopped at the length limit', cancelled: 'stopped by you' } as const;

/** While it is being written: how fast, how much. */
export function LiveStats() {
  const written = useStore((state) => state.reply?.tokens ?? 0);
  const perSecond = useStore((state) => state.history.at(-1)?.decodeTokensPerSecond ?? null);
  return (
    <p className={styles.live} aria-hidden="true">
      {[perSecond !== null && rate(perSecond), tokens(written)].filter(Boolean).join(' · ')}
    </p>
  );
}

/** What the reply cost, each figure with its unit. */
export function ReplyStats({ stats }: { stats: TurnStats }) {
  const figures = [
    stats.decodeTokensPerSecond !== null && rate(stats.decodeTokensPerSecond),
    stats.generatedTokens > 0 && `first after ${duration(stats.ttftMs)}`,
    tokens(stats.generatedTokens),
    `state ${bytes(stats.stateBytes)}`,
    ending[stats.stopReason],
  ].filter((figure) => typeof figure === 'string');
  const read = stats.prefillTokensPerSecond === null ? '' : ` at ${rate(stats.prefillTokensPerSecond)}`;
  return (
    <ul
      className={styles.stats}
      aria-label="What this reply cost"
      title={`${tokens(stats.promptTokens)} read${read}; ${tokens(stats.stateTokens)} in the state`}
    >
      {figures.map((figure) => (
        <li key={figure}>{figure}</li>
      ))}
    </ul>
  );
}
