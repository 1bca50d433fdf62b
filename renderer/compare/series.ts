/** From what was measured to the lines of the plots. */
import type { ComparedModel, ContextPoint, Measured } from '../../electron/shared/contract.ts';
import { crossingsOf, predictedRate, type Reading, rounded } from '../../electron/shared/crossing.ts';
import { paperContexts } from '../../electron/shared/paper-figures.ts';
import { between, heightAt, type PlotLine, type PlotMark, type PlotPoint } from '../ui/line-plot.ts';

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

/** Of what was read to come to a point, bytes; null where nothing was. */
export const peakOf = ({ prefill, memory }: ContextPoint): number | null =>
  prefill === null ? null : memory.peakBytes;

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

/** Of each model what it holds while it writes; of the one on the screen what reading took at most too; bytes over context. */
export const memoryLines = (side: Side): PlotLine[] =>
  side.models.flatMap((one) => {
    const { contexts } = one;
    const active = contexts.map(({ context, memory }) => ({ x: context, y: memory.activeBytes }));
    const peak = contexts.flatMap((point) => {
      const y = peakOf(point);
      return y === null ? [] : { x: point.context, y };
    });
    const peaks = { ...line(side, one, 'peak', peak), look: 'dotted', mark: null } as const;
    return [line(side, one, '', active), ...(side.look === 'solid' ? [peaks] : [])];
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

/** All x of some lines and of what is still to come, rising. */
export const xsOf = (lines: readonly PlotLine[], coming: readonly number[]): number[] =>
  [...new Set([...coming, ...lines.flatMap(({ points }) => points.map(({ x }) => x))])].sort((a, b) => a - b);

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

/** The fastest that each model could write at `contexts`, which rise, were memory the only limit. */
export const limitLines = (
  models: readonly Measured[],
  contexts: readonly number[],
  bandwidth: number | null,
): PlotLine[] =>
  models.flatMap(({ model }) => {
    if (bandwidth === null) return [];
    return {
      ...{ key: `${model.id}|limit`, name: `${model.name}, memory’s limit`, colour: colourOf(model) },
      ...{ look: 'thin', mark: null },
      points: between(contexts).map((x) => ({ x, y: predictedRate(model, x, bandwidth) })),
    };
  });

/** What the paper's authors published of `figure`: grey, and under their own name. */
export const paperLines = (figure: 'tokensPerSecond' | 'peakBytes'): PlotLine[] =>
  paperContexts.map((paper) => ({
    ...{
      key: `paper|${paper.name}`,
      name: `${paper.label}: ${paper.name}${figure === 'peakBytes' ? ', peak' : ''}`,
      colour: 'var(--ink-quiet)',
    },
    ...{ look: 'dashed', mark: markOf(paper) },
    points: paper.points.map((point) => ({ x: point.context, y: point[figure] })),
  }));

/** Where the first two of `models` change places, on the line of the first. */
export function crossingMarks(
  models: readonly Measured[],
  readings: (of: Measured) => Reading[],
): PlotMark[] {
  const [first, second] = models.map(readings);
  if (!first || !second) return [];
  const points = first.map(({ context, value }) => ({ x: context, y: value }));
  return crossingsOf(first, second).flatMap(({ context }) => {
    const y = heightAt(points, context);
    return y === null ? [] : { x: context, y, label: `${rounded(context)} tokens` };
  });
}

/** Whether the values are so far apart that the small ones would lie on the ground. */
export const farApart = (lines: readonly PlotLine[]): boolean => {
  const values = lines.flatMap(({ points }) => points.map(({ y }) => y)).filter((y) => y > 0);
  return Math.max(...values) / Math.min(...values) > 12;
};
