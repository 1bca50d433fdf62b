/** Where things lie, and which of the three supported machines this is. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
export const at = (...parts) => join(root, ...parts);
export const cache = (...parts) => at('.cache', ...parts);

/** As in the names of the lock files: linux-x64, linux-arm64, darwin-arm64. */
export const platform = `${process.platform}-${process.arch}`;
export const supported = ['linux-x64', 'linux-arm64', 'darwin-arm64'];
