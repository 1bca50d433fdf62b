/** The Models page over the real host: a hub that misbehaves on command, real downloads, imports, conversions. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Hub, startHub } from '../contract/downloads/hub-server.ts';
import { randomBytes } from '../contract/downloads/stage.ts';
import { writeTokenizer } from '../contract/tiny-models.ts';
import { writeHubCheckpoint } from '../convert/hub-checkpoint.ts';
import { tinyGguf } from '../convert/tiny-llama.ts';
import { openBrowser, type Watched, watchedPage } from './browser.ts';
import { type Host, startHost } from './host.ts';

const repository = 'mlx-community/Llama-3.2-1B-Instruct-4bit';
const name = 'Llama-3.2-1B-Instruct';
const outside = mkdtempSync(join(tmpdir(), 'llamba-e2e-models-'));
let browser: Browser;
let hub: Hub;
let host: Host;
let watched: Watched;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
  hub = await startHub();
  for (const file of ['config.json', 'tokenizer_config.json', 'special_tokens_map.json', 'tokenizer.json'])
    hub.put(repository, file, Buffer.from('{}'));
  hub.put(
    repository,
    'model.safetensors',
    Buffer.concat(Array.from({ length: 8 }, () => randomBytes(2 ** 22, 3))),
  );
  for (const file of ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'])
    hub.put('cartesia-ai/Llamba-1B-4bit-mlx', file, Buffer.from('{}'));
  hub.put('cartesia-ai/Llamba-1B-4bit-mlx', 'Llamba-1B-4bit-mlx.safetensors', randomBytes(2 ** 16, 4));
  host = await startHost();
});

afterAll(async () => {
  await browser?.close();
  await host?.stop();
  await hub?.close();
  rmSync(outside, { recursive: true });
});

beforeEach(async () => {
  watched = await watchedPage(browser, { reducedMotion: 'reduce' });
  page = watched.page;
  await page.goto(host.address);
  await showModels();
  await page.getByRole('article', { name: 'Llamba-8B' }).waitFor({ timeout: 30_000 });
});

afterEach(async () => {
  expect(watched.errors).toEqual([]);
  await page.context().close();
});

/** Keys are listened to once the page is drawn. */
async function showModels() {
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  await page.keyboard.press('Control+4');
  await page.getByRole('heading', { name: 'Models', exact: true }).waitFor();
}

const card = (model: string): Locator => page.getByRole('article', { name: model, exact: true });
const button = (within: Locator | Page, label: string) =>
  within.getByRole('button', { name: label, exact: true });
const section = (title: string) => page.getByRole('region', { name: title, exact: true });

test('before the first request the ledger says so, and the hub is where the user says', async () => {
  await expect(section('Network').getByText('No request was made.').waitFor()).resolves.toBeUndefined();
  await page.getByLabel('Address of the hub').fill('ftp://nowhere');
  await button(section('Network'), 'Save').first().click();
  await section('Network').getByRole('alert').waitFor();
  await page.getByLabel('Address of the hub').fill(hub.address);
  await button(section('Network'), 'Save').first().click();
  await section('Network').getByRole('alert').waitFor({ state: 'detached' });
  await page.reload();
  await showModels();
  expect(await page.getByLabel('Address of the hub').inputValue()).toBe(hub.address);
});

test('a download is paused, goes on where it stopped, is verified, is there, and is removed again', async () => {
  hub.always(() => ({ kind: 'drip', bytes: 8192 }));
  await button(card(name), `Download ${name}`).click();
  const bar = card(name).getByRole('progressbar');
  await expect
    .poll(async () => Number(await bar.getAttribute('aria-valuenow')), { timeout: 20_000 })
    .toBeGreaterThan(2);
  expect(await bar.getAttribute('aria-label')).toMatch(/^Downloading: .+ of 32\.0 MiB, .+\/s/);
  await button(card(name), 'Pause').click();
  await button(card(name), 'Resume').waitFor();
  expect(await bar.getAttribute('aria-label')).toMatch(/^Paused: .+ of 32\.0 MiB$/);
  const before = hub.asked.filter(({ file }) => file === 'model.safetensors');
  hub.always(null);
  await button(card(name), 'Resume').click();
  await button(card(name), 'Use').waitFor({ timeout: 20_000 });
  const after = hub.asked.filter(({ file }) => file === 'model.safetensors').slice(before.length);
  // What had come was not asked for again.
  const asked = after.reduce((sum, { range }) => {
    const [, from, to] = /(\d+)-(\d+)/.exec(range ?? '') ?? [];
    return sum + Number(to) - Number(from) + 1;
  }, 0);
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(2 ** 25);

  expect(await section('On this computer').getByRole('article', { name }).count()).toBe(1);
  expect(await card(name).getByText('Installed').count()).toBe(1);
  await button(card(name), 'Verify').click();
  await card(name).getByText(`Every file of ${name} is as it should be.`).waitFor();

  await button(card(name), 'Remove').click();
  const ask = card(name).getByRole('group', { name: 'Remove' });
  await ask.getByText(`Remove ${name}? That frees 32.0 MiB.`).waitFor();
  expect(await button(ask, 'Keep').evaluate((one) => one === document.activeElement)).toBe(true);
  await page.keyboard.press('Escape');
  expect(await button(card(name), 'Remove').evaluate((one) => one === document.activeElement)).toBe(true);
  await button(card(name), 'Remove').click();
  await button(ask, 'Remove').click();
  await page.getByText(/^Llama-3.2-1B-Instruct is removed: 32\.\d MiB are free again\.$/).waitFor();
  await button(section('More models').getByRole('article', { name }), `Download ${name}`).waitFor();
});

test('bytes that are not what was published are refused, with the reason; the rest can be thrown away', async () => {
  await button(card('Llamba-1B'), 'Download Llamba-1B').click();
  const failed = card('Llamba-1B').getByRole('alert');
  await failed.waitFor({ timeout: 20_000 });
  expect(await failed.textContent()).toMatch(/\S/);
  await button(card('Llamba-1B'), 'Try again').click();
  await failed.waitFor({ timeout: 20_000 });
  await button(card('Llamba-1B'), 'Cancel').click();
  const sure = button(card('Llamba-1B'), 'Cancel and delete');
  if (await sure.count()) await sure.click();
  await button(card('Llamba-1B'), 'Download Llamba-1B').waitFor();
});

test('the ledger shows every request with its end', async () => {
  const rows = section('Requests').getByRole('row');
  await rows.nth(3).waitFor();
  const texts = await rows.allTextContents();
  expect(texts[0]).toBe('TimeWhat forHostSentReceivedTookResult');
  const { host: place } = new URL(hub.address);
  for (const row of texts.slice(1)) expect(row).toContain(place);
  expect(texts.some((row) => row.includes(`${name}: list of files`))).toBe(true);
  expect(
    await section('Network')
      .getByText(/requests?, .+ received\.$/)
      .textContent(),
  ).toMatch(/^\d+ request/);
});

test('offline blocks what would be sent, says so wherever one is, and is undone', async () => {
  await page.getByRole('switch', { name: 'Offline' }).click();
  const mark = page.getByRole('banner').getByRole('button', { name: 'Offline' });
  await mark.waitFor();
  const download = button(card(name), `Download ${name}`);
  expect(await download.getAttribute('aria-disabled')).toBe('true');
  const asked = hub.asked.length;
  await download.click({ force: true });
  await card(name).getByText('Offline is on: nothing is fetched.').waitFor();
  await page.keyboard.press('Control+1');
  await mark.click();
  await button(page, 'Go online').click();
  await mark.waitFor({ state: 'detached' });
  expect(hub.asked.length).toBe(asked);
});

test('a token goes in and never comes out', async () => {
  await page.getByLabel('Token of the hub').fill('hf_verysecret');
  await page.keyboard.press('Enter');
  await button(section('Network'), 'Forget').waitFor();
  expect(await page.getByLabel('Token of the hub').inputValue()).toBe('');
  await page.reload();
  await showModels();
  await button(section('Network'), 'Forget').click();
  await button(section('Network'), 'Forget').waitFor({ state: 'detached' });
  expect(await page.content()).not.toContain('hf_verysecret');
});

async function look(path: string) {
  await page.getByLabel('Path of a model').fill(path);
  await page.keyboard.press('Enter');
}

test('a GGUF file is recognised, imported and used', async () => {
  const file = join(outside, 'Tiny-Chat.Q4_1.gguf');
  writeFileSync(file, tinyGguf());
  await look(file);
  const found = section('Tiny-Chat');
  await found.getByText(/^This is a Transformer in a GGUF file, .+none of them changes\.$/).waitFor();
  expect(await found.getByRole('radio').count()).toBe(0);
  await button(found, 'Import').click();
  await button(card('Tiny-Chat'), 'Use').click();
  await card('Tiny-Chat').getByText('In use', { exact: true }).waitFor();
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Tiny-Chat');
  await card('Tiny-Chat').getByText('To remove it, use another model first.').waitFor();
  await button(card('Llamba-135M'), 'Use').click();
  await card('Llamba-135M').getByText('In use', { exact: true }).waitFor({ timeout: 30_000 });
});

test('full-size weights come in as the options say, at the size that was said', async () => {
  const folder = join(outside, 'Small-Llamba');
  const shape = { vocabulary: 512, width: 256, mlp: 512, blocks: 12, heads: 4, state: 64 };
  writeHubCheckpoint(folder, { ...shape, dtype: 'F32' });
  writeTokenizer(folder, 512);
  await look(folder);
  const found = section('Small-Llamba');
  const size = async () =>
    Number(/take ([\d.]+) MiB/.exec((await found.getByText(/^It will take/).textContent()) ?? '')?.[1]);
  await found.getByText(/^It will take/).waitFor();
  const four = await size();
  await found.getByRole('group', { name: 'Bits of a weight' }).getByLabel('8').check();
  const eight = await size();
  expect(eight / four).toBeGreaterThan(1.5);
  await button(found, 'Convert and import').click();
  const onDisk = card('Small-Llamba').locator('dd').first();
  await onDisk.waitFor({ timeout: 30_000 });
  // The file has a header beside its tensors.
  expect(Math.abs(Number.parseFloat((await onDisk.textContent()) ?? '') - eight)).toBeLessThanOrEqual(0.1);
});

test('what cannot be imported is refused with the reason', async () => {
  await look(join(outside, 'nothing'));
  const refused = section('Import').getByRole('alert');
  await refused.waitFor();
  expect(await refused.textContent()).toContain('There is nothing at');
});
