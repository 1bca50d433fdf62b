/** The Electron binary: present, downloadable, or not to be had on this machine, which is then remembered for a day. */
import { existsSync, statSync } from 'node:fs';
import { node24Path } from './node24.mjs';
import { at, cache } from './place.mjs';
import { step } from './progress.mjs';
import { attempt } from './run.mjs';
import { readText, writeStamp } from './stamp.mjs';

const downloadLimit = 5 * 60_000;
const day = 24 * 60 * 60_000;
const refusal = cache('electron-not-to-be-had');

function present() {
  const name = readText(at('node_modules/electron/path.txt'));
  const file = name && at('node_modules/electron/dist', name);
  return file && existsSync(file) ? file : null;
}

/** Why no window can open here, or null. */
function noWindow() {
  if (process.platform !== 'linux') return null;
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display';
  if (process.getuid() === 0) return 'Chromium keeps its sandbox only for users other than root';
  return null;
}

/** Resolves to { binary } or { reason }: a path, or why the app is served in the browser instead. */
export async function findElectron() {
  const reason = noWindow();
  if (reason) return { reason };
  if (present()) return { binary: present() };
  const refused = statSync(refusal, { throwIfNoEntry: false });
  if (refused && Date.now() - refused.mtimeMs < day) {
    return { reason: `Electron could not be downloaded within the last day; remove ${refusal} to try again` };
  }
  const { code, output } = await step(
    'Electron',
    () => attempt(node24Path, [at('node_modules/electron/install.js')], { limit: downloadLimit }),
    ({ code }) => (code === 0 ? '' : 'not to be had'),
  );
  if (code === 0 && present()) return { binary: present() };
  writeStamp(refusal, output);
  return { reason: 'Electron could not be downloaded' };
}
