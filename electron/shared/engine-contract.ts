/**
 * The contract between core and the engine process. Models and states are numbers that the engine process gave out;
 * states never leave it except as files. Counts are tokens, times ms, sizes bytes.
 */
import type {
  Device,
  GenerateRequest,
  GenerateResult,
  Kept,
  Memory,
  ModelInfo,
  StateInfo,
} from '../../native-mlx/addon.ts';

type None = Record<string, never>;

export type { Device, GenerateRequest, GenerateResult, Kept, Memory, ModelInfo, StateInfo };

export interface EngineMemory extends Memory {
  readonly weightBytes: number;
  readonly stateBytes: number;
  readonly stateCount: number;
}

export type Progressed = { readonly done: number; readonly total: number };

/** Natural logarithms; null where there is none (the first id of a fresh state). */
export interface Scored {
  readonly logprobs: readonly (number | null)[];
  readonly top: readonly (readonly (readonly [id: number, logprob: number])[])[];
}

export interface EngineContract {
  calls: {
    device: { params: None; result: Device };
    memory: { params: None; result: EngineMemory };
    resetPeak: { params: None; result: None };
    /** Of the device's memory, as it is measured at this moment. */
    memorySpeed: { params: None; result: { bytesPerSecond: number } };
    unload: { params: { model: number }; result: None };
    /** A private state, and every fork of it, is never parked: it stays out of all files. */
    'state.create': { params: { model: number; private?: boolean }; result: { state: number } };
    'state.fork': { params: { state: number }; result: { state: number } };
    'state.info': { params: { state: number }; result: StateInfo };
    'state.free': { params: { state: number }; result: None };
    'state.save': { params: { state: number; path: string; note: string }; result: StateInfo };
    /** Written in the background under the name of its content: decoding goes on meanwhile. */
    'state.keep': { params: { state: number; folder: string; note: string }; result: Kept };
    'state.load': { params: { model: number; path: string }; result: { state: number; note: string } };
    /** Parks every idle state to disk, as critical memory pressure does; each comes back when it is used. */
    park: { params: None; result: { parked: number } };
    crashForTests: { params: None; result: None };
  };
  streams: {
    load: {
      params: { path: string; pieces: readonly string[] };
      item: Progressed;
      result: { model: number; info: ModelInfo };
    };
    feed: {
      params: { state: number; ids: readonly number[]; chunk?: number };
      item: Progressed;
      result: StateInfo & { ms: number };
    };
    score: {
      params: { state: number; ids: readonly number[]; chunk?: number; top: number };
      item: Progressed;
      result: Scored;
    };
    /** log P(ids | state) for each of a model's states, which stay as they are; items are of states. */
    likelihoods: {
      params: { model: number; states: readonly number[]; ids: readonly number[] };
      item: Progressed;
      result: { logprobs: readonly number[] };
    };
    generate: {
      params: { state: number; request: GenerateRequest };
      item: { readonly ids: readonly number[] };
      result: GenerateResult;
    };
  };
  events: {
    /** Four times a second. */
    memory: EngineMemory;
  };
}
