/** The Models page without a page: what becomes of tasks, what is said of them, and the size that is promised. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CatalogueModel, Conversion, ModelTask } from '../../../electron/shared/contract.ts';
import { openModel } from '../../../models/convert/open-model.ts';
import { planConversion } from '../../../models/convert/plan.ts';
import { recognise } from '../../../models/convert/recognise.ts';
import { bytesOf } from '../../../models/convert/source.ts';
import { sizeAfter } from '../../../renderer/models/conversion-size.ts';
import { downloadOf, labelOfSource, progressOf, timeLeft } from '../../../renderer/models/words.ts';
import { createAppStore } from '../../../renderer/store.ts';
import { type HubShape, writeHubCheckpoint } from '../../convert/hub-checkpoint.ts';

const MiB = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), 'llamba-models-ui-'));
afterAll(() => rmSync(folder, { recursive: true }));

const task = (rest: Partial<ModelTask> = {}): ModelTask => ({
  ...{ id: 'download-a', kind: 'download', model: 'a', name: 'A', phase: 'running', doneBytes: MiB },
  ...{ totalBytes: 4 * MiB, bytesPerSecond: null, secondsLeft: null, note: null, error: null },
  ...rest,
});

describe('tasks in the store', () => {
  test('a change takes the place of what was known; a cancelled one goes, a failed one stays', () => {
    const { getState } = createAppStore();
    getState().tasksRead([task(), task({ id: 'download-b' })]);
    getState().taskChanged(task({ doneBytes: 2 * MiB }));
    getState().taskChanged(task({ id: 'verify-c', kind: 'verify' }));
    expect(getState().tasks.map(({ id, doneBytes }) => [id, doneBytes])).toEqual([
      ['download-a', 2 * MiB],
      ['download-b', MiB],
      ['verify-c', MiB],
    ]);
    const error = { code: 'network-failed', message: 'No.', hint: '' } as const;
    getState().taskChanged(task({ phase: 'failed', error }));
    getState().taskChanged(
      task({ id: 'download-b', phase: 'failed', error: { ...error, code: 'cancelled' } }),
    );
    expect(getState().tasks.map(({ id }) => id)).toEqual(['download-a', 'verify-c']);
  });

  test('cards that were read stay when reading them again fails, and say so', () => {
    const { getState } = createAppStore();
    getState().cardsRead([]);
    getState().cardsFailed({ code: 'engine-gone', message: 'Gone.', hint: '' });
    expect(getState()).toMatchObject({ cards: [], cardsError: { code: 'engine-gone' } });
    getState().cardsRead([]);
    expect(getState().cardsError).toBeNull();
  });
});

describe('words', () => {
  test.each<[Partial<ModelTask>, string]>([
    [{}, 'Downloading: 1.0 MiB of 4.0 MiB'],
    [{ bytesPerSecond: MiB / 2, secondsLeft: 6.2 }, 'Downloading: 1.0 MiB of 4.0 MiB, 512 KiB/s, 7 s left'],
    [{ phase: 'waiting', totalBytes: null }, 'Waiting…'],
    [{ phase: 'paused' }, 'Paused: 1.0 MiB of 4.0 MiB'],
    [{ phase: 'verifying', doneBytes: 300 }, 'Checking every byte: 300 B of 4.0 MiB'],
    [{ kind: 'import' }, 'Importing: 1.0 MiB of 4.0 MiB'],
  ])('of %j', (change, words) => expect(progressOf(task(change))).toBe(words));

  test.each([
    [0, '1 s'],
    [59.2, '1 min'],
    [61, '2 min'],
    [3600, '1 h 0 min'],
    [7500, '2 h 5 min'],
  ])('%d seconds are %s', (seconds, words) => expect(timeLeft(seconds)).toBe(words));

  test('a size that nobody published is not told as exact', () => {
    const file = (bytes: number | null) => ({ path: 'a', bytes, sha256: null });
    const model = { form: 'pytorch', parameters: 1e9, weightBytes: MiB } as CatalogueModel;
    expect(downloadOf({ ...model, files: [file(2), file(3)] })).toEqual({ bytes: 5, exact: true });
    expect(downloadOf({ ...model, files: [file(2), file(null)] })).toEqual({ bytes: 4e9, exact: false });
    expect(downloadOf({ ...model, form: 'mlx', files: [file(null)] })).toEqual({ bytes: MiB, exact: false });
  });

  test("the authors' figures are told apart from those of others", () => {
    expect(labelOfSource('Llamba paper (arXiv 2502.14458), table 1')).toBe("Paper (authors' table)");
    expect(labelOfSource('A leaderboard')).toBe('Measured by others');
  });
});

describe('the size that a conversion is said to give is what it writes, to the byte', () => {
  const conversions: Conversion[] = [4, 8].flatMap((bits) =>
    [32, 64, 128].flatMap((groupSize) =>
      [4, 8, 16].map((embedding) => ({ bits, groupSize, embedding }) as Conversion),
    ),
  );
  test.each(['F32', 'BF16'] satisfies HubShape['dtype'][])('from %s', async (dtype) => {
    const at = join(folder, dtype);
    writeHubCheckpoint(at, {
      ...{ vocabulary: 320, width: 128, mlp: 256, blocks: 2, heads: 4, state: 16 },
      dtype,
    });
    const { weights, how } = await recognise(at);
    expect(how).toBe('convert');
    if (!weights) throw new Error('no weights');
    const model = await openModel(at);
    for (const conversion of conversions) {
      const never = () => Promise.reject(new Error('not asked for'));
      const { parts } = planConversion(model, conversion, never, 'it');
      const written = parts
        .flatMap(({ outputs }) => outputs)
        .reduce((sum, tensor) => sum + bytesOf(tensor), 0);
      expect(sizeAfter(weights, conversion), JSON.stringify(conversion)).toBe(written);
    }
    await model.source.close();
  });
});
