/** A model on another disk is used where it lies: by symbolic links, which go without what they point to. */
import { cpSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bytesFreedBy } from '../../electron/core/models/freed.ts';
import { readManifest, verifyFolder } from '../../electron/core/models/manifest.ts';
import { listModels } from '../../electron/core/models/on-disk.ts';
import { importModel } from '../../models/convert/import.ts';
import { engineForTests, failure } from '../native/addon.ts';
import { golden } from '../native/golden.ts';
import { noSmallDisk, smallDisk } from './small-disk.ts';

const models = mkdtempSync(join(tmpdir(), 'llamba-import-'));
afterAll(() => rmSync(models, { recursive: true, force: true }));
const engine = engineForTests();

it.skipIf(noSmallDisk)(
  'an import from another disk is listed, loaded and verified; without that disk it says what is gone',
  async () => {
    const disk = smallDisk(4 * 2 ** 20);
    const original = join(disk.path, 'Other.safetensors');
    cpSync(golden('llamba/q4g64-untied').model, original);
    const folder = await importModel(original, models, { id: 'other' });
    const manifest = await readManifest(folder);
    if (!manifest) throw new Error('no manifest');
    const weights = join(folder, 'Other.safetensors');
    expect(lstatSync(weights).isSymbolicLink()).toBe(true);
    expect(listModels([{ path: models, embedded: false }])).toMatchObject([
      { id: 'other', weightBytes: statSync(original).size },
    ]);
    await verifyFolder(folder, manifest);
    const model = await engine.load(folder).done;
    await model.unload();
    expect(await bytesFreedBy(folder)).toBeLessThan(2000);

    disk.unmount();
    expect(await failure(() => verifyFolder(folder, manifest))).toMatchObject({
      code: 'file-invalid',
      message: expect.stringContaining('Other.safetensors'),
    });
    expect((await failure(() => engine.load(folder).done)).code).toMatch(
      /^(file-unreadable|model-not-found)$/,
    );
    // One model that cannot be reached must not hide the others.
    expect(() => listModels([{ path: models, embedded: false }])).not.toThrow();
    rmSync(folder, { recursive: true });
    expect(readdirSync(models)).toEqual([]);
  },
);
