/** How a chat is written: its settings, with core played by a double that keeps what it is told. */
import { expect, test } from 'vitest';
import type { Preset, SessionChange } from '../../electron/shared/contract.ts';
import { model } from './core-double.ts';
import { session, turn } from './shapes.ts';
import { setStage } from './stage.ts';

const stage = setStage();
const poet: Preset = { name: 'Poet', system: 'You are a poet.', sampling: { temperature: 1.2, topK: 40 } };

/** Opens the settings of a chat; gives what core was told, latest last. */
async function openSettings() {
  let kept = session(turn('u', 'user', 'Hello'), turn('a', 'assistant', 'Hello you.'));
  const changes: SessionChange[] = [];
  const saved: Preset[] = [];
  const {
    turns: _turns,
    system: _system,
    sampling: _sampling,
    preset: _preset,
    draft: _draft,
    ...one
  } = kept;
  await stage.show({
    'sessions.list': async () => ({ sessions: [one], folders: [], presets: [poet], draft: '' }),
    'sessions.get': async () => kept,
    'sessions.change': async ({ change }) => {
      changes.push(change);
      kept = { ...kept, ...change };
      return kept;
    },
    'presets.save': async (preset) => {
      saved.push(preset);
      return {};
    },
    'models.list': async () => [
      { id: 'double', name: 'Llamba-135M', path: '', weightBytes: 1, embedded: true },
      { id: 'other', name: 'Llamba-1B', path: '', weightBytes: 1, embedded: false },
    ],
  });
  await stage.page.locator('[data-row]').first().click();
  await stage.page.getByText('System line, sampling, presets').click();
  return { changes, saved };
}

const field = (name: string) => stage.page.getByRole('spinbutton', { name });
const systemLine = () => stage.page.getByRole('textbox', { name: 'System line' });

test('a preset is taken whole, and what is then set by itself leaves it with the rest of it', async () => {
  const { changes } = await openSettings();
  expect(await field('Temperature').inputValue()).toBe(String(model.sampling.temperature));
  await stage.page.getByRole('combobox', { name: 'Preset' }).selectOption('Poet');
  await expect.poll(() => changes.at(-1)).toEqual({ preset: 'Poet', system: null, sampling: {} });
  await expect.poll(() => field('Temperature').inputValue()).toBe('1.2');
  expect(await systemLine().inputValue()).toBe('You are a poet.');
  await field('Temperature').fill('0.4');
  await field('Temperature').press('Enter');
  await expect
    .poll(() => changes.at(-1))
    .toEqual({ preset: null, system: 'You are a poet.', sampling: { temperature: 0.4, topK: 40 } });
});

test('the system line is taken when it is left, and kept with the sampling under a name', async () => {
  const { changes, saved } = await openSettings();
  await systemLine().fill('Be brief.');
  await systemLine().press('Tab');
  await expect.poll(() => changes.at(-1)).toEqual({ preset: null, system: 'Be brief.', sampling: {} });
  await stage.chat.button('Save as preset…').click();
  await stage.page.getByRole('textbox', { name: 'Name of the preset' }).fill('Brief');
  await stage.page.keyboard.press('Enter');
  await expect.poll(() => saved).toEqual([{ name: 'Brief', system: 'Be brief.', sampling: {} }]);
  await expect.poll(() => changes.at(-1)).toEqual({ preset: 'Brief', system: null, sampling: {} });
  expect(await systemLine().inputValue()).toBe('Be brief.');
});

test('another model is chosen for the chat where there are several', async () => {
  const { changes } = await openSettings();
  await stage.page.getByRole('combobox', { name: 'Model' }).selectOption('Llamba-1B');
  await expect.poll(() => changes.at(-1)).toEqual({ model: 'other' });
});
