/** The MLX wheel, and the engine built against it: native-mlx/build/llamba.node and, for the tests, engine-test. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Failure, missing } from './failure.mjs';
import { at, cache, platform } from './place.mjs';
import { attempt, run } from './run.mjs';
import { hashOf, readText, writeStamp } from './stamp.mjs';
import { wheelFolder } from './wheels.mjs';

const wheelLock = `native-mlx/wheels/${platform}.txt`;
export const mlx = wheelFolder('MLX', wheelLock, at('native-mlx/vendor'));
const buildTools = wheelFolder('cmake and ninja', 'native-mlx/wheels/build-tools.txt', cache('build-tools'));

const probe = '#include <concepts>\n#include <span>\nint main() { return std::span<int>{}.size(); }\n';

/** MLX's headers are C++20; and its Linux library needs glibc 2.35. */
async function checkCompiler() {
  const file = cache('probe.cpp');
  writeStamp(file, probe);
  const compiler = process.env.CXX ?? 'c++';
  const { code } = await attempt(compiler, ['-std=c++20', '-fsyntax-only', file]);
  if (code !== 0) {
    throw missing(`A C++20 compiler is missing (${compiler} does not compile C++20).`, {
      debian: 'g++ make',
      fedora: 'gcc-c++ make',
      arch: 'base-devel',
      mac: 'xcode-select --install',
    });
  }
  if (process.platform !== 'linux') return;
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  const [major, minor] = (glibc ?? '0.0').split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 35)) {
    throw new Failure(
      `MLX needs glibc 2.35 or newer (Ubuntu 22.04, Debian 12); this system has ${glibc ?? 'another C library'}.`,
    );
  }
}

const works = async (command) => (await attempt(command, ['--version'])).code === 0;

/** The command and environment of cmake: the system's if it has a build tool too, else the pinned wheels'. */
async function findCmake() {
  if ((await works('cmake')) && ((await works('make')) || (await works('ninja'))))
    return { cmake: 'cmake', env: {}, generator: [] };
  if (!buildTools.isRight()) await buildTools.bring();
  const bin = cache('build-tools/bin');
  const env = { PATH: `${bin}:${process.env.PATH}`, PYTHONPATH: cache('build-tools') };
  return { cmake: `${bin}/cmake`, env, generator: ['-G', 'Ninja'] };
}

async function build(target, tell) {
  await checkCompiler();
  const { cmake, env, generator } = await findCmake();
  const configured = existsSync(at('native-mlx/build/CMakeCache.txt'));
  const ccache = (await works('ccache')) ? ['-DCMAKE_CXX_COMPILER_LAUNCHER=ccache'] : [];
  await run(
    'cmake could not configure native-mlx. Remove native-mlx/build and try again; if that does not help, report the lines above.',
    cmake,
    [
      '-S',
      'native-mlx',
      '-B',
      'native-mlx/build',
      '-DCMAKE_BUILD_TYPE=Release',
      ...ccache,
      ...(configured ? [] : generator),
    ],
    { env },
  );
  await run(
    'The engine did not compile: see the lines above.',
    cmake,
    ['--build', 'native-mlx/build', '--target', target, '--parallel', String(availableParallelism())],
    { env, onOutput: (text) => tell(/(\[ *\d+%\]|\[\d+\/\d+\])[^[]*$/.exec(text)?.[1] ?? '...') },
  );
}

/** A part for one target of the CMake build; `sources` are its inputs beside the engine's own. */
function built(name, target, product, sources) {
  const stamp = at('native-mlx/build', `.${target}.stamp`);
  const inputs = () => hashOf('native-mlx/CMakeLists.txt', 'native-mlx/src', wheelLock, ...sources);
  return {
    name,
    isRight: () => existsSync(at('native-mlx/build', product)) && readText(stamp) === inputs(),
    async bring(tell) {
      const before = inputs();
      await build(target, tell);
      writeStamp(stamp, before);
    },
  };
}

export const addon = built('engine (C++)', 'llamba', 'llamba.node', []);
export const engineTest = built('engine tests (C++)', 'engine-test', 'engine-test', ['native-mlx/test']);
