/** The Llama Transformer of the same size that a Llamba was distilled from, by its dimensions. */
import type { LoadedModel } from '../shared/contract.ts';

interface Twin {
  readonly name: string;
  /** 2 (keys, values) x layers x KV heads x head width x 2 bytes (bf16). */
  readonly kvBytesPerToken: number;
}

/** By width and blocks; heads and widths from the models' own configurations (paper facts, sections 1 and 4). */
const twins: readonly (Twin & { width: number; blocks: number })[] = [
  { width: 576, blocks: 30, name: 'SmolLM2-135M-Instruct', kvBytesPerToken: 2 * 30 * 3 * 64 * 2 },
  { width: 2048, blocks: 16, name: 'Llama-3.2-1B-Instruct', kvBytesPerToken: 2 * 16 * 8 * 64 * 2 },
  { width: 3072, blocks: 28, name: 'Llama-3.2-3B-Instruct', kvBytesPerToken: 2 * 28 * 8 * 128 * 2 },
  { width: 4096, blocks: 32, name: 'Llama-3.1-8B-Instruct', kvBytesPerToken: 2 * 32 * 8 * 128 * 2 },
];

/** null for a Llama, which is its own twin, and for sizes that nobody released. */
export function twinOf({ architecture, width, blocks }: LoadedModel): Twin | null {
  if (architecture !== 'llamba') return null;
  const found = twins.find((twin) => twin.width === width && twin.blocks === blocks);
  return found ? { name: found.name, kvBytesPerToken: found.kvBytesPerToken } : null;
}
