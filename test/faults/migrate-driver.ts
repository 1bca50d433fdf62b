/** Brings a database to a version that takes its time, to be killed meanwhile. usage: node migrate-driver.ts DATABASE */
import { openStore } from '../../electron/core/sessions/store.ts';
import { longer } from './migrations.ts';

const [path = ''] = process.argv.slice(2);
process.stdout.write('begun\n');
openStore(path, { migrations: longer }).close();
process.stdout.write('done\n');
