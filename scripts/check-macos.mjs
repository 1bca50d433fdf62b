/**
 * `npm run check:macos`: how far the macOS build can be checked without a Mac. Cross-compiles the addon for arm64 macOS
 * through CMake's own macOS branch, with the compiler of PyPI's ziglang, against MLX's Metal library, and reads the
 * result. Not a build to ship, and nothing is run: see the last lines of its output.
 */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Failure, reportFailures } from './setup/failure.mjs';
import { unresolvedSymbols } from './setup/mach-o.mjs';
import { packages } from './setup/packages.mjs';
import { at, cache } from './setup/place.mjs';
import { step } from './setup/progress.mjs';
import { run } from './setup/run.mjs';
import { wheelFolder } from './setup/wheels.mjs';

const folder = (...parts) => cache('check-macos', ...parts);
const zigWheel = wheelFolder('the cross-compiler', 'native-mlx/wheels/zig.txt', cache('zig'));
const metalWheel = wheelFolder(
  "MLX's Metal library",
  'native-mlx/wheels/darwin-arm64.txt',
  folder('vendor'),
  'darwin-arm64',
);

/** Shell scripts that give CMake the tools of a Mac: zig's, without the options that only Apple's know. */
function tools() {
  const zig = cache('zig/ziglang/zig');
  const script = (name, text) => {
    mkdirSync(folder('bin'), { recursive: true });
    writeFileSync(folder('bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(folder('bin', name), 0o755);
    return folder('bin', name);
  };
  const compiler = script(
    'c++',
    `n=$#
while [ $n -gt 0 ]; do
  a=$1; shift; n=$((n - 1))
  case $a in
    -arch | -isysroot | -framework) shift; n=$((n - 1)) ;;
    -mmacosx-version-min=*) ;;
    -bundle) set -- "$@" -shared ;;
    *) set -- "$@" "$a" ;;
  esac
done
exec '${zig}' c++ -target aarch64-macos.14.0 -I'${at('scripts/macos-stubs')}' "$@"`,
  );
  const archiver = script('ar', `exec '${zig}' ar "$@"`);
  const indexer = script('ranlib', `exec '${zig}' ranlib "$@"`);
  const renamer = script('install_name_tool', 'exit 1'); // CMake wants one; a build that needs it must fail
  return { compiler, archiver, indexer, renamer };
}

// zig keeps a cache of compiled system libraries: beside ours, not in the home folder.
const options = {
  env: { ZIG_GLOBAL_CACHE_DIR: folder('zig-cache'), ZIG_LOCAL_CACHE_DIR: folder('zig-cache') },
};

async function configure() {
  const { compiler, archiver, indexer, renamer } = tools();
  await run(
    "CMake's macOS branch does not configure: see the lines above.",
    'cmake',
    [
      ...['-S', 'native-mlx', '-B', folder('build'), '-DCMAKE_BUILD_TYPE=Release', '-DLLAMBA_TESTS=OFF'],
      '-DCMAKE_SYSTEM_NAME=Darwin',
      '-DCMAKE_SYSTEM_PROCESSOR=arm64',
      '-DCMAKE_OSX_DEPLOYMENT_TARGET=14.0',
      '-DCMAKE_OSX_SYSROOT=',
      `-DCMAKE_CXX_COMPILER=${compiler}`,
      `-DCMAKE_OBJCXX_COMPILER=${compiler}`,
      `-DCMAKE_AR=${archiver}`,
      `-DCMAKE_RANLIB=${indexer}`,
      `-DCMAKE_INSTALL_NAME_TOOL=${renamer}`,
      `-DMLX_ROOT=${folder('vendor/mlx')}`,
    ],
    options,
  );
}

async function build() {
  await run(
    'The addon does not compile for arm64 macOS: see the lines above.',
    'cmake',
    ['--build', folder('build'), '--target', 'llamba', '--parallel', '2'],
    options,
  );
}

/** Every MLX symbol must be bound to libmlx; the host's napi_* and Apple's frameworks are looked up when it is loaded. */
function inspect() {
  const symbols = unresolvedSymbols(readFileSync(folder('build/llamba.node')));
  const fromMlx = symbols.filter(({ name }) => name.includes('3mlx4core'));
  const lost = fromMlx.filter(({ library }) => !library.endsWith('libmlx.dylib'));
  if (fromMlx.length === 0 || lost.length > 0) {
    const names = lost.map(({ name }) => name).join('\n');
    throw new Failure(`${names}\n\nThese symbols are not in MLX's macOS library.`);
  }
  return { mlx: fromMlx.length, napi: symbols.filter(({ name }) => name.startsWith('_napi_')).length };
}

await reportFailures(async () => {
  if (process.platform === 'darwin') {
    throw new Failure('This is a Mac: `npm run setup` builds the real thing, which says more.');
  }
  for (const part of [packages, zigWheel, metalWheel]) {
    if (!part.isRight()) await step(part.name, part.bring);
  }
  await step("CMake's macOS branch", configure);
  await step('addon for arm64 macOS', build);
  const found = inspect();
  console.log(`
Checked: CMake's macOS branch; every source for arm64 macOS 14 (NEON kernels among them); the link, with
${found.mlx} symbols bound to MLX's Metal library and ${found.napi} left to Node.
mac.mm: against the system headers that zig ships (dispatch, mach, objc) and, for Foundation and Metal, against our own
declarations in scripts/macos-stubs.
Not checked: Apple's Foundation and Metal headers, Apple's compiler and linker, code signing, and whatever only running
shows. A Mac must build and run it.`);
});
