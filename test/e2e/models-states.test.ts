/** States of the Models page that the real core shows seldom, over its double; axe in all of them. */
import { expect, test } from 'vitest';
import type {
  CatalogueCard,
  CatalogueModel,
  Contract,
  Fit,
  LedgerEntry,
  ModelEntry,
  ModelTask,
  NetworkState,
} from '../../electron/shared/contract.ts';
import { AppError } from '../../electron/shared/errors.ts';
import type { Handlers } from '../../electron/shared/rpc.ts';
import { setStage } from './stage.ts';
import { violations } from './violations.ts';

const stage = setStage();
const GiB = 2 ** 30;

const modelOf = (id: string, rest: Partial<CatalogueModel> = {}): CatalogueModel => ({
  ...{ id, name: id, architecture: 'llamba', twin: null, about: 'A double of a model.', parameters: 1e9 },
  ...{ form: 'mlx', repository: `someone/${id}`, tokenizer: null, trainedLength: 4096 },
  files: [{ path: 'model.safetensors', bytes: GiB, sha256: null }],
  licences: { weights: 'Apache-2.0', tokenizer: 'Llama 3.2 Community License' },
  ...{ weightBytes: GiB, stateBytes: GiB / 128, stateBytesPerToken: 0, largestTensorBytes: 1 },
  ...{ limits: 'It keeps the drift, not every detail.', scores: [] },
  ...rest,
});

const fitOf = (rest: Partial<Fit> = {}): Fit => ({
  ...{ verdict: 'fits', reason: 'It needs the same memory at any length.', longestContext: null },
  memory: {
    ...{ weightBytes: GiB, stateBytes: GiB / 128, activationBytes: GiB / 4, headroomBytes: GiB },
    ...{ neededBytes: 2 * GiB, availableBytes: 16 * GiB },
  },
  disk: { neededBytes: GiB, freeBytes: 100 * GiB },
  ...rest,
});

const cardOf = (model: CatalogueModel, fit: Fit, rest: Partial<CatalogueCard> = {}): CatalogueCard => ({
  ...{ model, fit, installed: false, task: null, best: false },
  ...rest,
});

const paper = 'Llamba paper (arXiv 2502.14458), table 1';
const cards: readonly CatalogueCard[] = [
  cardOf(modelOf('Home', { form: 'embedded', files: [], twin: 'Twin' }), fitOf(), { installed: true }),
  cardOf(
    modelOf('Twin', { architecture: 'llama', twin: 'Home' }),
    fitOf({ verdict: 'tight', reason: 'Its memory is full after 3,000 tokens.', longestContext: 3000 }),
  ),
  cardOf(modelOf('Best', { scores: [{ name: 'MMLU', value: 38, unit: '%', source: paper }] }), fitOf({}), {
    best: true,
  }),
  cardOf(
    modelOf('Huge'),
    fitOf({ verdict: 'does-not-fit', reason: 'It needs 2.0 GiB more memory than there is.' }),
  ),
  cardOf(
    modelOf('Roomless', { form: 'pytorch', files: [{ path: '*.bin', bytes: null, sha256: null }] }),
    fitOf({
      verdict: 'does-not-fit',
      reason: 'The disk needs 9.0 GiB more free space.',
      disk: { neededBytes: 10 * GiB, freeBytes: GiB },
    }),
  ),
];
const home: ModelEntry = { id: 'Home', name: 'Home', path: '/home', weightBytes: GiB, embedded: true };
const own: ModelEntry = { id: 'own', name: 'My own', path: '/own', weightBytes: GiB / 2, embedded: false };
const state = (rest: Partial<NetworkState> = {}): NetworkState => ({
  ...{
    offline: false,
    hub: 'https://hub.example',
    hasToken: false,
    requests: 0,
    receivedBytes: 0,
    active: 0,
  },
  ...rest,
});
const taskOf = (model: string, rest: Partial<ModelTask>): ModelTask => ({
  ...{ id: `download-${model}`, kind: 'download', model, name: model, phase: 'running', doneBytes: GiB / 4 },
  ...{ totalBytes: GiB, bytesPerSecond: 12 * 2 ** 20, secondsLeft: 64, note: null, error: null },
  ...rest,
});

const models: Partial<Handlers<Contract>> = {
  'models.list': async () => [home, own],
  'models.tasks': async () => [],
  'models.catalogue': async () => cards,
  'network.state': async () => state(),
  'network.ledger': async () => [],
};

async function open(handlers: Partial<Handlers<Contract>> = {}) {
  const double = await stage.show({ ...models, ...handlers });
  await stage.page.getByRole('textbox', { name: 'Message' }).waitFor();
  await stage.page.keyboard.press('Control+4');
  await stage.page.getByRole('heading', { name: 'Models', exact: true }).waitFor();
  return double;
}
const card = (name: string) => stage.page.getByRole('article', { name, exact: true });
const button = (name: string) => stage.page.getByRole('button', { name, exact: true });

test('each card has its verdict with the reason, its sizes, and memory as one number for a Llamba alone', async () => {
  await open();
  await card('Best').waitFor();
  expect(await card('Best').textContent()).toContain('FitsIt needs the same memory at any length.');
  expect(await card('Best').textContent()).toContain('Memory1.3 GiB at any length');
  expect(await card('Twin').textContent()).toContain('TightIts memory is full after 3,000 tokens.');
  expect(await card('Twin').textContent()).toContain('Longest context3,000 tokens in this memory');
  expect(await card('Twin').textContent()).not.toContain('at any length');
  expect(await card('Huge').textContent()).toContain('Does not fitIt needs 2.0 GiB more memory');
  // Nobody has published its size.
  expect(await card('Roomless').textContent()).toContain('Downloadabout 3.7 GiB');
  expect(await card('Roomless').textContent()).toContain('Disk while it is converted10.0 GiB');
  expect(await button('Download Roomless').getAttribute('aria-disabled')).toBe('true');
  // The best one stands first, above what is here.
  expect(await stage.page.getByRole('article').first().getByRole('heading').textContent()).toBe('Best');
  await card('Best').getByText('Scores that others measured').click();
  expect(await card('Best').getByRole('figure').textContent()).toBe(
    `Paper (authors' table) ${paper}MMLU38 %`,
  );
  expect(await card('Home').getByRole('button').count()).toBe(1);
});

test.each(['light', 'dark'] as const)(
  'axe is content in %s, wide and narrow, whatever is under way',
  async (scheme) => {
    await stage.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    const row: LedgerEntry = {
      ...{ at: 1_700_000_000_000, purpose: 'Best: list of files', host: 'hub.example', path: '/api' },
      ...{ sentBytes: 300, receivedBytes: 12_000, ms: 80, result: '200' },
    };
    const error = new AppError('disk-full', 'The disk is full.', 'Free 3.0 GiB, then try again.');
    const { code, message, hint } = error;
    await open({
      'models.tasks': async () => [
        taskOf('Best', {}),
        taskOf('Huge', { phase: 'paused', note: 'It changed upstream and was begun again.' }),
        taskOf('Twin', { phase: 'failed', error: { code, message, hint } }),
      ],
      'network.state': async () =>
        state({ requests: 1, receivedBytes: 12_000, hasToken: true, offline: true }),
      'network.ledger': async () => [row],
      'models.recognise': async ({ path }) => ({
        ...{ path, layout: 'hub', name: 'Found', architecture: 'llamba', bytes: 4 * GiB, how: 'convert' },
        ...{ reason: 'Its weights are full size.' },
        weights: { embedding: 1e8, matrices: 9e8, keptBytes: 1e6 },
      }),
    });
    await card('Best').getByRole('progressbar').waitFor();
    await stage.page.getByLabel('Path of a model').fill('/somewhere');
    await stage.page.keyboard.press('Enter');
    await stage.page.getByText(/^It will take/).waitFor();
    await card('Twin').getByText('The disk is full.').waitFor();
    await button('Remove').first().click();
    for (const width of [1280, 480]) {
      await stage.page.setViewportSize({ width, height: 900 });
      expect(await violations(stage.page)).toEqual([]);
      const over = await stage.page.locator('main').evaluate((box) => box.scrollWidth - box.clientWidth);
      expect(over).toBe(0);
    }
  },
);

test('progress is told as it comes: speed, time left, a note, a failure with its way on', async () => {
  const resumed: string[] = [];
  const double = await open({
    'models.download': async ({ model }) =>
      taskOf(model, { phase: 'waiting', doneBytes: 0, totalBytes: null }),
    'tasks.resume': async ({ task }) => {
      resumed.push(task);
      return taskOf('Best', {});
    },
  });
  await button('Download Best').click();
  const bar = card('Best').getByRole('progressbar');
  await bar.waitFor();
  double.emit('model.task', taskOf('Best', { note: 'It changed upstream and was begun again.' }));
  await card('Best').getByText('It changed upstream and was begun again.').waitFor();
  expect(await bar.getAttribute('aria-label')).toBe(
    'Downloading: 256 MiB of 1.0 GiB, 12.0 MiB/s, 2 min left',
  );
  expect(await bar.getAttribute('aria-valuenow')).toBe('25');
  const error = { code: 'network-failed', message: 'The hub does not answer.', hint: 'Look at it.' } as const;
  double.emit('model.task', taskOf('Best', { phase: 'failed', error }));
  await card('Best').getByRole('alert').getByText('The hub does not answer.').waitFor();
  await button('Try again').click();
  await bar.waitFor();
  expect(resumed).toEqual(['download-Best']);
  const cancelled = { code: 'cancelled', message: 'It was stopped.', hint: '' } as const;
  double.emit('model.task', taskOf('Best', { phase: 'failed', error: cancelled }));
  await button('Download Best').waitFor();
});

test('a list that cannot be read says why, and is read again; what is here can be used meanwhile', async () => {
  let broken = true;
  await open({
    'models.catalogue': async () => {
      if (broken) throw new AppError('engine-gone', 'The engine is not running.', 'Start it again.');
      return cards;
    },
  });
  await stage.page.getByText('The list of models could not be read. The engine is not running.').waitFor();
  await card('My own').getByRole('button', { name: 'Use' }).waitFor();
  broken = false;
  await button('Try again').click();
  await card('Best').waitFor();
  expect(await stage.page.getByText('The list of models could not be read').count()).toBe(0);
});

test('the ledger is read a page at a time, and grows as requests are made', async () => {
  const entry = (n: number): LedgerEntry => ({
    ...{ at: n, purpose: `request ${n}`, host: 'hub.example', path: '/', sentBytes: 1, receivedBytes: 2 },
    ...{ ms: 3, result: '200' },
  });
  let newest = 70;
  const double = await open({
    'network.state': async () => state({ requests: newest }),
    'network.ledger': async ({ before = newest + 1, limit = 50 }) =>
      Array.from({ length: Math.min(limit, before - 1) }, (_, i) => entry(before - 1 - i)),
  });
  const rows = stage.page.getByRole('region', { name: 'Requests' }).getByRole('row');
  await expect.poll(() => rows.count()).toBe(51);
  await button('Show earlier ones').click();
  await expect.poll(() => rows.count()).toBe(71);
  await button('Show earlier ones').waitFor({ state: 'detached' });
  newest = 71;
  double.emit('network', state({ requests: newest }));
  await expect.poll(() => rows.count()).toBe(72);
  expect(await rows.nth(1).textContent()).toContain('request 71');
});

test('on the first run the embedded model works, and the best one is offered once, quietly', async () => {
  await stage.show({ ...models, 'models.list': async () => [{ ...home, id: 'double' }] });
  await button('See models').waitFor();
  expect(await stage.page.getByText(/^This computer has room for Best/).count()).toBe(1);
  await button('See models').click();
  await stage.page.getByRole('heading', { name: 'Models', exact: true }).waitFor();
});

test('a dropped file is looked at where the host tells its path; in a browser the field is asked for', async () => {
  const asked: string[] = [];
  await open({
    'models.recognise': async ({ path }) => {
      asked.push(path);
      return {
        ...{ path, layout: 'gguf', name: 'Dropped', architecture: 'llama', bytes: GiB, how: 'convert' },
        ...{ reason: 'None of its numbers changes.', weights: null },
      };
    },
  });
  const drop = (name: string) =>
    stage.page.evaluate((dropped) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['x'], dropped));
      const target = document.querySelector('main');
      for (const type of ['dragover', 'drop'])
        target?.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }, name);
  await drop('a.gguf');
  await stage.page.getByText('A browser does not tell where a dropped file lies.').waitFor();
  const field = stage.page.getByLabel('Path of a model');
  expect(await field.evaluate((one) => one === document.activeElement)).toBe(true);
  // As the preload does it.
  await stage.page.evaluate(() =>
    Object.assign(window, { llamba: { pathOf: ({ name }: File) => `/dropped/${name}` } }),
  );
  await drop('a.gguf');
  await stage.page
    .getByText('This is a Transformer in a GGUF file, 1.0 GiB. None of its numbers changes.')
    .waitFor();
  await drop('chat.llamba');
  expect(asked).toEqual(['/dropped/a.gguf']);
});
