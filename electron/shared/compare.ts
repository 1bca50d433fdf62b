/**
 * Comparing a Llamba with its twin on this machine: what is measured, and what is kept of it. Contexts and batches count
 * tokens and sequences; rates are tokens a second; sizes bytes; times ms.
 */
import type { Device } from '../../native-mlx/addon.ts';
import type { AppErrorValue } from './errors.ts';

/** Of repeated measurements. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly repeats: number;
}

/** What the engine holds, part by part. `stateBytes`: of a Llama, its KV cache. */
export interface MemoryParts {
  readonly weightBytes: number;
  readonly stateBytes: number;
  readonly activeBytes: number;
  readonly cacheBytes: number;
  /** Of a context: while what came since the one before was read; of a batch: while it was written. */
  readonly peakBytes: number;
}

/** One model with `context` tokens in its state. */
export interface ContextPoint {
  readonly context: number;
  readonly decode: Spread;
  /** Of the tokens read since the point before; null at the first when that is 0. */
  readonly prefill: Spread | null;
  readonly memory: MemoryParts;
}

/** `batch` sequences written together; `decode` is of all of them. */
export interface BatchPoint {
  readonly batch: number;
  readonly decode: Spread;
  readonly memory: MemoryParts;
}

export interface ComparedModel {
  readonly id: string;
  readonly name: string;
  readonly architecture: 'llamba' | 'llama';
  readonly parameters: number;
  readonly bits: number;
  readonly groupSize: number;
  readonly weightBytes: number;
  /** Of the weights, what each token reads: all but an embedding that is only looked up. */
  readonly readBytes: number;
  /** Of a fresh state, and of each further token. */
  readonly stateBytes: number;
  readonly stateBytesPerToken: number;
}

export interface Measured {
  readonly model: ComparedModel;
  readonly contexts: readonly ContextPoint[];
  readonly batches: readonly BatchPoint[];
  /** Why it has no more points; null: it has all. */
  readonly ended: AppErrorValue | null;
}

/** Where and when figures were made; every series carries it. */
export interface Provenance {
  readonly at: number;
  readonly device: string;
  readonly backend: Device['backend'];
  readonly platform: string;
  readonly memoryBytes: number;
  readonly mlxVersion: string;
  readonly appVersion: string;
  /** The warmest that the machine was; while it was too warm nothing was measured. */
  readonly thermal: string;
  /** Measured memory speed of the device that computes, bytes a second. null: there was no room to measure it. */
  readonly bandwidth: number | null;
}

export interface CompareRequest {
  readonly models: readonly string[];
  readonly contexts: readonly number[];
  readonly batches: readonly number[];
  readonly repeats: number;
}

export interface CompareRun {
  readonly id: string;
  readonly request: CompareRequest;
  readonly provenance: Provenance;
  readonly phase: 'done' | 'cancelled' | 'failed';
  readonly models: readonly Measured[];
  /** Of a run that failed: why. */
  readonly error: AppErrorValue | null;
  readonly ms: number;
}

export type CompareItem =
  /** Where the figures that follow are made. */
  | { readonly type: 'begun'; readonly provenance: Provenance }
  | {
      readonly type: 'progress';
      /** In words: what is measured now. */
      readonly step: string;
      readonly model: string;
      /** Share of the whole, 0 to 1. */
      readonly done: number;
      readonly secondsLeft: number | null;
    }
  | { readonly type: 'model'; readonly model: ComparedModel }
  | { readonly type: 'context'; readonly model: string; readonly point: ContextPoint }
  | { readonly type: 'batch'; readonly model: string; readonly point: BatchPoint }
  /** The machine is too warm for honest figures: it waits. */
  | { readonly type: 'paused'; readonly reason: string }
  | { readonly type: 'resumed' };

/** A Llamba and the Transformer it was distilled from. */
export interface Pair {
  readonly llamba: { readonly id: string; readonly name: string };
  readonly twin: {
    /** Of the catalogue. */
    readonly id: string;
    readonly name: string;
    readonly installed: boolean;
    /** The embedded model's twin can be fetched by one call (models.addTwin), others are downloads of the catalogue. */
    readonly embedded: boolean;
  } | null;
}

/** One prompt, two models answering at once. */
export type SideItem =
  | { readonly type: 'prefill'; readonly model: string; readonly done: number; readonly total: number }
  | {
      readonly type: 'text';
      readonly model: string;
      readonly text: string;
      readonly tokens: number;
      readonly tokensPerSecond: number | null;
      readonly stateBytes: number;
    };

export interface SideResult {
  readonly model: string;
  readonly text: string;
  readonly promptTokens: number;
  readonly tokens: number;
  readonly ttftMs: number;
  readonly prefillTokensPerSecond: number | null;
  readonly decodeTokensPerSecond: number | null;
  readonly stateBytes: number;
}
