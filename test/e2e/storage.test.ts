/** What is said when sessions cannot be kept as they should be, with core played by a double. */
import { expect, test } from 'vitest';
import type { AppErrorValue } from '../../electron/shared/errors.ts';
import { session, storage, turn } from './shapes.ts';
import { replying, setStage } from './stage.ts';

const stage = setStage();

const full: AppErrorValue = {
  code: 'disk-full',
  message: 'The disk is full.',
  hint: 'Free some space: it is tried again by itself.',
};

test('a reply that waits for room says so, and goes on by itself', async () => {
  let room: () => void = () => undefined;
  let more: () => void = () => undefined;
  await stage.show(
    replying(async (emit) => {
      emit({ type: 'text', turnId: 'a', text: 'Hello', tokens: 1 });
      emit({ type: 'paused', error: full });
      await new Promise<void>((resolve) => {
        room = resolve;
      });
      emit({ type: 'resumed' });
      await new Promise<void>((resolve) => {
        more = resolve;
      });
    }),
  );
  await stage.chat.welcome.waitFor();
  await stage.chat.send('Hi');
  const told = stage.chat.reply.getByRole('alert');
  await told.getByText('The disk is full.').waitFor();
  await told.getByText('goes on by itself once there is room').waitFor();
  await stage.chat.button('Stop').waitFor();
  room();
  await told.waitFor({ state: 'detached' });
  await stage.chat.button('Stop').waitFor();
  more();
  await stage.chat.reply.getByText('Hello you.').waitFor();
});

test('a damaged file is told with where it lies now, beside what is kept', async () => {
  await stage.show({
    'storage.get': async () => ({
      ...storage,
      checkpointCount: 12,
      checkpointBytes: 60 * 2 ** 20,
      damaged: [
        {
          path: '/data/llamba-damaged-2026-11-24.db',
          error: {
            code: 'storage-damaged',
            message: 'The file of chats is damaged.',
            hint: 'A new one was begun.',
          },
          at: 0,
        },
      ],
    }),
  });
  const region = stage.page.getByRole('region', { name: 'Storage' });
  await region.getByText('12 states of chats, 60.0 MiB').waitFor();
  const told = region.getByRole('alert');
  await told.getByText('The file of chats is damaged.').waitFor();
  await told.getByText('/data/llamba-damaged-2026-11-24.db').waitFor();
});

test('the budget is set, and one that is out of range is put back', async () => {
  const budgets: number[] = [];
  await stage.show({
    'storage.budget': async ({ bytes }) => {
      budgets.push(bytes);
      return { ...storage, checkpointBudgetBytes: bytes };
    },
  });
  const field = stage.page.getByRole('spinbutton', { name: 'States may take' });
  await field.fill('2');
  await field.press('Enter');
  await expect.poll(() => budgets).toEqual([2 * 2 ** 30]);
  await field.fill('-1');
  await field.press('Tab');
  expect(await field.inputValue()).toBe('2');
  expect(budgets).toHaveLength(1);
});

test('a full disk at the start is told, and the sessions are there once there is room', async () => {
  let phase: 'full' | 'ready' = 'full';
  const core = await stage.show({
    'storage.get': async () => ({ ...storage, phase, error: full }),
    'sessions.list': async () => ({
      sessions: phase === 'ready' ? [session(turn('u', 'user', 'Hello'))] : [],
      folders: [],
      presets: [],
      draft: '',
    }),
  });
  const library = stage.page.getByRole('complementary', { name: 'Library' });
  await library.getByText('The disk is full.').waitFor();
  await stage.page.getByRole('main').getByText('The disk is full.').waitFor();
  phase = 'ready';
  core.emit('storage', storage);
  await library.getByRole('button', { name: 'Hello', exact: true }).waitFor();
  await stage.page.getByText('The disk is full.').first().waitFor({ state: 'detached' });
});
