#!/usr/bin/env node
/** The `llamba` command: makes sure that setup is done, then runs electron/headless/cli.ts under Node 24. */
import { runCli } from './setup/cli.mjs';
import { reportFailures } from './setup/failure.mjs';
import { needs, setup } from './setup.mjs';

const args = process.argv.slice(2);

await reportFailures(async () => {
  await setup(args[0] === 'serve' ? needs.browser : needs.commandLine);
  await runCli(args);
});
