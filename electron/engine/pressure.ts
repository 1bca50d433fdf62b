/** What the engine process gives back when memory is short. */
import type { Engine } from '../../native-mlx/addon.ts';
import type { Handles } from './handles.ts';

export type Pressure = 'normal' | 'warn' | 'critical';

/** warn: MLX's cached buffers; critical: idle states too, which go to disk. Gives how many went. */
export async function relieve(
  level: Pressure,
  engine: Pick<Engine, 'dropCaches'>,
  handles: Pick<Handles, 'parkIdle'>,
): Promise<number> {
  if (level === 'normal') return 0;
  const parked = level === 'critical' ? await handles.parkIdle() : 0;
  engine.dropCaches(); // last, so that what the parked states held goes as well
  return parked;
}
