/**
 * The peers that run under Python on the same MLX: mlx-lm's Llama and Mamba-2 of the embedded model's shape, and a Llamba's
 * prompt in cartesia-mlx's form (peers/mlx-lm.py says what to install). Random weights, 4 bits in groups of 64.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figure } from './measure.ts';

type Rates = Pick<Figure, 'median' | 'least' | 'most' | 'runs'>;

interface Answer {
  readonly mlx: string;
  readonly mlx_lm: string;
  readonly models: Readonly<
    Record<
      'llama' | 'mamba2' | 'quadratic',
      {
        readonly decode: readonly (Rates & { readonly context: number; readonly active_bytes: number })[];
        readonly prefill: Rates & { readonly length: number; readonly peak_bytes: number };
      }
    >
  >;
}

/** Decode and active memory after each of `contexts`, prefill of `prefill` tokens and its peak, of each peer. */
export function besideMlx(python: string, contexts: readonly number[], prefill: number, runs: number) {
  const folder = mkdtempSync(join(tmpdir(), 'llamba-mlx-'));
  try {
    const json = join(folder, 'answer.json');
    const script = fileURLToPath(new URL('./peers/mlx-lm.py', import.meta.url));
    const asked = ['--contexts', contexts.join(','), '--prefill', String(prefill), '--runs', String(runs)];
    execFileSync(python, [script, '135m', ...asked, '--json', json], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return figuresOf(JSON.parse(readFileSync(json, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function figuresOf({ mlx, mlx_lm, models }: Answer): { names: string[]; figures: Figure[] } {
  const named = {
    llama: 'mlx-lm Llama',
    mamba2: 'mlx-lm Mamba-2',
    quadratic: "cartesia-mlx's form",
  } as const;
  const figures = (['llama', 'mamba2', 'quadratic'] as const).flatMap((key): Figure[] => {
    const { decode, prefill } = models[key];
    const once = (bytes: number) => ({ unit: 'bytes', median: bytes, least: bytes, most: bytes, runs: 1 });
    const read = `${count(prefill.length)} tokens: ${named[key]}`;
    return [
      ...decode.flatMap(({ context, active_bytes, ...rates }) => {
        const after = `after ${count(context)}: ${named[key]}`;
        return [
          { name: `decode, 32 tokens ${after}`, unit: 'tokens/s', ...rates },
          { name: `active memory ${after}`, ...once(active_bytes) },
        ];
      }),
      { name: `prefill, ${read}`, unit: 'tokens/s', ...ratesOf(prefill) },
      { name: `peak memory of reading ${read}`, ...once(prefill.peak_bytes) },
    ];
  });
  const names = [
    `mlx-lm ${mlx_lm} (MLX ${mlx}), Llama and Mamba-2 of the same shape`,
    "cartesia-mlx 0.0.2's form of prefill, rebuilt",
  ];
  return { names, figures };
}

const ratesOf = ({ median, least, most, runs }: Rates): Rates => ({ median, least, most, runs });
const count = (tokens: number) => tokens.toLocaleString('en');
