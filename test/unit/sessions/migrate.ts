/** Brings a database to a version 2 of our own, to be killed while it does. usage: node migrate.ts PATH */
import { openDatabase } from '../../../electron/core/sessions/database.ts';
import { migrations } from '../../../electron/core/sessions/migrations.ts';

process.send?.('ready');
const slow = `UPDATE turns SET text = 'new ' || text; ALTER TABLE turns ADD COLUMN mood TEXT`;
openDatabase(process.argv[2] ?? '', { migrations: [...migrations, slow] }).close();
process.disconnect();
