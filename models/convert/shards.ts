/** How a plan's parts lie in safetensors files: every byte's place is known before the first is written. */
import { basename } from 'node:path';
import type { Part } from './parts.ts';
import { bytesOf } from './source.ts';

export interface Shard {
  readonly file: string;
  /** Length, header and padding: what comes before the tensors. */
  readonly head: Buffer;
  readonly parts: readonly Part[];
  readonly bytes: number;
}

/** Below 4 GiB, as some file systems and tools end there. */
export const maxShardBytes = 4 * 2 ** 30 - 2 ** 20;

export const partBytes = ({ outputs }: Part) => outputs.reduce((sum, tensor) => sum + bytesOf(tensor), 0);

export function layShards(
  parts: readonly Part[],
  metadata: Record<string, string>,
  limit = maxShardBytes,
): Shard[] {
  const groups: Part[][] = [];
  let room = 0;
  for (const part of parts) {
    const bytes = partBytes(part);
    if (groups.length === 0 || bytes > room) {
      groups.push([]);
      room = limit;
    }
    groups.at(-1)?.push(part);
    room -= bytes;
  }
  const number = (n: number) => String(n).padStart(5, '0');
  return groups.map((group, i) => {
    const head = header(group, metadata);
    const bytes = group.reduce((sum, part) => sum + partBytes(part), head.length);
    const file =
      groups.length === 1
        ? 'model.safetensors'
        : `model-${number(i + 1)}-of-${number(groups.length)}.safetensors`;
    return { file, head, parts: group, bytes };
  });
}

/** Padded with spaces to a multiple of 8, as the format asks. */
function header(parts: readonly Part[], metadata: Record<string, string>): Buffer {
  const entries: Record<string, unknown> = { __metadata__: metadata };
  let at = 0;
  for (const tensor of parts.flatMap(({ outputs }) => outputs)) {
    const end = at + bytesOf(tensor);
    entries[tensor.name] = { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [at, end] };
    at = end;
  }
  const text = Buffer.from(JSON.stringify(entries));
  const padded = Math.ceil(text.length / 8) * 8;
  const head = Buffer.alloc(8 + padded, ' ');
  head.writeBigUInt64LE(BigInt(padded));
  text.copy(head, 8);
  return head;
}

/** model.safetensors.index.json */
export function indexOf(shards: readonly Shard[]): Record<string, unknown> {
  const tensors = shards.flatMap(({ file, parts }) =>
    parts.flatMap(({ outputs }) => outputs.map((tensor) => ({ file, tensor }))),
  );
  return {
    metadata: { total_size: tensors.reduce((sum, { tensor }) => sum + bytesOf(tensor), 0) },
    weight_map: Object.fromEntries(tensors.map(({ file, tensor }) => [tensor.name, basename(file)])),
  };
}
