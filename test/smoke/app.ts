/** The app under test: a real Electron, its window, and what it said. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { buildSmoke } from './build.ts';

export interface Started {
  readonly app: ElectronApplication;
  readonly page: Page;
  readonly binary: string;
  /** The main process's file, and the arguments that the app was started with. */
  readonly main: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

/** Arguments that start `main` with a fresh data folder; Chromium's sandbox refuses root. */
export function argsFor(main: string): string[] {
  const userData = mkdtempSync(join(tmpdir(), 'llamba-smoke-'));
  return [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), main, `--user-data-dir=${userData}`];
}

/** Builds and starts it, with a data folder of its own. */
export async function startApp(): Promise<Started> {
  const binary = process.env.LLAMBA_SMOKE_ELECTRON;
  if (!binary)
    throw new Error('LLAMBA_SMOKE_ELECTRON names no Electron: run these tests with npm test smoke.');
  const asNode = { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, encoding: 'utf8' } as const;
  const old = execFileSync(binary, ['-p', 'process.versions.electron'], asNode).startsWith('9.');
  const main = await buildSmoke(old);
  const args = argsFor(main);
  const env = {
    ...(process.env as Record<string, string>),
    LLAMBA_CORE_NODE: process.execPath,
    LLAMBA_CORE_SCRIPT: fileURLToPath(new URL('core-child.ts', import.meta.url)),
  };
  const app = await _electron.launch({ executablePath: binary, args, env });
  const page = await app.firstWindow();
  // The window is there before its page's script has run.
  await page.waitForFunction(() => 'rpc' in window);
  return { app, page, binary, main, args, env };
}
