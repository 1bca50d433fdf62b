import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Grouped by what the tests need: nothing; the addon; core over a port; processes to kill; Chromium; Electron. */
const limits = {
  unit: { testTimeout: 10_000, fileParallelism: true },
  native: { testTimeout: 60_000, fileParallelism: false },
  contract: { testTimeout: 30_000, fileParallelism: true },
  faults: { testTimeout: 60_000, fileParallelism: true },
  e2e: { testTimeout: 60_000, fileParallelism: true },
  smoke: { testTimeout: 60_000, fileParallelism: false },
};

export default defineConfig({
  test: {
    globalSetup: 'test/temporary-files.ts',
    projects: Object.entries(limits).map(([name, { testTimeout, fileParallelism }]) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.{ts,tsx}`],
        pool: 'forks',
        testTimeout,
        hookTimeout: testTimeout,
        // Vitest's own second is luck on a busy machine; what is waited for comes, or the test has failed.
        expect: { poll: { timeout: testTimeout / 2 } },
        fileParallelism,
        // By itself vitest leaves one core to its own process, which has nothing to do meanwhile.
        ...(fileParallelism && { maxWorkers: Math.max(2, availableParallelism()) }),
      },
    })),
  },
});
