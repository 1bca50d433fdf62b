/** The published shapes, for models of random weights (paper facts, section 1; the Llamas' own configurations). */
export interface Shape {
  readonly architecture: 'llamba' | 'llama';
  readonly vocabulary: number;
  readonly width: number;
  readonly blocks: number;
  readonly heads: number;
  /** Of a Llama; a Llamba has as many as heads. */
  readonly kvHeads: number;
  readonly mlpWidth: number;
  /** One matrix is embedding and head. */
  readonly tied: boolean;
}

const vocabulary = 128_256;

const shape = (
  architecture: Shape['architecture'],
  [width, blocks, heads, kvHeads, mlpWidth]: [number, number, number, number, number],
  rest: Partial<Shape> = {},
): Shape => ({
  ...{ architecture, vocabulary, width, blocks, heads, kvHeads, mlpWidth, tied: true, ...rest },
});

export const shapes = {
  'llamba-1b': shape('llamba', [2048, 16, 32, 32, 8192]),
  'llamba-3b': shape('llamba', [3072, 28, 32, 32, 8192]),
  'llamba-8b': shape('llamba', [4096, 32, 32, 32, 14_336]),
  'llama-1b': shape('llama', [2048, 16, 32, 8, 8192]),
  'llama-3b': shape('llama', [3072, 28, 24, 8, 8192]),
  'llama-8b': shape('llama', [4096, 32, 32, 8, 14_336], { tied: false }),
  /** For trying the command. */
  'llamba-tiny': shape('llamba', [128, 2, 2, 2, 256], { vocabulary: 512 }),
  'llama-tiny': shape('llama', [128, 2, 4, 2, 256], { vocabulary: 512 }),
} as const satisfies Record<string, Shape>;

/** Columns of B and C each head has, in every published Llamba. */
export const stateSize = 64;
/** Of the convolution. */
export const taps = 4;
