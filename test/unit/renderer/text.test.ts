import { expect, test } from 'vitest';
import { blocks } from '../../../renderer/chat/blocks.ts';
import { figuresOf } from '../../../renderer/chat/figures.ts';
import { finishedUpTo, spoken } from '../../../renderer/chat/sentences.ts';
import { bytes, duration, parameters, rate, tokens } from '../../../renderer/ui/units.ts';

const reply =
  'One **bold** word.\n\n- a\n- b\n\n  more b\n\n```js\nlet a;\n\nlet b;\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n';

test('blocks of a finished text are the text', () => {
  expect(blocks(reply, false).join('')).toBe(reply);
  expect(blocks(reply, false)).toHaveLength(4);
});

test('while a text grows, only its last block changes', () => {
  let before: readonly string[] = [];
  for (let end = 1; end <= reply.length; end++) {
    const now = blocks(reply.slice(0, end), true);
    const kept = before.slice(0, Math.max(0, Math.min(before.length, now.length) - 2));
    expect(now.slice(0, kept.length).map((text) => text.trimEnd())).toEqual(
      kept.map((text) => text.trimEnd()),
    );
    before = now;
  }
});

test('marks that are open at the end are closed while the text is being written, and only then', () => {
  expect(blocks('One **bo', true)).toEqual(['One **bo**']);
  expect(blocks('One **bo', false)).toEqual(['One **bo']);
});

test('a sentence is finished by its mark and what follows it, so that numbers and half words are not', () => {
  expect(finishedUpTo('It is 3.5 MiB', 0)).toBe(0);
  expect(finishedUpTo('It is 3.5 MiB. And', 0)).toBe('It is 3.5 MiB.'.length);
  expect(finishedUpTo('Yes!', 0)).toBe(0);
  expect(finishedUpTo('- a point\n- another', 0)).toBe('- a point\n'.length);
});

test('sentences are announced once each, however the text arrives', () => {
  const text = 'First. Second one! Third? ';
  let said = '';
  let upTo = 0;
  for (let end = 1; end <= text.length; end++) {
    const next = finishedUpTo(text.slice(0, end), upTo);
    said += text.slice(upTo, next);
    upTo = next;
  }
  expect(said).toBe(text.trimEnd());
});

test('a screen reader hears words, not marks', () => {
  expect(spoken('## Title\n- **bold** and `code`, [a link](https://example.org)')).toBe(
    'Title bold and code, a link',
  );
  expect(spoken('Before\n```js\nlet x = 1;\n```\nafter')).toBe('Before (code) after');
});

test('figures carry their unit', () => {
  expect(bytes(5.2 * 2 ** 20)).toBe('5.2 MiB');
  expect(bytes(312 * 2 ** 20)).toBe('312 MiB');
  expect(bytes(1.5 * 2 ** 30)).toBe('1.5 GiB');
  expect(bytes(0)).toBe('0 MiB');
  expect(duration(142.4)).toBe('142 ms');
  expect(duration(1420)).toBe('1.4 s');
  expect(rate(52.34)).toBe('52.3 tokens/s');
  expect(rate(1240)).toBe('1,240 tokens/s');
  expect(tokens(1)).toBe('1 token');
  expect(parameters(158e6)).toBe('158 M parameters');
});

test('a reply that never began says only why it ended; a retry says that nothing was read again', () => {
  const stats = {
    promptTokens: 0,
    generatedTokens: 0,
    ttftMs: 0,
    prefillTokensPerSecond: null,
    decodeTokensPerSecond: null,
    stateBytes: 0,
    stateTokens: 0,
  };
  expect(figuresOf({ ...stats, stopReason: 'cancelled' })).toEqual(['stopped by you']);
  const again = {
    ...stats,
    generatedTokens: 9,
    ttftMs: 21,
    decodeTokensPerSecond: 50,
    stateBytes: 5 * 2 ** 20,
  };
  expect(figuresOf({ ...again, stopReason: 'stop' })).toEqual([
    'nothing read again',
    '9 written',
    '50.0 tokens/s',
    'first after 21 ms',
  ]);
});
