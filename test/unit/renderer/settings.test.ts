import { describe, expect, test } from 'vitest';
import { around } from '../../../renderer/sessions/snippet.ts';
import { inUse } from '../../../renderer/settings/in-use.ts';
import { session } from '../../e2e/shapes.ts';

describe('what a chat is written with', () => {
  const poet = { name: 'Poet', system: 'You are a poet.', sampling: { temperature: 1.2, topK: 40 } };

  test('is the model’s own where nothing was chosen', () => {
    expect(inUse(session(), [poet])).toEqual({ system: null, sampling: {} });
  });

  test('is what its preset says, and above that what was set for it alone', () => {
    const chat = { ...session(), preset: 'Poet', sampling: { temperature: 0 } };
    expect(inUse(chat, [poet])).toEqual({ system: poet.system, sampling: { temperature: 0, topK: 40 } });
    expect(inUse({ ...chat, system: 'Be brief.' }, [poet]).system).toBe('Be brief.');
  });

  test('is not what a preset says that is gone', () => {
    expect(inUse({ ...session(), preset: 'Gone' }, [poet])).toEqual({ system: null, sampling: {} });
  });
});

describe('a snippet', () => {
  const match = { text: 'sleep', match: true };

  test('begins a few words before its first match', () => {
    const long = { text: 'The first two are the most important ones, and they matter for ', match: false };
    const [lead, found] = around([long, match]);
    expect(lead?.text).toBe('…and they matter for ');
    expect(found).toBe(match);
  });

  test('that begins near its match is left alone', () => {
    const snippet = [{ text: 'How can I ', match: false }, match, { text: ' better?', match: false }];
    expect(around(snippet)).toBe(snippet);
    expect(around([match])).toEqual([match]);
    expect(around([])).toEqual([]);
  });

  test('in a language without spaces keeps the characters before its match', () => {
    const [lead] = around([{ text: '字'.repeat(60), match: false }, match]);
    expect(lead?.text).toBe(`…${'字'.repeat(24)}`);
  });
});
