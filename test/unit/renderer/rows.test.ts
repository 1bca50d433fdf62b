import { describe, expect, test } from 'vitest';
import type { SessionSummary } from '../../../electron/shared/contract.ts';
import { recency, rowsOf } from '../../../renderer/sessions/rows.ts';

const now = new Date(2026, 10, 24, 9, 30).getTime();
const daysAgo = (days: number, hour = 12) => new Date(2026, 10, 24 - days, hour).getTime();

const some = (id: string, rest: Partial<SessionSummary> = {}): SessionSummary => ({
  id,
  title: id,
  folder: null,
  pinned: false,
  archived: false,
  ephemeral: false,
  model: null,
  createdAt: 0,
  updatedAt: now,
  writing: false,
  ...rest,
});

const shown = { shut: new Set<string>(), archived: false, now };
/** Rows as a reader sees them: headings end in a colon, what is in a folder stands in. */
const read = (...list: Parameters<typeof rowsOf>) =>
  rowsOf(...list).map((row) => {
    if (row.kind === 'heading') return `${row.title}:`;
    if (row.kind === 'folder') return `[${row.folder.name} ${row.count}]`;
    return (row.inside ? '  ' : '') + row.session.title;
  });

describe('recency', () => {
  test('goes by the calendar, not by hours', () => {
    expect(recency(new Date(2026, 10, 23, 23, 59).getTime(), now)).toBe('Yesterday');
    expect(recency(new Date(2026, 10, 24, 0, 0).getTime(), now)).toBe('Today');
  });

  test('has its borders where they are said to be', () => {
    const names = [0, 1, 2, 7, 8, 30, 31].map((days) => recency(daysAgo(days), now));
    expect(names).toEqual([
      'Today',
      'Yesterday',
      'Previous 7 days',
      'Previous 7 days',
      'Previous 30 days',
      'Previous 30 days',
      'October',
    ]);
    expect(recency(daysAgo(400), now)).toBe('2025');
  });

  test('of a clock that is ahead is today', () => {
    expect(recency(now + 3 * 86_400_000, now)).toBe('Today');
  });
});

describe('the list', () => {
  const folders = [{ id: 'f', name: 'Work' }];

  test('has pinned, folders and the rest in this order, each session once', () => {
    const sessions = [
      some('new'),
      some('pinned inside', { pinned: true, folder: 'f' }),
      some('inside', { folder: 'f' }),
      some('old', { updatedAt: daysAgo(1) }),
      some('put away', { archived: true, pinned: true }),
    ];
    expect(read(sessions, folders, shown)).toEqual([
      'Pinned:',
      'pinned inside',
      'Folders:',
      '[Work 1]',
      '  inside',
      'Today:',
      'new',
      'Yesterday:',
      'old',
    ]);
    expect(read(sessions, folders, { ...shown, archived: true })).toEqual(['Today:', 'put away']);
  });

  test('keeps a shut folder shut, and counts what is in it', () => {
    const sessions = [some('inside', { folder: 'f' }), some('new')];
    expect(read(sessions, folders, { ...shown, shut: new Set(['f']) })).toEqual([
      'Folders:',
      '[Work 1]',
      'Today:',
      'new',
    ]);
  });

  test('shows a session whose folder is not known, rather than none', () => {
    expect(read([some('lost', { folder: 'gone' })], folders, shown)).toEqual([
      'Folders:',
      '[Work 0]',
      'Today:',
      'lost',
    ]);
  });

  test('gives every row a key of its own', () => {
    const sessions = [some('Pinned'), some('f', { folder: 'f' }), some('p', { pinned: true })];
    const keys = rowsOf(sessions, folders, shown).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
