/** The core as the command line and the server run it: engine in a forked Node, models of this checkout and user. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Core, createCore } from '../core/core.ts';
import type { ModelFolders } from '../core/models/on-disk.ts';
import { spawnEngine } from '../engine/spawn.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where the app keeps its data: LLAMBA_DATA, else the system's place for it. */
export const userData =
  process.env.LLAMBA_DATA ??
  (process.platform === 'darwin'
    ? join(homedir(), 'Library/Application Support/Llamba')
    : join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'llamba'));

/** The embedded models, then those of LLAMBA_MODELS (folders of models, separated as in PATH), then the user's. */
export const modelFolders = (): ModelFolders => [
  { path: join(root, 'models/embedded'), embedded: true },
  ...(process.env.LLAMBA_MODELS ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((path) => ({ path, embedded: false })),
  { path: join(userData, 'models'), embedded: false },
];

export const rendererFolder = join(root, 'dist/renderer');

export const version: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** `data`: where sessions are kept, `userData` as a rule; null: they end with the command. */
export function localCore(
  host: 'browser' | 'cli',
  { loadAtStart = false, data = null }: { loadAtStart?: boolean; data?: string | null } = {},
): Core {
  return createCore({
    host,
    version,
    models: modelFolders(),
    data,
    startEngine: () => spawnEngine(),
    loadAtStart,
  });
}
