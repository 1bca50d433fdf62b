/** A machine that slows itself down gives no honest figures: it is looked at before each piece of work, and waited for. */
import type { CompareItem } from '../../shared/compare.ts';
import type { EngineContract, Memory } from '../../shared/engine-contract.ts';
import type { Client } from '../../shared/rpc.ts';
import { pause } from '../aborting.ts';

interface WarmthOptions {
  readonly rpc: Client<EngineContract>;
  readonly emit: (item: CompareItem) => void;
  readonly signal: AbortSignal;
}

type Thermal = Memory['thermal'];

/** From cool to hot. */
const order: readonly Thermal[] = ['unknown', 'nominal', 'fair', 'serious', 'critical'];
const tooWarm = (thermal: Thermal) => order.indexOf(thermal) >= order.indexOf('serious');

/** How often a machine that is too warm is looked at. */
const coolingMs = 1000;

export function watchWarmth({ rpc, emit, signal }: WarmthOptions) {
  let warmest: Thermal = 'unknown';
  async function look(): Promise<Thermal> {
    const { thermal } = await rpc.call('memory', {});
    if (order.indexOf(thermal) > order.indexOf(warmest)) warmest = thermal;
    return thermal;
  }
  return {
    /** Waits, and says so, while the machine is too warm. */
    async whenCool(): Promise<void> {
      let thermal = await look();
      if (!tooWarm(thermal)) return;
      const reason = `The machine is too warm (${thermal}): it waits until it has cooled down.`;
      emit({ type: 'paused', reason });
      while (tooWarm(thermal)) {
        await pause(coolingMs, signal);
        thermal = await look();
      }
      emit({ type: 'resumed' });
    },
    /** The warmest state there has been until now. */
    async warmest(): Promise<Thermal> {
      await look().catch(() => undefined); // of an engine that has died, what it last said
      return warmest;
    },
  };
}
