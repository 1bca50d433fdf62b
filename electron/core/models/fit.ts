/** Whether a model will run on this machine: exact numbers against exact numbers. Pure. */
import type { CatalogueModel, Fit } from '../../shared/contract.ts';

export interface Machine {
  /** Of the machine, and what of it the GPU may hold at once (for the CPU backend the same). */
  readonly memoryBytes: number;
  readonly workingSetBytes: number;
  readonly backend: 'metal' | 'cuda' | 'cpu';
  /** On the disk of the models' folder. */
  readonly freeBytes: number;
}

const mebibyte = 2 ** 20;

/**
 * While a prompt is read: one chunk of 256 tokens (the engine's on a GPU, prefill.cpp), in float32 at most, of the widest
 * model (8B: width d 4096, MLP F 14336). A block's arrays are 8 d (x, z, B, C and what the projections give) and 3 F (gate,
 * up, their product) numbers a token: 256 * (8 * 4096 + 3 * 14336) * 4 bytes = 74 MiB. MLX holds about four times as much
 * until it has evaluated: measured on Llamba-135M (CPU, chunks of 128), whose count is 4.7 MiB, 18 MiB. Smaller models
 * need less.
 */
export const activationBytes = 320 * mebibyte;

/** What MLX keeps for reuse (256 MiB, engine.h) and the app's own processes (512 MiB). */
export const headroomBytes = 768 * mebibyte;

/** Stays free on the disk, whatever is fetched. */
export const diskReserveBytes = 1024 * mebibyte;

/** A Transformer wants room for a conversation of this length: what Llamba was trained on, too (paper, section 2). */
export const judgedTokens = 4096;
/** With less than this, a Transformer cannot converse at all. */
export const leastTokens = 512;

/** Bytes of the files to fetch. Where nobody has published them: the weights, or float32 for what is converted here. */
export function downloadBytes(model: CatalogueModel): number {
  if (model.form === 'embedded') return 0;
  const known = model.files.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  if (model.files.every(({ bytes }) => bytes !== null)) return known;
  return Math.max(known, model.form === 'pytorch' ? model.parameters * 4 : model.weightBytes);
}

/** With the fetched files still there while what is made of them is written. */
export const diskBytes = (model: CatalogueModel): number =>
  downloadBytes(model) + (model.form === 'pytorch' || model.form === 'gguf' ? model.weightBytes : 0);

/** `fetchedBytes` of the download are on the disk already. */
export function fitOf(model: CatalogueModel, machine: Machine, fetchedBytes = 0): Fit {
  // A cache of keys and values is bf16 on a GPU, float32 on the CPU; a Llamba's state is float32 on both.
  const bytesPerToken = model.stateBytesPerToken * (machine.backend === 'cpu' ? 2 : 1);
  const grows = bytesPerToken > 0;
  const at = (tokens: number) =>
    model.weightBytes + model.stateBytes + bytesPerToken * tokens + activationBytes;
  const availableBytes = Math.min(machine.memoryBytes, machine.workingSetBytes);
  const neededBytes = at(judgedTokens) + headroomBytes;
  const longestContext = grows ? Math.max(0, Math.floor((availableBytes - at(0)) / bytesPerToken)) : null;
  const diskNeeded = Math.max(0, diskBytes(model) - fetchedBytes);
  const diskMissing = diskNeeded === 0 ? 0 : diskNeeded + diskReserveBytes - machine.freeBytes;

  const judge = (): Pick<Fit, 'verdict' | 'reason'> => {
    const missing = at(leastTokens) - availableBytes;
    if (missing > 0) {
      return { verdict: 'does-not-fit', reason: `It needs ${inWords(missing)} more memory than there is.` };
    }
    if (diskMissing > 0) {
      return { verdict: 'does-not-fit', reason: `The disk needs ${inWords(diskMissing)} more free space.` };
    }
    if (longestContext !== null && longestContext < judgedTokens) {
      return { verdict: 'tight', reason: `Its memory is full after ${count(longestContext)} tokens.` };
    }
    if (neededBytes > availableBytes) {
      const left = inWords(availableBytes - at(judgedTokens));
      return { verdict: 'tight', reason: `It leaves ${left} for everything else: other apps may get slow.` };
    }
    const reason =
      longestContext === null
        ? 'It needs the same memory at any length.'
        : `It fits up to ${count(longestContext)} tokens; longer, its memory is full.`;
    return { verdict: 'fits', reason };
  };

  return {
    ...judge(),
    memory: {
      weightBytes: model.weightBytes,
      stateBytes: model.stateBytes + bytesPerToken * judgedTokens,
      activationBytes,
      headroomBytes,
      neededBytes,
      availableBytes,
    },
    disk: { neededBytes: diskNeeded, freeBytes: machine.freeBytes },
    longestContext,
  };
}

const count = (tokens: number) => tokens.toLocaleString('en');

/** The one to offer: the largest Llamba that fits and has still to be fetched or is there; null when none does. */
export function bestModel(cards: readonly { model: CatalogueModel; fit: Fit }[]): string | null {
  const good = cards.filter(({ model, fit }) => model.architecture === 'llamba' && fit.verdict === 'fits');
  return good.toSorted((a, b) => b.model.parameters - a.model.parameters)[0]?.model.id ?? null;
}

/** In the units of the interface: MiB below 1 GiB, never rounded down to nothing. */
export const inWords = (bytes: number): string =>
  bytes >= 1024 * mebibyte
    ? `${(bytes / (1024 * mebibyte)).toFixed(1)} GiB`
    : `${Math.max(1, Math.ceil(bytes / mebibyte))} MiB`;
