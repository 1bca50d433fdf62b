import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { greedy, json, llamba } from './llamba.ts';

describe('llamba run', () => {
  it('prints one object with exactly the promised keys', async () => {
    const answer = await json(['run', '--prompt', 'What is the sea?', ...greedy]);
    expect(Object.keys(answer).sort()).toEqual(
      [
        'text',
        'stopReason',
        'promptTokens',
        'generatedTokens',
        'ttftMs',
        'prefillTokensPerSecond',
        'decodeTokensPerSecond',
        'stateBytes',
        'weightBytes',
        'activeMemoryBytes',
        'peakMemoryBytes',
        'footprintBytes',
        'model',
        'backend',
        'device',
      ].sort(),
    );
    expect(answer).toMatchObject({ stopReason: 'length', generatedTokens: 8 });
    expect(answer.text.length).toBeGreaterThan(0);
    for (const key of ['ttftMs', 'stateBytes', 'weightBytes', 'activeMemoryBytes', 'footprintBytes']) {
      expect(answer[key]).toBeGreaterThan(0);
    }
  });
  it('prints the text alone for people, the same text', async () => {
    const args = ['run', '--prompt', 'What is the sea?', ...greedy];
    const [plain, answer] = await Promise.all([llamba(args), json(args)]);
    expect(plain).toEqual({ code: 0, out: `${answer.text}\n`, err: '' });
  });
  it('repeats itself with a seed', async () => {
    const args = ['run', '--prompt', 'A poem.', '--temperature', '1', '--seed', '7', '--max-tokens', '12'];
    const [a, b] = await Promise.all([json(args), json(args)]);
    expect(a.text).toBe(b.text);
  });
  it('feeds a raw prompt as it is', async () => {
    const [raw, chat] = await Promise.all([
      json(['run', '--raw', '--prompt', 'The sea is', ...greedy]),
      json(['run', '--prompt', 'The sea is', ...greedy]),
    ]);
    expect(raw.promptTokens).toBeLessThan(chat.promptTokens);
  });
  it('keeps what was written when Ctrl-C stops it', async () => {
    let told = false;
    const ended = await llamba(
      ['run', '--prompt', 'Write a very long story.', '--max-tokens', '100000', '--temperature', '1'],
      {
        send: '',
        onOut: (_out, kill) => {
          if (!told) kill('SIGINT');
          told = true;
        },
      },
    );
    expect(ended.code).toBe(0);
    expect(ended.out.trim().length).toBeGreaterThan(0);
  });
});

describe('llamba score', () => {
  it('gives log-probabilities, top lists and the perplexity of what it was given', async () => {
    const { ids, logprobs, top, perplexity } = await json([
      'score',
      '--text',
      'The capital of France is Paris.',
      '--top',
      '3',
    ]);
    expect(logprobs).toHaveLength(ids.length);
    expect(logprobs[0]).toBeNull();
    const known: number[] = logprobs.slice(1);
    for (const value of known) expect(value).toBeLessThanOrEqual(0);
    expect(perplexity).toBeCloseTo(Math.exp(-known.reduce((sum, v) => sum + v, 0) / known.length), 6);
    expect(top).toHaveLength(ids.length);
    for (const row of top) {
      expect(row).toHaveLength(3);
      expect(row[0][1]).toBeGreaterThanOrEqual(row[1][1]);
    }
  });
  it('is the same for every chunk size', async () => {
    const ids = '504,3575,282,4649,314,7042,30,216,504,3575';
    const [whole, small] = await Promise.all([
      json(['score', '--ids', ids, '--chunk', '128']),
      json(['score', '--ids', ids, '--chunk', '3']),
    ]);
    for (const [i, value] of whole.logprobs.entries()) {
      if (value !== null) expect(small.logprobs[i]).toBeCloseTo(value, 3);
    }
  });
  it('reads a file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'score-')), 'a.txt');
    writeFileSync(file, 'Plain text.');
    const [fromFile, fromText] = await Promise.all([
      json(['score', '--file', file]),
      json(['score', '--text', 'Plain text.']),
    ]);
    expect(fromFile).toEqual(fromText);
  });
});

describe('a model without a tokenizer', () => {
  const file = fileURLToPath(
    new URL('../fixtures/llamba/bf16-tied/model/tiny-bf16-tied.safetensors', import.meta.url),
  );
  it('is scored by ids and described', async () => {
    const { logprobs, top } = await json(['score', '--model', file, '--ids', '1,2,3', '--top', '1']);
    expect(logprobs).toEqual([null, expect.any(Number), expect.any(Number)]);
    expect(top).toHaveLength(3);
    const { model } = await json(['info', '--model', file]);
    expect(model).toMatchObject({ id: 'tiny-bf16-tied', twin: null });
  });
  it('cannot be given text, and says why', async () => {
    for (const args of [
      ['run', '--prompt', 'x'],
      ['run', '--raw', '--prompt', 'x'],
      ['score', '--text', 'x'],
    ]) {
      const { code, err } = await llamba([...args, '--model', file]);
      expect(code).toBe(1);
      expect(err).toContain('[tokenizer-invalid]');
      expect(err).toContain('tokenizer.json');
    }
  });
});

describe('llamba info', () => {
  it('tells machine, model and sizes', async () => {
    const { device, model } = await json(['info']);
    expect(device).toMatchObject({
      backend: expect.stringMatching(/^(cpu|metal|cuda)$/),
      mlxVersion: expect.any(String),
    });
    expect(model).toMatchObject({
      stateBytes: 5_045_760,
      stateBytesPerToken: 0,
      twin: { kvBytesPerToken: 23_040 },
    });
  });
});

describe('failures', () => {
  for (const [args, code] of [
    [['nope'], 'bad-request'],
    [['run'], 'bad-request'],
    [['run', '--prompt', 'x', '--top-k', 'many'], 'bad-request'],
    [['run', '--prompt', 'x', '--model', '/does/not/exist'], 'model-not-found'],
    [['score', '--model', 'no-such-model', '--text', 'x'], 'model-not-found'],
    [['score', '--text', 'a', '--ids', '1'], 'bad-request'],
    [['score', '--file', '/does/not/exist'], 'file-unreadable'],
    [['run', '--prompt', 'x', '--top-p', '2'], 'bad-request'],
    [['serve', '--port', '99999'], 'bad-request'],
    [['score', '--text', 'x', '--top', '9999999'], 'bad-request'],
    [['score', '--ids', '1,x'], 'bad-request'],
    [['score', '--ids', '99999999'], 'bad-request'],
  ] as const) {
    it(`says so for llamba ${args.join(' ')}`, async () => {
      const ended = await llamba([...args]);
      expect(ended.code).toBe(1);
      expect(ended.out).toBe('');
      expect(ended.err).toMatch(new RegExp(`^llamba: .+\\[${code}\\]\n  \\S.+\n$`));
    });
  }
  it('says why when the addon cannot be loaded', async () => {
    const ended = await llamba(['info'], undefined, { LLAMBA_ADDON: '/does/not/exist.node' });
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.err).toMatch(/^llamba: .*exist\.node.* \[unsupported\]\n {2}.*npm run setup/);
  });
  it('lists commands and options', async () => {
    expect((await llamba(['--help'])).out).toContain('llamba COMMAND --help');
    expect((await llamba(['run', '--help'])).out).toContain('--repetition-penalty');
  });
});
