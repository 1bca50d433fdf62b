/**
 * The native contract: every class and function of the addon, and the only place that loads it.
 * Counts are tokens, times ms, sizes bytes. Every promise rejects with an `AppError`-shaped object
 * ({ code, message, hint }, see electron/shared/errors.ts). Nothing here blocks the calling thread.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface Device {
  readonly name: string;
  readonly backend: 'metal' | 'cuda' | 'cpu';
  readonly architecture: string;
  readonly mlxVersion: string;
  readonly memoryBytes: number;
  readonly workingSetBytes: number;
}

export interface Memory {
  readonly activeBytes: number;
  readonly cacheBytes: number;
  readonly peakBytes: number;
  readonly footprintBytes: number;
  readonly thermal: 'nominal' | 'fair' | 'serious' | 'critical' | 'unknown';
}

export interface ModelInfo {
  readonly architecture: 'llamba' | 'llama';
  readonly format: 'cartesia-mlx' | 'hub' | 'mlx-lm' | 'llamba';
  readonly name: string;
  /** Hex; a state file carries it and is refused by any other model. */
  readonly fingerprint: string;
  readonly vocabulary: number;
  readonly width: number;
  readonly blocks: number;
  readonly heads: number;
  readonly headWidth: number;
  readonly stateSize: number;
  readonly mlpWidth: number;
  readonly parameters: number;
  readonly weightBytes: number;
  /** Of one fresh state: the whole of it for Llamba, whose growth per token is 0. */
  readonly stateBytes: number;
  readonly stateBytesPerToken: number;
  /** 0 when nothing is quantized. */
  readonly bits: number;
  readonly groupSize: number;
  /** Where shapes and configuration disagree: shapes win. */
  readonly notes: readonly string[];
}

export interface StateInfo {
  /** Fed so far. */
  readonly tokens: number;
  readonly bytes: number;
}

export interface Kept {
  /** The file's name: its checksum and `.safetensors`. */
  readonly file: string;
  readonly tokens: number;
  /** Of the file. */
  readonly bytes: number;
}

export interface Sampling {
  /** 0 is greedy. */
  readonly temperature: number;
  /** 0 is off. */
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly repetitionPenalty: number;
  /** Latest tokens that the penalty looks at. */
  readonly repetitionWindow: number;
  readonly seed: number;
  readonly logitBias: readonly (readonly [id: number, bias: number])[];
}

export interface GenerateRequest {
  /** Fed first. May be empty only when the state was left by a feed or generate. */
  readonly ids: readonly number[];
  readonly maxTokens: number;
  readonly sampling: Sampling;
  readonly stopIds: readonly number[];
  /** Each char one byte (latin1 of the UTF-8 bytes); needs the pieces given to load. */
  readonly stopStrings: readonly string[];
}

/**
 * When generate ends, for whatever reason, the state has been fed the prompt and every emitted token, and nothing
 * else. A stop id is neither emitted nor fed; the token that completes a stop string is both. Cancelled before the whole
 * prompt was read, it rejects with `cancelled` and leaves the state as it was before, as feed and score do.
 */
export interface GenerateResult {
  readonly reason: 'stop-id' | 'stop-string' | 'length' | 'cancelled';
  readonly stopId: number | null;
  readonly stopString: string | null;
  readonly promptTokens: number;
  readonly generatedTokens: number;
  readonly stateTokens: number;
  readonly prefillMs: number;
  readonly ttftMs: number;
  readonly decodeMs: number;
}

export interface ScoreResult {
  /** log P(ids[i] | before); NaN at 0 when the state was fresh. */
  readonly logprobs: Float32Array;
  /** [ids, top], best first, after each id. */
  readonly topIds: Int32Array;
  readonly topLogprobs: Float32Array;
}

/** Rows of a matrix, and how they are to be quantized. */
export interface Matrix {
  readonly dtype: 'F32' | 'F16' | 'BF16';
  readonly rows: number;
  readonly columns: number;
  readonly bits: 4 | 8;
  readonly groupSize: 32 | 64 | 128;
}

/** MLX's affine form, little end first: w = scale * code + bias for each group of a row. */
export interface Quantized {
  /** Codes in uint32, [rows, columns * bits / 32]. */
  readonly words: Uint8Array;
  /** [rows, columns / groupSize] of `dtype`. */
  readonly scales: Uint8Array;
  readonly biases: Uint8Array;
  /** Of scales and biases: F16 for an F16 matrix, else BF16. */
  readonly dtype: 'F16' | 'BF16';
}

/** Work under way: `cancel` takes effect within one prefill chunk or one token. */
export interface Job<T> {
  readonly done: Promise<T>;
  cancel(): void;
}

export type Progress = (done: number, total: number) => void;

export interface State {
  info(): Promise<StateInfo>;
  /** A reference to the same numbers, not a copy: O(1) at any length. */
  fork(): Promise<State>;
  feed(
    ids: readonly number[],
    options?: { chunk?: number; onProgress?: Progress },
  ): Job<StateInfo & { ms: number }>;
  score(
    ids: readonly number[],
    options?: { chunk?: number; top?: number; onProgress?: Progress },
  ): Job<ScoreResult>;
  generate(
    request: GenerateRequest,
    onTokens: (ids: Int32Array) => void,
    onProgress?: Progress,
  ): Job<GenerateResult>;
  /** Temporary name, sync, rename. `note` comes back from load. */
  save(path: string, note: string): Promise<StateInfo>;
  /**
   * As save, under the name of its content in `folder`, by a thread of its own: the state may be stepped, forked and
   * freed meanwhile, and decoding does not wait. A file of that name that is there already is left as it is.
   */
  keep(folder: string, note: string): Promise<Kept>;
  free(): Promise<void>;
}

export interface Model {
  readonly info: ModelInfo;
  createState(): Promise<State>;
  loadState(path: string): Promise<{ state: State; note: string }>;
  /**
   * log P(ids | state) for each of its states, none of them fresh; they stay as they are. The ids of several are fed as one
   * batch, all but the last, which nothing needs fed. Progress is of states.
   */
  likelihoods(
    states: readonly State[],
    ids: readonly number[],
    options?: { onProgress?: Progress },
  ): Job<Float64Array>;
  /** Frees its states too. */
  unload(): Promise<void>;
}

export interface Engine {
  /** `pieces`: the bytes of each token id, each char one byte; needed for stop strings only. */
  load(path: string, options?: { pieces?: readonly string[]; onProgress?: Progress }): Job<Model>;
  /** On the engine's device. The bytes are copied before this returns; memory is bounded by the rows given at once. */
  quantize(data: Uint8Array, matrix: Matrix): Promise<Quantized>;
  /** Of the device's memory, bytes a second: a CPU's is read, a GPU's read and written. Takes some 100 ms, and half a GiB. */
  memorySpeed(): Promise<number>;
  /** Gives MLX's cached buffers back. */
  dropCaches(): void;
  /** std::abort() on the engine thread: the test of the crash path. */
  abortForTests(): void;
  close(): Promise<void>;
}

export interface Addon {
  device(): Device;
  memory(): Memory;
  resetPeakMemory(): void;
  onPressure(listener: (level: 'normal' | 'warn' | 'critical') => void): () => void;
  createEngine(options?: { device?: 'cpu' | 'gpu'; threads?: number; cacheLimitBytes?: number }): Engine;
}

/** Loads the addon from `path`, else from LLAMBA_ADDON, else from this folder's build. */
export function loadAddon(path = process.env.LLAMBA_ADDON): Addon {
  const file = path ?? fileURLToPath(new URL('./build/llamba.node', import.meta.url));
  return createRequire(import.meta.url)(file) as Addon;
}
