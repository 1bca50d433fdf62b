/** The database's migrations, and one more that rewrites every turn and takes long enough to be killed in. */
import { migrations } from '../../electron/core/sessions/migrations.ts';

export const longer: readonly string[] = [
  ...migrations,
  `
  ALTER TABLE turns ADD COLUMN added TEXT NOT NULL DEFAULT '';
  UPDATE turns SET added = hex(randomblob(200)) || id;
  CREATE INDEX turnsByAdded ON turns (added);
  `,
];
