/** What is done to models' files elsewhere (models/convert): the parts that tasks use, so that tests can stand in. */
import type { Conversion, Recognised } from '../../shared/contract.ts';

export interface ConvertControl {
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
  /** What people will call it. */
  readonly name?: string;
}

export interface ModelTools {
  recognise(path: string): Promise<Recognised>;
  /** Aborted or killed, a later call with the same arguments goes on. */
  convert(
    source: string,
    destination: string,
    conversion: Conversion,
    control: ConvertControl,
  ): Promise<void>;
  /** Removes what a conversion to `destination` that was stopped has left. */
  discard(destination: string): Promise<void>;
  /** Into `folder` as `folder/id`, by links or by a conversion. */
  importModel(
    path: string,
    folder: string,
    control: ConvertControl & { readonly id: string; readonly conversion?: Conversion },
  ): Promise<unknown>;
}

/** Loaded when first used: neither the start of the app nor a chat waits for it. */
export const shippedTools: ModelTools = {
  recognise: async (path) => (await import('../../../models/convert/recognise.ts')).recognise(path),
  convert: async (...given) => (await import('../../../models/convert/convert.ts')).convert(...given),
  discard: async (destination) => (await import('../../../models/convert/convert.ts')).discard(destination),
  importModel: async (...given) => (await import('../../../models/convert/import.ts')).importModel(...given),
};
