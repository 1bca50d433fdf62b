/** The setup scripts against the real pip (offline, with wheels made here), real files and real processes. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'llamba-setup-'));
const script = (name: string) => join(root, 'scripts', name);

// @ts-expect-error: the scripts are plain JavaScript
const { wheelFolder } = await import('../../scripts/setup/wheels.mjs');
// @ts-expect-error: the scripts are plain JavaScript
const { hashOf } = await import('../../scripts/setup/stamp.mjs');

/** A wheel of one file, in pip's way; returns its sha256. */
function makeWheel(version: string): string {
  const file = join(folder, `tiny-${version}-py3-none-any.whl`);
  const code = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    info = 'tiny-${version}.dist-info/'
    wheel.writestr('tiny/lib.txt', '${version}')
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: tiny\\nVersion: ${version}\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')
`;
  execFileSync('python3', ['-c', code, file]);
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

describe('wheels', () => {
  const lock = join(folder, 'lock.txt');
  const target = join(folder, 'vendor');
  const part = wheelFolder('Tiny', relative(root, lock), target);
  const write = (version: string, sha256: string) =>
    writeFileSync(lock, `tiny==${version} --hash=sha256:${sha256}\n`);

  beforeAll(() => {
    Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder });
  });

  test('a changed hash is refused in a sentence and leaves nothing', async () => {
    makeWheel('1.0');
    write('1.0', '0'.repeat(64));
    await expect(part.bring()).rejects.toThrow(
      /Tiny could not be installed: what was downloaded does not have the hash/,
    );
    expect(existsSync(target)).toBe(false);
    expect(existsSync(`${target}.part`)).toBe(false);
    expect(part.isRight()).toBe(false);
  });

  test('the right hash is installed, once', async () => {
    write('1.0', makeWheel('1.0'));
    await part.bring();
    expect(readFileSync(join(target, 'tiny/lib.txt'), 'utf8')).toBe('1.0');
    expect(part.isRight()).toBe(true);
  });

  test('another version replaces it as a whole; a refused one leaves it as it was', async () => {
    writeFileSync(join(target, 'stale.txt'), '');
    const hash = makeWheel('2.0');
    write('2.0', 'f'.repeat(64));
    await expect(part.bring()).rejects.toThrow(/does not have the hash/);
    expect(readFileSync(join(target, 'tiny/lib.txt'), 'utf8')).toBe('1.0');
    write('2.0', hash);
    expect(part.isRight()).toBe(false);
    await part.bring();
    expect(readFileSync(join(target, 'tiny/lib.txt'), 'utf8')).toBe('2.0');
    expect(existsSync(join(target, 'stale.txt'))).toBe(false);
  });

  test('a wheel that cannot be found is told apart', async () => {
    write('3.0', '0'.repeat(64));
    await expect(part.bring()).rejects.toThrow(/Without a network, run once with one/);
  });
});

test('every lock file pins by hash', () => {
  const locks = globSync('{native-mlx/wheels,scripts/**}/*.txt', { cwd: root });
  expect(locks.length).toBeGreaterThanOrEqual(6);
  for (const lock of locks) {
    const lines = readFileSync(join(root, lock), 'utf8').split('\n');
    const wheels = lines.filter((line) => line && !line.startsWith('#'));
    expect(wheels.length, lock).toBeGreaterThan(0);
    for (const wheel of wheels) expect(wheel).toMatch(/^[\w-]+==[\d.]+( --hash=sha256:[0-9a-f]{64})+$/);
  }
});

test('a hash changes with a name, a content and a file more', () => {
  const inputs = join(folder, 'inputs');
  mkdirSync(inputs);
  const seen = new Set<string>();
  const look = () => seen.add(hashOf(relative(root, inputs)));
  look();
  writeFileSync(join(inputs, 'a'), '1');
  look();
  writeFileSync(join(inputs, 'a'), '2');
  look();
  writeFileSync(join(inputs, 'b'), '2');
  look();
  expect(seen.size).toBe(4);
  look();
  expect(seen.size).toBe(4);
});

describe('the lock', () => {
  /** A process that takes the lock, says so, and gives it back when its stdin ends. */
  const holder = (file: string) =>
    spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { alone } from ${JSON.stringify(script('setup/lock.mjs'))};
         await alone(async () => { console.log('in'); for await (const _ of process.stdin); }, ${JSON.stringify(file)});`,
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    );
  const holds = (child: ChildProcess) => once(child.stdout as NodeJS.EventEmitter, 'data');

  test('a second process waits for the first, and says so', async () => {
    const file = join(folder, 'waits.lock');
    const first = holder(file);
    await holds(first);
    const second = holder(file);
    let inside = false;
    const entered = holds(second).then(() => {
      inside = true;
    });
    const [told] = await once(second.stderr as NodeJS.EventEmitter, 'data');
    expect(String(told)).toContain('Waiting for another setup');
    expect(inside).toBe(false);
    first.stdin?.end();
    await entered;
    second.stdin?.end();
    await once(second, 'exit');
    expect(existsSync(file)).toBe(false);
  });

  test('a killed process does not keep it', async () => {
    const file = join(folder, 'killed.lock');
    const first = holder(file);
    await holds(first);
    first.kill('SIGKILL');
    await once(first, 'exit');
    expect(existsSync(file)).toBe(true);
    const second = holder(file);
    await holds(second);
    second.stdin?.end();
    expect(await once(second, 'exit')).toEqual([0, null]);
  });
});

describe('the commands', () => {
  const started = (name: string, args: string[]) => {
    const child = spawn(process.execPath, [script(name), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (piece) => {
      output += piece;
    });
    const printed = async (wanted: RegExp) => {
      while (!wanted.test(output)) await once(child.stdout, 'data');
      return wanted.exec(output)?.[0] ?? '';
    };
    return { child, printed };
  };

  test('llamba keeps the exit status', async () => {
    expect(await once(started('llamba.mjs', ['no-such-command']).child, 'exit')).toEqual([1, null]);
    expect(await once(started('llamba.mjs', ['--help']).child, 'exit')).toEqual([0, null]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'npm start serves the page and ends on %s',
    async (signal) => {
      const { child, printed } = started('start.mjs', ['--browser']);
      const address = await printed(/http:\S+#token=\S+/);
      expect((await fetch(address)).status).toBe(200);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([0, null]);
      await expect(fetch(address)).rejects.toThrow();
    },
  );
});
