/** The core in Electron's main process; its engine in a utility process. */
import { join } from 'node:path';
import { app, safeStorage, utilityProcess } from 'electron';
import { type Core, createCore } from '../core/core.ts';
import { spawnEngine } from '../engine/spawn.ts';
import { kept } from './keychain.ts';
import { places } from './places.ts';

export async function openCore(): Promise<Pick<Core, 'accept' | 'close'>> {
  process.env.LLAMBA_ADDON ??= places.addon; // where the converting process looks
  return createCore({
    host: 'electron',
    version: app.getVersion(),
    models: [
      { path: join(places.models, 'embedded'), embedded: true },
      { path: join(app.getPath('userData'), 'models'), embedded: false },
    ],
    data: app.getPath('userData'),
    startEngine: () =>
      spawnEngine({
        addon: places.addon,
        entry: places.engine,
        utilityFork: (entry, args) =>
          utilityProcess.fork(entry, args, { serviceName: 'Llamba engine', stdio: 'inherit' }),
      }),
    token: kept(join(app.getPath('userData'), 'hub-token'), safeStorage),
    loadAtStart: true,
  });
}
