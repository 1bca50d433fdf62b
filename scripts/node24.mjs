/** `node scripts/node24.mjs FILE ARGS`: a TypeScript file of this checkout, after setup, under Node 24. */
import { spawn } from 'node:child_process';
import { childEnv, standFor } from './setup/cli.mjs';
import { reportFailures } from './setup/failure.mjs';
import { node24Path } from './setup/node24.mjs';
import { needs, setup } from './setup.mjs';

await reportFailures(async () => {
  await setup(needs.commandLine);
  const env = { ...childEnv, ...process.env };
  await standFor(spawn(node24Path, process.argv.slice(2), { stdio: 'inherit', env }));
});
