/** The embedded model without its stop ids: a reply lasts until it is stopped, on a machine of any speed. */
import { mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const embedded = fileURLToPath(new URL('../../models/embedded/llamba-135m', import.meta.url));

/** Its folder. */
export function endlessModel(): string {
  const folder = mkdtempSync(join(tmpdir(), 'endless-'));
  for (const name of readdirSync(embedded)) {
    if (name !== 'generation_config.json') symlinkSync(join(embedded, name), join(folder, name));
  }
  const settings = { eos_token_id: [], temperature: 0.7, min_p: 0.05, max_new_tokens: 1_000_000 };
  writeFileSync(join(folder, 'generation_config.json'), JSON.stringify(settings));
  return folder;
}
