import { describe, expect, it } from 'vitest';
import { checkParams } from '../../electron/shared/schemas.ts';

const refused = (method: string, params: unknown) =>
  expect(() => checkParams(method, params)).toThrowError(expect.objectContaining({ code: 'bad-request' }));

describe('params at the door', () => {
  it('passes what is well formed', () => {
    const params = { session: 'a', text: 'Hi', sampling: { temperature: 0, stop: ['x'] } };
    expect(checkParams('sessions.send', params)).toEqual(params);
  });
  it('passes what may be left out, and null where it means something', () => {
    for (const params of [
      { session: 'a', change: {} },
      { session: 'a', change: { folder: null, preset: null, system: null, model: null, draft: '' } },
    ]) {
      expect(checkParams('sessions.change', params)).toEqual(params);
    }
    const first = { session: 'a', text: 'Hi', parent: null };
    expect(checkParams('sessions.send', first)).toEqual(first);
    expect(checkParams('sessions.create', { system: null })).toEqual({ system: null });
    const piece = { import: 'a', data: Buffer.alloc(8 * 2 ** 20, 255).toString('base64') };
    expect(checkParams('imports.add', piece)).toEqual(piece);
  });
  it('refuses what is not', () => {
    refused('sessions.change', { session: 'a', change: { id: 'b' } });
    refused('sessions.change', { session: 'a', change: { pinned: 1 } });
    refused('turns.reply', { session: 'a' });
    refused('sessions.export', { session: 'a', format: 'exe' });
    refused('storage.budget', { bytes: -1 });
    refused('storage.budget', { bytes: 1.5 });
    refused('imports.add', { import: 'a', data: 'no base64' });
    refused('imports.add', { import: 'a', data: 'AAAA'.repeat(2 ** 22) });
    refused('sessions.send', { session: 'a' });
    refused('sessions.send', { session: 7, text: 'Hi' });
    refused('sessions.send', { session: 'a', text: 'Hi', more: 1 });
    refused('sessions.send', { session: 'a', text: 'Hi', sampling: { temperature: Number.NaN } });
    refused('sessions.send', { session: 'a', text: 'Hi', sampling: { topK: 1.5 } });
    refused('models.load', null);
    refused('models.load', { id: '' });
    refused('shell.theme', { theme: 'pink' });
    refused('app.info', { extra: true });
  });
  it('names what is wrong', () => {
    expect(() => checkParams('models.load', { id: 3 })).toThrowError(/models\.load: id: /);
  });
});
