import type { Resume, TurnStats } from '../../electron/shared/contract.ts';
import { count, duration, rate, tokens } from '../ui/units.ts';

/** A reply's cost in figures, each with its unit. A retry starts from its checkpoint, so it has nothing to read. */
export function figuresOf(stats: TurnStats): readonly string[] {
  if (stats.generatedTokens === 0)
    return [stats.stopReason === 'cancelled' ? 'stopped by you' : 'nothing written'];
  return [
    stats.promptTokens === 0 ? 'nothing read again' : `${tokens(stats.promptTokens)} read`,
    `${count(stats.generatedTokens)} written`,
    ...(stats.decodeTokensPerSecond === null ? [] : [rate(stats.decodeTokensPerSecond)]),
    `first after ${duration(stats.ttftMs)}`,
  ];
}

/** What it takes to go on from a turn; `speed`: tokens a second, null where nothing has been read yet. */
export function resumeInWords({ tokens: n, exact }: Resume, speed: number | null): string {
  if (n === 0) return 'Resumes instantly: its state is kept';
  const time = speed ? `, about ${duration((1000 * n) / speed)}` : '';
  return `reads ${exact ? '' : 'about '}${tokens(n)} first${time}`;
}
