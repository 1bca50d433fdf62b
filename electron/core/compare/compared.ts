/** A model as a comparison names it, with what one token moves through memory. Pure. */
import type { ComparedModel } from '../../shared/compare.ts';
import type { ModelEntry } from '../../shared/contract.ts';
import type { Device, ModelInfo } from '../../shared/engine-contract.ts';

export function compared(entry: ModelEntry, info: ModelInfo, backend: Device['backend']): ComparedModel {
  const { architecture, parameters, bits, groupSize, weightBytes, stateBytes, stateBytesPerToken } = info;
  return {
    ...{ id: entry.id, name: entry.name, architecture, parameters, bits, groupSize },
    ...{ weightBytes, stateBytes, stateBytesPerToken },
    readBytes: weightBytes - lookedUpBytes(info, backend),
  };
}

/** Of an embedding beside a head of its own: a token reads one row of it. 0 where one matrix is both. */
function lookedUpBytes(info: ModelInfo, backend: Device['backend']): number {
  const { format, vocabulary, width, parameters, bits, groupSize } = info;
  const table = vocabulary * width;
  // What is not counted in the blocks (norms, convolutions) is far less than half a table.
  if (parameters - info.blocks * blockParameters(info) < 1.5 * table) return 0;
  // Cartesia's files never quantize it. A group has a scale and a bias of 16 bits each.
  const quantized = bits > 0 && format !== 'cartesia-mlx';
  return table * (quantized ? bits / 8 + 4 / groupSize : backend === 'cpu' ? 4 : 2);
}

/** Of the matrices of one block. `stateSize` is, of a Llama, the width of its keys (and of its values). */
function blockParameters({ architecture, width, heads, headWidth, stateSize, mlpWidth }: ModelInfo): number {
  const inner = heads * headWidth;
  const mixing =
    architecture === 'llamba'
      ? width * (2 * inner + 2 * heads * stateSize + heads) + inner * width
      : width * (2 * inner + 2 * stateSize);
  return mixing + 3 * width * mlpWidth;
}
