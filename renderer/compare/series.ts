/** From what was measured to the lines of the plots. */
import type { ComparedModel, Measured } from '../../electron/shared/contract.ts';
import type { PlotLine, PlotPoint } from '../ui/line-plot.ts';

/** Whose figures lines are: those on the screen, or those of an earlier run behind them, told apart by `label`. */
export interface Side {
  readonly models: readonly Measured[];
  /** null: no other run is beside it. */
  readonly label: string | null;
  readonly look: 'solid' | 'faint';
}

export const colourOf = ({ architecture }: Pick<ComparedModel, 'architecture'>) =>
  architecture === 'llamba' ? 'var(--accent)' : 'var(--plot-twin)';

export const markOf = ({ architecture }: Pick<ComparedModel, 'architecture'>) =>
  architecture === 'llamba' ? 'dot' : 'square';

function line(side: Side, { model }: Measured, what: string, points: readonly PlotPoint[]): PlotLine {
  const name = [model.name, what, side.label].filter(Boolean).join(', ');
  const key = [model.id, what, side.label].join('|');
  return { key, name, colour: colourOf(model), look: side.look, mark: markOf(model), points };
}

/** Writing, tokens/s over context. */
export const speedLines = (side: Side): PlotLine[] =>
  side.models.map((one) =>
    line(
      side,
      one,
      '',
      one.contexts.map(({ context, decode }) => ({ ...decode, x: context, y: decode.median })),
    ),
  );

/** Of each model what it holds while it writes, and what reading took at most; bytes over context. */
export const memoryLines = (side: Side): PlotLine[] =>
  side.models.flatMap((one) => {
    const { contexts } = one;
    const active = contexts.map(({ context, memory }) => ({ x: context, y: memory.activeBytes }));
    const peak = contexts.map(({ context, memory }) => ({ x: context, y: memory.peakBytes }));
    const peaks = { ...line(side, one, 'peak', peak), mark: null } as const;
    return [
      line(side, one, '', active),
      side.look === 'solid' ? { ...peaks, look: 'dotted' as const } : peaks,
    ];
  });

/** All sequences together, tokens/s over their number. */
export const batchLines = (side: Side): PlotLine[] =>
  side.models.map((one) =>
    line(
      side,
      one,
      '',
      one.batches.map(({ batch, decode }) => ({ ...decode, x: batch, y: decode.median })),
    ),
  );

/** All x of some lines, rising. */
export const xsOf = (lines: readonly PlotLine[]): number[] =>
  [...new Set(lines.flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b);

/** Doublings are told apart on a logarithmic axis only. */
export const fitsLog = (xs: readonly number[]): boolean => {
  const least = Math.min(...xs.filter((x) => x > 0));
  return (xs.at(-1) ?? 0) / least >= 8;
};

/** The unit of bytes in which the largest value is at least 1. */
export function bytesUnit(lines: readonly PlotLine[]): { name: string; size: number } {
  const most = Math.max(0, ...lines.flatMap(({ points }) => points.map(({ y }) => y)));
  return most >= 2 ** 31 ? { name: 'GiB', size: 2 ** 30 } : { name: 'MiB', size: 2 ** 20 };
}
