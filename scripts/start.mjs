/** `npm start`: the app in Electron where it can be had, else served for the browser. `--browser` asks for the latter. */
import { spawn } from 'node:child_process';
import { childEnv, cliCommand, standFor } from './setup/cli.mjs';
import { findElectron } from './setup/electron.mjs';
import { reportFailures } from './setup/failure.mjs';
import { at } from './setup/place.mjs';
import { needs, setup } from './setup.mjs';

/** A page opens only where there is somebody to see it; the address is printed in any case. */
function openBrowser(address) {
  const seen = process.platform === 'darwin' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!seen || !process.stdout.isTTY) return;
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
  const child = spawn(opener, [address], { stdio: 'ignore', detached: true });
  child.on('error', () => console.error(`${opener} is not installed: open the address above yourself.`));
  child.unref();
}

function serve(args) {
  const [node, nodeArgs] = cliCommand(['serve', ...args]);
  const child = spawn(node, nodeArgs, {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: { ...childEnv, ...process.env },
  });
  let printed = '';
  let opened = false;
  child.stdout.on('data', (piece) => {
    process.stdout.write(piece);
    if (opened) return;
    printed += piece;
    const address = /https?:\/\/\S+(?=\s)/.exec(printed)?.[0];
    if (!address) return;
    opened = true;
    openBrowser(address);
  });
  return standFor(child);
}

await reportFailures(async () => {
  const args = process.argv.slice(2).filter((arg) => arg !== '--browser');
  await setup(needs.browser);
  const { binary, reason } = process.argv.includes('--browser') ? {} : await findElectron();
  if (binary) {
    await setup(needs.electron);
    const started = performance.now();
    await standFor(spawn(binary, [at('.'), ...args], { stdio: 'inherit' }));
    if (process.exitCode !== 0 && performance.now() - started < 5000) {
      console.error('Electron ended at once. Run: npm start -- --browser');
    }
    return;
  }
  if (reason) console.error(`No Electron window: ${reason}. Serving the app for the browser.`);
  await serve(args);
});
