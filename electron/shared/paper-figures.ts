/**
 * What the paper's authors published of speed and memory, to be drawn beside ours and never in one series with them.
 * Figure 5's kind: "8B, 4bit" on "M3 Pro" from the authors' chart, digitised (error about 0.1 in both units); whether
 * the paper's figure plots the same run is not confirmed (paper facts, section 4; grade A chart, our digitisation).
 */

export interface PaperSeries {
  readonly name: string;
  readonly architecture: 'llamba' | 'llama';
  readonly label: string;
  readonly grade: string;
  readonly points: readonly {
    readonly context: number;
    readonly tokensPerSecond: number;
    /** Peak memory as the chart has it. */
    readonly peakBytes: number;
  }[];
}

/** Every drawing of these points carries it. */
export const paperLabel = "paper (authors' chart), M3 Pro";
const grade = 'A: chart by the authors, digitised by us';

const GiB = 2 ** 30;
const series = (
  name: string,
  architecture: PaperSeries['architecture'],
  points: [context: number, tokensPerSecond: number, gibibytes: number][],
): PaperSeries => ({
  ...{ name, architecture, label: paperLabel, grade },
  points: points.map(([context, tokensPerSecond, gibibytes]) => ({
    ...{ context, tokensPerSecond, peakBytes: gibibytes * GiB },
  })),
});

export const paperContexts: readonly PaperSeries[] = [
  series('Llamba-8B', 'llamba', [
    [0, 24.4, 7.1],
    [10_000, 24.2, 7.1],
    [20_000, 24.7, 7.1],
    [30_000, 24.7, 7.1],
    [40_000, 24.2, 7.1],
  ]),
  series('Llama-3.1-8B', 'llama', [
    [0, 25.5, 4.8],
    [10_000, 19.7, 7.5],
    [20_000, 16.7, 10.1],
    [30_000, 9.7, 16.6],
    [40_000, 7.8, 25.7],
  ]),
];

/** Figure 4's absolute rates are in its picture only, and were not read from it. */
export const paperBatches = {
  label: 'paper, one H100 80 GB',
  grade: "A: the authors' announcement",
  claim:
    'Llamba-8B writes up to 12 times as many tokens a second as Llama-3.1-8B, at 8,192 tokens each and batches of 8 to 2,048.',
} as const;
