/** Models from outside: the catalogue, what fits this machine, downloads, imports, conversions, and the network ledger. */
import type { AppErrorValue } from './errors.ts';

/** A figure that somebody else measured; never mixed with ours. */
export interface Score {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly source: string;
}

/** One entry of models/catalog.json. Sizes are bytes; null where nobody has published them. */
export interface CatalogueModel {
  readonly id: string;
  readonly name: string;
  readonly architecture: 'llamba' | 'llama';
  /** The other model of the pair that Compare runs. */
  readonly twin: string | null;
  readonly about: string;
  readonly parameters: number;
  /** mlx: as it is; pytorch: converted here after the download; gguf: imported; embedded: part of the app. */
  readonly form: 'mlx' | 'pytorch' | 'gguf' | 'embedded';
  readonly repository: string | null;
  readonly files: readonly {
    readonly path: string;
    readonly bytes: number | null;
    readonly sha256: string | null;
  }[];
  /** Of the tokenizer, where the weights come without one. */
  readonly tokenizer: { readonly repository: string; readonly files: readonly string[] } | null;
  readonly licences: { readonly weights: string; readonly tokenizer: string };
  /** Bytes in memory: of the weights as the engine holds them, of a fresh state, of each further token of context. */
  readonly weightBytes: number;
  readonly stateBytes: number;
  readonly stateBytesPerToken: number;
  /** Largest tensor in its source form, which bounds what a conversion needs. */
  readonly largestTensorBytes: number;
  /** Tokens of the rows it was trained on. */
  readonly trainedLength: number | null;
  /** What it cannot do, in plain words. */
  readonly limits: string;
  readonly scores: readonly Score[];
}

/** Whether a model will run on this machine, from exact numbers, before the first byte. */
export interface Fit {
  readonly verdict: 'fits' | 'tight' | 'does-not-fit';
  /** One sentence: why it is tight, or by how much it does not fit. */
  readonly reason: string;
  readonly memory: {
    readonly weightBytes: number;
    readonly stateBytes: number;
    readonly activationBytes: number;
    readonly headroomBytes: number;
    readonly neededBytes: number;
    readonly availableBytes: number;
  };
  /** Download and, where it is converted, scratch. */
  readonly disk: { readonly neededBytes: number; readonly freeBytes: number };
  /** Tokens of context at which it stops fitting; null: at any length the same. */
  readonly longestContext: number | null;
}

export interface CatalogueCard {
  readonly model: CatalogueModel;
  readonly fit: Fit;
  readonly installed: boolean;
  readonly task: string | null;
  /** The one to offer on this machine. */
  readonly best: boolean;
}

/** Something long that is done to a model: it survives the page, and may survive the app. */
export interface ModelTask {
  readonly id: string;
  readonly kind: 'download' | 'import' | 'convert' | 'verify';
  readonly model: string;
  readonly name: string;
  readonly phase: 'waiting' | 'running' | 'paused' | 'verifying' | 'converting' | 'failed' | 'done';
  readonly doneBytes: number;
  readonly totalBytes: number | null;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** What has to be known beside the figures, such as "changed upstream, begun again". */
  readonly note: string | null;
  readonly error: AppErrorValue | null;
}

/** What lies at a path, before anything is done with it. */
export interface Recognised {
  readonly path: string;
  readonly layout: 'cartesia-mlx' | 'hub' | 'mlx-lm' | 'llamba' | 'gguf' | 'unsupported';
  readonly name: string;
  readonly architecture: 'llamba' | 'llama' | null;
  readonly bytes: number;
  /** How it would be brought in. */
  readonly how: 'reference' | 'convert' | 'refuse';
  /** Of a refusal, or what has to be known. */
  readonly reason: string;
  /** What the options of a conversion act on: numbers in the embedding and in the other matrices; the rest stays. null: on nothing. */
  readonly weights: {
    readonly embedding: number;
    readonly matrices: number;
    readonly keptBytes: number;
  } | null;
}

export interface Conversion {
  readonly bits: 4 | 8;
  readonly groupSize: 32 | 64 | 128;
  readonly embedding: 4 | 8 | 16;
}

/** One request that the app made. */
export interface LedgerEntry {
  readonly at: number;
  readonly purpose: string;
  readonly host: string;
  readonly path: string;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly ms: number;
  /** HTTP status, or why there is none. */
  readonly result: string;
}

export interface NetworkState {
  readonly offline: boolean;
  /** Where the hub's API answers. */
  readonly hub: string;
  readonly hasToken: boolean;
  readonly requests: number;
  readonly receivedBytes: number;
  readonly active: number;
}
