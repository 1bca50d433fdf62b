import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CompareRun } from '../../electron/shared/contract.ts';
import { llamba } from './llamba.ts';

/** The command's folder for temporary files, to see what it leaves there. */
const place = () => mkdtempSync(join(tmpdir(), 'bench-'));

/** The last file of a random model is there: from now on it is loaded and measured. */
async function whenWritten(folder: string): Promise<void> {
  const last = 'model.safetensors.index.json';
  while (!readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith(last)))
    await new Promise((later) => setTimeout(later, 5));
}

describe('llamba bench', () => {
  it('measures two random models of a shape, writes the run, and leaves nothing behind', async () => {
    const [TMPDIR, results] = [place(), place()];
    const file = join(results, 'run.json');
    const args = ['--shape', 'llamba-tiny', '--shape', 'llama-tiny', '--contexts', '0,1k', '--repeats', '2'];
    const ended = await llamba(['bench', 'decode', ...args, '--json', file], undefined, { TMPDIR });
    expect(ended.code).toBe(0);
    expect(ended.out).toMatch(/MLX .+\n.+thermal state/);
    expect(ended.out).toMatch(/llamba-tiny \(random\): [\d,]+ parameters, 4-bit in groups of 64/);
    expect(ended.out).toMatch(/\n +context +tokens\/s +least +most +runs\n +0 .+ 2\n +1,024 .+ 2\n/);
    expect(ended.out).toMatch(/After 1,024 tokens llamba-tiny .+ llama-tiny/);
    const run: CompareRun = JSON.parse(readFileSync(file, 'utf8'));
    expect(run).toMatchObject({ phase: 'done', request: { contexts: [0, 1024], repeats: 2 } });
    expect(run.models.map(({ model }) => model.architecture)).toEqual(['llamba', 'llama']);
    expect(run.provenance.bandwidth).toBeGreaterThan(0);
    expect(readdirSync(TMPDIR)).toEqual([]);
  });
  it('measures sequences that write at once, as JSON alone', async () => {
    const args = [
      'bench',
      'batch',
      '--shape',
      'llamba-tiny',
      '--batch',
      '1,3',
      '--repeats',
      '1',
      '--json',
      '-',
    ];
    const { code, out } = await llamba(args, undefined, { TMPDIR: place() });
    expect(code).toBe(0);
    const { models }: CompareRun = JSON.parse(out);
    expect(models[0]?.batches.map(({ batch, decode }) => [batch, decode.median > 0])).toEqual([
      [1, true],
      [3, true],
    ]);
  });
  it('shows what the state takes at each length, and stops at Ctrl-C with what there is', async () => {
    const TMPDIR = place();
    const ended = await llamba(
      ['bench', 'state', '--shape', 'llamba-tiny', '--contexts', '0,1,1000k', '--repeats', '1'],
      { send: '', onStart: (kill) => void whenWritten(TMPDIR).then(() => kill('SIGINT')) },
      { TMPDIR },
    );
    expect(ended.code).toBe(0);
    expect(ended.out).toMatch(/context +state or cache +active/);
    expect(ended.out).toContain('It was stopped');
    expect(readdirSync(TMPDIR)).toEqual([]);
  });
  for (const [args, what] of [
    [['speed'], 'There is no bench "speed".'],
    [['decode', '--shape', 'llama-9b'], 'There is no shape "llama-9b".'],
    [['decode', '--contexts', '1,x'], '--contexts takes whole numbers of 0 or more'],
    [['decode', '--batch', '2'], 'bench decode takes --contexts, not --batch.'],
    [['batch', '--contexts', '1k'], 'bench batch takes --batch, not --contexts.'],
    [['batch', '--batch', '0'], '--batch takes whole numbers of 1 or more'],
    [['decode', '--repeats', '0'], '--repeats takes 1 or more.'],
    [['decode', '--model', 'a', '--model', 'b', '--shape', 'c'], 'At most two models'],
    [['decode', '--model', 'nobody'], 'There is no model "nobody".'],
  ] as const) {
    it(`says what is wrong with llamba bench ${args.join(' ')}`, async () => {
      const ended = await llamba(['bench', ...args]);
      expect(ended).toMatchObject({ code: 1, out: '' });
      expect(ended.err).toContain(`llamba: ${what}`);
    });
  }
});
