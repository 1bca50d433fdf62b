import { describe, expect, it } from 'vitest';
import { checkParams } from '../../electron/shared/schemas.ts';

const refused = (method: string, params: unknown) =>
  expect(() => checkParams(method, params)).toThrowError(expect.objectContaining({ code: 'bad-request' }));

describe('params at the door', () => {
  it('passes what is well formed', () => {
    const params = { session: 'a', text: 'Hi', sampling: { temperature: 0, stop: ['x'] } };
    expect(checkParams('sessions.send', params)).toEqual(params);
  });
  it('refuses what is not', () => {
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
