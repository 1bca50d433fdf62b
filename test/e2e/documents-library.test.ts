/** The library of documents, their reading and their text, over a double of core: states that are rare or short in the real one. */
import { expect, test } from 'vitest';
import type { Contract } from '../../electron/shared/contract.ts';
import { AppError } from '../../electron/shared/errors.ts';
import type { Handlers } from '../../electron/shared/rpc.ts';
import { entry, german, halfRead, hebrew, library, pageOf } from './document-shapes.ts';
import { documentsPage, inView } from './documents-page.ts';
import { until } from './stage.ts';

const documents = documentsPage();
const { open, openDocument, heading, row, button, region, strip, text } = documents;

test('with no document the page says what can be dropped; a file goes in by pieces, is read, and is opened', async () => {
  const calls: unknown[] = [];
  const pieces: Buffer[] = [];
  const unread = hebrew.reading;
  await open({
    ...library(),
    'imports.begin': async ({ name }) => {
      calls.push(name);
      return { import: 'i' };
    },
    'imports.add': async ({ data }) => {
      pieces.push(Buffer.from(data, 'base64'));
      return {};
    },
    'documents.add': async (from) => {
      calls.push(from);
      return entry({ reading: unread });
    },
    'documents.read': async ({ document }) => {
      calls.push(document);
      return halfRead();
    },
  });
  await heading('Nothing here yet').waitFor();
  const buffer = Buffer.alloc(5 * 2 ** 20, 7);
  await documents.page
    .getByLabel('Documents to add')
    .setInputFiles({ name: 'tides.pdf', mimeType: 'application/pdf', buffer });
  await heading('A History of Tides').waitFor();
  await button('Pause').waitFor();
  expect(calls).toEqual(['tides.pdf', { import: 'i' }, 'tides']);
  expect(pieces.map(({ length }) => length)).toEqual([4 * 2 ** 20, 2 ** 20]);
  expect(Buffer.concat(pieces).equals(buffer)).toBe(true);
  expect(documents.stage.watched.errors).toEqual([]);
});

test('a dropped file goes by its path where the host tells it; one that cannot be read says why, and can be cancelled', async () => {
  let ended = false;
  const asked: unknown[] = [];
  await open({
    ...library(german),
    'documents.add': async (from, { signal }) => {
      asked.push(from);
      if ('path' in from && from.path.endsWith('slow.pdf')) {
        await until(signal);
        ended = true;
        throw new AppError('cancelled', 'It was stopped.', '');
      }
      throw new AppError('document-unreadable', 'It is encrypted.', 'Save it without a password.');
    },
  });
  await heading('Documents').waitFor();
  await documents.page.evaluate(() => {
    Object.assign(window, { llamba: { pathOf: ({ name }: File) => `/books/${name}` } });
    const dataTransfer = new DataTransfer();
    for (const name of ['slow.pdf', 'locked.pdf']) dataTransfer.items.add(new File(['x'], name));
    for (const type of ['dragover', 'drop'])
      document
        .querySelector('main')
        ?.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  });
  await documents.page.getByRole('progressbar', { name: 'Taking the text out of slow.pdf…' }).waitFor();
  await button('Cancel').click();
  await documents.page.getByRole('alert').getByText('locked.pdf was not added. It is encrypted.').waitFor();
  expect(ended).toBe(true);
  expect(asked).toEqual([{ path: '/books/slow.pdf' }, { path: '/books/locked.pdf' }]);
  await button('Dismiss').click();
  await documents.page.getByRole('alert').waitFor({ state: 'detached' });
});

test('of a folder, or a file that is gone, nothing stays in core, and the page says what it was', async () => {
  const cancelled: unknown[] = [];
  await open({
    ...library(german),
    'imports.begin': async () => ({ import: 'i' }),
    'imports.cancel': async (params) => {
      cancelled.push(params);
      return {};
    },
  });
  await heading('Documents').waitFor();
  await documents.page.evaluate(() => {
    // As Chromium does for a folder that was dropped.
    Blob.prototype.arrayBuffer = () => Promise.reject(new DOMException('It is gone.', 'NotFoundError'));
  });
  const file = { name: 'books', mimeType: '', buffer: Buffer.from('x') };
  await documents.page.getByLabel('Documents to add').setInputFiles(file);
  await documents.page
    .getByRole('alert')
    .getByText(/^books was not added. It is a folder, or it was/)
    .waitFor();
  expect(cancelled).toEqual([{ import: 'i' }]);
});

test('a list that cannot be read says why and is read again', async () => {
  let broken = true;
  await open({
    ...library(entry()),
    'documents.list': async (...given) => {
      if (broken) throw new AppError('busy', 'Another Llamba has the documents open.', 'Close it.');
      return (library(entry())['documents.list'] as Handlers<Contract>['documents.list'])(...given);
    },
  });
  await documents.page
    .getByText('The documents could not be listed. Another Llamba has the documents open.')
    .waitFor();
  broken = false;
  await button('Try again').click();
  await row('A History of Tides').waitFor();
});

test('the reading is told as it goes: pages, speed, time left; paused, gone on with, failed, done', async () => {
  const called: string[] = [];
  const double = await openDocument(halfRead(), {
    'documents.pause': async () => {
      called.push('pause');
      return halfRead({ phase: 'paused', tokensPerSecond: null, secondsLeft: null });
    },
    'documents.read': async () => {
      called.push('read');
      return halfRead({ phase: 'waiting', tokensPerSecond: null, secondsLeft: null });
    },
  });
  const bar = region('Reading').getByRole('progressbar');
  expect(await bar.getAttribute('aria-label')).toBe('Reading: 120 of 312 pages, 402 tokens/s, 3 min left');
  expect(await bar.getAttribute('aria-valuenow')).toBe('40');
  await button('Pause').click();
  await button('Go on').click();
  await documents.page.getByText('Read 120 of 312 pages. Waiting for its turn').waitFor();
  expect(called).toEqual(['pause', 'read']);
  const error = { code: 'disk-full', message: 'The disk is full.', hint: 'Free 3.0 GiB.' } as const;
  double.emit('document.changed', halfRead({ phase: 'failed', error }));
  await region('Reading').getByRole('alert').getByText('The disk is full.').waitFor();
  double.emit('document.changed', entry());
  await documents.page.getByText('Read 312 of 312 pages', { exact: true }).waitFor();
  expect(await button('Pause').count()).toBe(0);
  double.emit('document.gone', { document: 'tides' });
  await heading('Documents').waitFor();
  expect(await row('A History of Tides').count()).toBe(0);
});

test('keys and pointer go through the pages; only blocks near what is seen are fetched', async () => {
  const asked: string[] = [];
  await openDocument(entry(), {
    'documents.pages': async ({ first, last }) => {
      asked.push(`${first}-${last}`);
      return Array.from({ length: last - first + 1 }, (_, i) => pageOf(first + i));
    },
  });
  await text().getByText('Chapter 1 The').waitFor();
  expect(asked).toEqual(['1-20']);
  await strip().focus();
  await documents.page.keyboard.press('ArrowRight');
  await expect.poll(() => strip().getAttribute('aria-valuetext')).toBe('Page 2 of 312, read');
  await documents.page.keyboard.press('End');
  await text().getByText('Chapter 312').waitFor();
  expect(asked.at(-1)).toBe('301-312');
  await documents.page.keyboard.press('ArrowLeft');
  await expect.poll(() => strip().getAttribute('aria-valuenow')).toBe('311');
  const box = await strip().boundingBox();
  if (box) await documents.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await text().getByText('Chapter 157').waitFor();
  await expect.poll(() => inView(text().getByText('Chapter 157'))).toBe(true);
  // What the reader scrolls to is under view.
  await text().hover();
  await expect
    .poll(async () => {
      await documents.page.mouse.wheel(0, 1500);
      return Number(await strip().getAttribute('aria-valuenow'));
    })
    .toBeGreaterThan(158);
  expect(asked.length).toBeLessThan(8);
});

test('pages that cannot be read say so in their place, and are read again', async () => {
  let broken = true;
  await openDocument(entry(), {
    'documents.pages': async ({ first }) => {
      if (broken) throw new AppError('storage-damaged', 'The text cannot be read.', 'Add it again.');
      return [pageOf(first)];
    },
  });
  await text().getByText('The text cannot be read.').first().waitFor();
  broken = false;
  await text().getByRole('button', { name: 'Try again' }).first().click();
  await text().getByText('Chapter 1 The').waitFor();
});

test('a document is removed once it is confirmed, and the states’ budget is set', async () => {
  const called: unknown[] = [];
  await openDocument(entry(), {
    'documents.remove': async (params) => {
      called.push(params);
      return { freedBytes: 1 };
    },
    'documents.budget': async ({ bytes }) => {
      called.push(bytes);
      return { documents: [german], stateBytes: 0, budgetBytes: bytes };
    },
  });
  await button('Remove').click();
  await documents.page.getByText('The file itself stays where it is.').waitFor();
  await button('Remove').click();
  await row(german.title).waitFor();
  await documents.page.getByText('What was read takes 10.0 MiB of 2.0 GiB on the disk.').click();
  await documents.page.getByLabel('It may take, GiB').fill('4');
  await documents.page.keyboard.press('Enter');
  await documents.page.getByText('What was read takes 10.0 MiB of 4.0 GiB on the disk.').waitFor();
  expect(called).toEqual([{ document: 'tides' }, 4 * 2 ** 30]);
});
