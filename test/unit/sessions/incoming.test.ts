import { expect, it } from 'vitest';
import { plainName } from '../../../electron/core/sessions/incoming.ts';

it.each([
  ['report.pdf', 'report.pdf'],
  ['C:\\books\\The sea.epub', 'The sea.epub'],
  ['../../etc/passwd', 'passwd'],
  ['..', 'file'],
  ['', 'file'],
  ['/', 'file'],
  ['.hidden.txt', 'hidden.txt'],
  ['a\u0000b\u202e.txt', 'ab.txt'],
  ['Größe 高さ.md', 'Größe 高さ.md'],
])('%j becomes %j', (given, plain) => {
  expect(plainName(given)).toBe(plain);
});
it('shortens a long name, not within a character, and keeps its ending', () => {
  const name = plainName(`${'🦙'.repeat(100)}.docx`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  expect(name).toMatch(/^(🦙)+\.docx$/u);
  expect(Buffer.byteLength(plainName('x'.repeat(1000)))).toBe(200);
});
