import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentPolicy, resolveAsset } from '../../electron/shared/assets.ts';

const outer = mkdtempSync(join(tmpdir(), 'assets-'));
const root = join(outer, 'page');
mkdirSync(join(root, 'assets'), { recursive: true });
writeFileSync(join(outer, 'secret.json'), '{}');
writeFileSync(join(root, 'index.html'), '<!doctype html>');
writeFileSync(join(root, 'assets/a-1.js'), 'export {}');
writeFileSync(join(root, 'notes.txt'), 'no type of ours');

describe('the interface files', () => {
  it('gives files with their type and the policy', async () => {
    const page = await resolveAsset(root, '/');
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(page.headers['content-security-policy']).toBe(contentPolicy());
    expect((await resolveAsset(root, '/assets/a-1.js')).status).toBe(200);
  });
  for (const path of [
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '//etc/passwd',
    '/a%00.js',
    '/assets',
    '/none.js',
    '/index.html/a.js',
    `/${'a'.repeat(5000)}.js`,
    '/notes.txt',
    '',
    'index.html',
  ]) {
    it(`answers 404 for ${JSON.stringify(path.slice(0, 40))}`, async () => {
      expect(await resolveAsset(root, path)).toMatchObject({ status: 404, body: null });
    });
  }
  it('lets a page talk to nothing unless told', () => {
    expect(contentPolicy()).toContain("connect-src 'none'");
    expect(contentPolicy()).toContain("default-src 'none'");
    expect(contentPolicy()).not.toMatch(/unsafe/);
  });
});
