import { describe, expect, it } from 'vitest';
import { retryAfterMs, statusError } from '../../../electron/core/network/failures.ts';
import { nextHop, safeUrl } from '../../../electron/core/network/redirects.ts';

const url = (address: string) => new URL(address);

describe('an address', () => {
  it('is https, or of this computer', () => {
    for (const good of [
      'https://a.example/x',
      'http://127.0.0.1:8/x',
      'http://localhost/x',
      'http://[::1]:9/x',
    ]) {
      expect(safeUrl(good).href).toBe(good);
    }
    for (const bad of [
      'http://a.example/',
      'ftp://127.0.0.1/',
      'file:///etc/passwd',
      'nothing',
      'http://127.0.0.1.a.example/',
    ]) {
      expect(() => safeUrl(bad)).toThrowError(expect.objectContaining({ code: 'download-refused' }));
    }
  });
});

describe('a redirect', () => {
  it('is relative or absolute', () => {
    expect(nextHop([url('https://a.example/b/c')], '../d?e=f').href).toBe('https://a.example/d?e=f');
    expect(nextHop([url('https://a.example/')], 'https://b.example/').href).toBe('https://b.example/');
  });
  it('never leads away from https, not even to this computer', () => {
    for (const to of ['http://a.example/', 'http://127.0.0.1/']) {
      expect(() => nextHop([url('https://a.example/')], to)).toThrowError(/no safe address|not safe/);
    }
  });
  it('ends: nowhere, in a circle, after too many', () => {
    const way = Array.from({ length: 9 }, (_, n) => url(`https://a.example/${n}`));
    expect(() => nextHop([url('https://a.example/')], undefined)).toThrowError(/nowhere/);
    expect(() => nextHop(way.slice(0, 3), '/1')).toThrowError(/circle/);
    expect(nextHop(way.slice(0, 8), '/x').pathname).toBe('/x');
    expect(() => nextHop(way, '/x')).toThrowError(/without an end/);
  });
});

describe('a status', () => {
  it('says whether it may pass', () => {
    const again = (status: number) => statusError('a.example', '/x', status, undefined, 0).again;
    expect([408, 429, 500, 502, 503, 504].map(again)).toEqual(Array(6).fill(true));
    expect([400, 401, 403, 404, 410, 451].map(again)).toEqual(Array(6).fill(false));
  });
  it('says when', () => {
    const now = Date.parse('2026-11-24T12:00:00Z');
    expect(retryAfterMs('7', now)).toBe(7000);
    expect(retryAfterMs('Tue, 24 Nov 2026 12:00:30 GMT', now)).toBe(30_000);
    expect(retryAfterMs('Tue, 24 Nov 2026 11:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs('soon', now)).toBeNull();
    expect(retryAfterMs(undefined, now)).toBeNull();
  });
});
