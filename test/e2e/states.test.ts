/** What the page shows in every state that matters but a reply, with core played by a double. */
import { describe, expect, test } from 'vitest';
import { AppError } from '../../electron/shared/errors.ts';
import { metrics, model, session, turn } from './core-double.ts';
import { replying, rest, setStage, until } from './stage.ts';

const stage = setStage();

describe('before the first message', () => {
  test('loading says what and how far, takes text already, and sends it once it can', async () => {
    const core = await stage.show(
      replying(async () => undefined),
      { phase: 'loading', model: 'Llamba-135M', done: 30, total: 120 },
    );
    const bar = stage.page.getByRole('progressbar', { name: 'Loading Llamba-135M, 25 %' });
    await bar.waitFor();
    expect(await bar.getAttribute('aria-valuenow')).toBe('25');
    await stage.chat.message.fill('Hello');
    await stage.chat.message.press('Enter');
    expect(await stage.chat.message.inputValue()).toBe('Hello');
    await stage.page.getByText('The model is being loaded.').waitFor();
    core.emit('engine.status', { phase: 'ready', model });
    await stage.chat.welcome.waitFor();
    await stage.chat.message.press('Enter');
    await stage.chat.reply.getByText('Hello you.').waitFor();
  });

  test('a failed engine says why, what to do, and can be started again', async () => {
    const loaded: string[] = [];
    const core = await stage.show(
      {
        'models.list': async () => [{ id: 'm', name: 'M', path: '', weightBytes: 1, embedded: true }],
        'models.load': async ({ id }) => {
          loaded.push(id);
          return model;
        },
      },
      {
        phase: 'failed',
        error: { code: 'model-invalid', message: 'config.json is not JSON.', hint: 'Clone the model again.' },
      },
    );
    const told = stage.page.getByRole('alert');
    await told.getByText('config.json is not JSON.').waitFor();
    await told.getByText('Clone the model again.').waitFor();
    await stage.chat.button('Try again').click();
    await expect.poll(() => loaded).toEqual(['m']);
    core.emit('engine.status', { phase: 'ready', model });
    await stage.chat.welcome.waitFor();
  });
});

describe('the connection', () => {
  test('that breaks is told, keeps the text, and comes back by itself', async () => {
    const core = await stage.show(replying(async (_emit, signal) => until(signal)));
    await stage.chat.submit('Hello');
    await stage.chat.button('Stop').waitFor();
    await core.breakOff();
    await stage.page.getByText('The connection to Llamba was lost.').waitFor();
    await stage.chat.questions.getByText('Hello').waitFor();
    await stage.page.getByText('The connection to Llamba was lost.').waitFor({ state: 'detached' });
    expect(core.connections()).toBe(2);
    // What core holds of the session is what is shown.
    await stage.chat.reply.getByText('Hello you.').waitFor();
  });

  test('to a core that no longer knows the session begins a new one', async () => {
    let known = true;
    const core = await stage.show({
      ...replying(async () => undefined),
      'sessions.get': async () => {
        if (known) return session(turn('u', 'user', 'Hello'), turn('a', 'assistant', 'Hello you.'));
        throw new AppError('session-not-found', 'There is no such session.', 'Begin a new one.');
      },
    });
    await stage.chat.submit('Hello');
    await stage.chat.reply.getByText('Hello you.').waitFor();
    known = false;
    await core.breakOff();
    await stage.chat.welcome.waitFor();
    await stage.chat.send('Again');
    await stage.chat.finished();
    expect(await stage.chat.questions.count()).toBe(1);
  });
});

test('memory is told in words beside the plot, and the plot is hidden from screen readers', async () => {
  const core = await stage.show();
  await stage.chat.welcome.waitFor();
  for (let i = 0; i <= 240; i++) core.emit('metrics', metrics(i * 250, (200 + (i % 2)) * 2 ** 20));
  await stage.page.getByText('Between 200 MiB and 201 MiB in the last 60 s.').waitFor();
  await stage.page.getByRole('region', { name: 'Memory' }).getByText('5.0 MiB', { exact: true }).waitFor();
  expect(
    await stage.page
      .locator('aside svg')
      .evaluateAll((plots) => plots.every((plot) => plot.closest('[aria-hidden]'))),
  ).toBe(true);
});

test('a chat of a thousand turns opens and goes on at its end', async () => {
  const turns = Array.from({ length: 1000 }, (_, i) =>
    i % 2 === 0
      ? turn(`t${i}`, 'user', `Question ${i}`)
      : turn(
          `t${i}`,
          'assistant',
          `Some **Markdown** with\n\n- a list\n- of two\n\nand an end, number ${i}.`,
          { parent: `t${i - 1}` },
        ),
  );
  await stage.page.addInitScript(() => localStorage.setItem('llamba.session', 's'));
  await stage.show({ 'sessions.get': async () => session(...turns) });
  await stage.chat.reply.getByText('number 999.').waitFor();
  await expect.poll(() => rest(stage.page)).toBe(0);
  expect(await stage.chat.reply.getByText('number 999.').isVisible()).toBe(true);
});
