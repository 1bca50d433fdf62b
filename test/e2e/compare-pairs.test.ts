/** The Compare page before a run: a twin that is missing, no network, a disk that does not answer. */
import { expect, test } from 'vitest';
import { AppError } from '../../electron/shared/errors.ts';
import { comparePage, network } from './compare-page.ts';
import { away, pair } from './compare-shapes.ts';

const { open, main, button } = comparePage();

test('a twin that is missing is got by one press, and then both can be compared', async () => {
  let pairs = [away];
  const double = await open({
    'compare.pairs': async () => pairs,
    'models.addTwin': async () => ({
      ...{ id: 't', kind: 'download', model: 'twin', name: 'SmolLM2-135M', phase: 'running', doneBytes: 10 },
      ...{ totalBytes: 100, bytesPerSecond: null, secondsLeft: null, note: null, error: null },
    }),
  });
  await main().getByText('SmolLM2-135M is not on this computer.').waitFor();
  expect(await button('Compare').count()).toBe(0);
  await button('Get SmolLM2-135M').click();
  await main().getByRole('progressbar').waitFor();
  pairs = [pair];
  double.emit('models.changed', {});
  await button('Compare').waitFor();
  expect(await main().getByRole('progressbar').count()).toBe(0);
});

test('offline, nothing is fetched, and the switch is at hand', async () => {
  let fetched = 0;
  await open({
    'compare.pairs': async () => [away],
    'network.state': async () => ({ ...network, offline: true }),
    'models.addTwin': async () => {
      fetched += 1;
      throw new AppError('offline', 'Offline is on.', '');
    },
    'network.offline': async ({ offline }) => ({ ...network, offline }),
  });
  await main().getByText('Offline is on: nothing is fetched.').waitFor();
  await button('Get SmolLM2-135M').click({ force: true });
  expect(fetched).toBe(0);
  await button('Go online').click();
  await main().getByText('Offline is on: nothing is fetched.').waitFor({ state: 'detached' });
});

test('what cannot be read says why, and is read again', async () => {
  let broken = true;
  await open({
    'compare.pairs': async () => {
      if (broken) throw new AppError('file-unreadable', 'The disk does not answer.', 'Look at it.');
      return [pair];
    },
  });
  await main().getByText('What can be compared could not be read. The disk does not answer.').waitFor();
  broken = false;
  await button('Try again').click();
  await button('Compare').waitFor();
  await main().getByText('Nothing has been compared yet.').waitFor();
});
