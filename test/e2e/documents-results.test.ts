/** What is made of documents, over a double of core: summaries, answers, the recall meter. */
import { expect, test } from 'vitest';
import type { SummaryItem } from '../../electron/shared/contract.ts';
import { AppError } from '../../electron/shared/errors.ts';
import { model } from './core-double.ts';
import { answer, entry, german, hebrew, library, quote, recall, summary } from './document-shapes.ts';
import { documentsPage, inView } from './documents-page.ts';
import { until } from './stage.ts';

const documents = documentsPage();
const { open, openDocument, heading, button, region, strip, text, question } = documents;

test('a summary streams notes and sentences, its anchors lead to the text, and it is exported', async () => {
  let go = (_: SummaryItem) => undefined as unknown;
  let end: () => void = () => undefined;
  const wanted: unknown[] = [];
  await openDocument(entry(), {
    'documents.summarize': async (params, { emit }) => {
      wanted.push(params);
      go = emit;
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      return summary({ warnings: ['2 notes were of no use and left out.'] });
    },
  });
  await documents.page.getByLabel('Style').selectOption('by-section');
  await documents.page.getByLabel('Length').selectOption('long');
  await documents.page.getByText('Focus, language, care').click();
  await documents.page.getByLabel('What it should be about').fill(' moon ');
  await documents.page.getByLabel(/^Careful/).check();
  await button('Summarize').click();
  await button('Cancel').waitFor();
  expect(wanted).toEqual([
    { document: 'tides', style: 'by-section', length: 'long', focus: 'moon', careful: true, language: '' },
  ]);
  go({ type: 'progress', step: 'notes', done: 3, total: 40, secondsLeft: 90 });
  go({ type: 'note', note: { text: 'How the moon pulls.', pages: [{ first: 1, last: 14 }] } });
  go({ type: 'sentences', sentences: [{ text: 'It is about the moon.', pages: [{ first: 1, last: 14 }] }] });
  await documents.page
    .getByRole('progressbar', { name: 'Writing notes: 3 of 40 parts, 2 min left' })
    .waitFor();
  await region('Notes').getByText('How the moon pulls.').waitFor();
  await region('Summary by the model').getByText('It is about the moon.').waitFor();
  end();
  const made = region('Summary by the model');
  await made.getByText('Tides are caused by the moon').waitFor();
  await made.getByText('Written by the model, may be wrong').waitFor();
  await documents.page.getByText('2 notes were of no use and left out.').waitFor();
  await documents.page
    .getByText('Written by Llamba-135M on 24 Nov 2026 in 45.2 s. Read 312 of 312 pages.')
    .waitFor();
  expect(await region('Notes').count()).toBe(0);

  await made.getByRole('button', { name: 'p. 40' }).click();
  await expect.poll(() => strip().getAttribute('aria-valuenow')).toBe('40');
  await expect
    .poll(() => text().locator('article[data-marked="true"]').getAttribute('aria-label'))
    .toBe('Page 40');
  // A sentence of the document is found on its page, over line breaks, and marked there.
  await region('Sentences of the document').getByRole('button', { name: 'pp. 12–14' }).click();
  await text().locator('mark').waitFor();
  expect(await text().locator('mark').textContent()).toBe(
    "In 1687 Newton named the moon's\npull as the cause of both tides.",
  );
  await expect.poll(() => inView(text().locator('mark'))).toBe(true);
  expect(await strip().getAttribute('aria-valuenow')).toBe('13');

  const file = documents.page.waitForEvent('download');
  await button('Export as Markdown').click();
  const saved = await file;
  expect(saved.suggestedFilename()).toBe('Summary of A History of Tides.md');
});

test('cancelled, a summary keeps its notes and says so; a failure says why', async () => {
  let failing = false;
  await openDocument(entry(), {
    'documents.summarize': async (_, { signal }) => {
      if (failing) throw new AppError('engine-gone', 'The engine stopped.', 'Try again.');
      await until(signal);
      throw new AppError('cancelled', 'It was stopped.', '');
    },
  });
  await button('Summarize').click();
  await button('Cancel').click();
  await documents.page.getByText('The notes that were written are kept and used next time.').waitFor();
  failing = true;
  await button('Summarize').click();
  await documents.page.getByRole('alert').getByText('The engine stopped.').waitFor();
  expect(await documents.page.getByText('The notes that were written are kept').count()).toBe(0);
});

test('earlier summaries are listed, opened and removed', async () => {
  const removed: string[] = [];
  const old = summary({
    ...{ id: 'old', style: 'paragraph', at: Date.UTC(2026, 9, 1, 12) },
    sentences: [{ text: 'An older one.', pages: [{ first: 1, last: 2 }] }],
  });
  await openDocument(entry(), {
    'documents.summaries': async () => [summary(), old],
    'documents.removeSummary': async (params) => {
      removed.push(params.summary);
      return {};
    },
  });
  await documents.page.getByText('All 2 summaries').click();
  await button(/^One paragraph, medium/).click();
  await region('Summary by the model').getByText('An older one.').waitFor();
  await button(/^Remove the summary of 1 Oct 2026/).click();
  await region('Summary by the model').getByText('Tides are caused by the moon').waitFor();
  expect(removed).toEqual(['old']);
});

test('a question shows gist and exact quotes apart, goes on in its thread, and leads to the words', async () => {
  const asked: unknown[] = [];
  await openDocument(entry(), {
    'recall.latest': async () => recall,
    'documents.ask': async (params, { emit }) => {
      asked.push(params);
      emit({ type: 'quotes', quotes: [quote] });
      emit({ type: 'progress', done: 1, total: 40 });
      return answer({ question: params.question });
    },
  });
  await button('Ask').first().click();
  await region('Questions').getByText(recall.sentence).waitFor();
  await question().fill('Who named the cause?');
  await question().press('Enter');
  await region('Gist').getByText('Newton named it.').waitFor();
  expect(await region('Gist').textContent()).toContain('pp. 12–14fairly sure');
  expect(await region('Exact quotes').locator('mark').textContent()).toBe('Newton');
  await documents.page
    .getByText('3 passages read once more, 412 of 540 tokens fed. First word after 480 ms, all after 2.1 s.')
    .waitFor();
  const fonts = await Promise.all(
    [region('Gist').getByText('Newton named it.'), region('Exact quotes').locator('blockquote')].map(
      (words) => words.evaluate((element) => getComputedStyle(element).fontFamily),
    ),
  );
  expect(fonts[0]).not.toBe(fonts[1]);
  await question().fill('When?');
  await question().press('Enter');
  await expect.poll(() => asked.length).toBe(2);
  expect(asked).toEqual([
    { documents: ['tides'], question: 'Who named the cause?' },
    {
      ...{ documents: ['tides'], question: 'When?' },
      thread: [{ question: 'Who named the cause?', answer: 'Newton named it.' }],
    },
  ]);
  await region('Exact quotes').last().getByRole('button', { name: 'p. 13' }).click();
  await text().locator('mark').waitFor();
  expect((await text().locator('mark').textContent())?.replace(/\s+/g, ' ')).toBe(
    "In 1687 Newton named the moon's pull as the cause",
  );
  await button('Begin anew').click();
  expect(await region('Exact quotes').count()).toBe(0);
});

test('the library and chosen documents are asked; an anchor opens its document; asking can be stopped', async () => {
  const asked: unknown[] = [];
  let slow = false;
  await open({
    ...library(entry(), german, hebrew),
    'documents.ask': async (params, { signal }) => {
      asked.push(params.documents);
      if (slow) {
        await until(signal);
        throw new AppError('cancelled', 'It was stopped.', '');
      }
      return answer();
    },
  });
  await question().fill('Who named the cause?');
  await question().press('Enter');
  await region('Exact quotes').getByText('A History of Tides').waitFor();
  await documents.page.getByLabel('Asked of').selectOption('chosen');
  await documents.page.getByText('Choose a document.').waitFor();
  await documents.page.getByRole('checkbox', { name: /^Donau/ }).check();
  slow = true;
  await question().fill('And now?');
  await question().press('Enter');
  await button('Stop').click();
  await documents.page.getByText('Stopped.', { exact: true }).waitFor();
  expect(asked).toEqual([null, ['schiff']]);
  await region('Exact quotes').getByRole('button', { name: 'p. 13' }).click();
  await heading('A History of Tides').waitFor();
  await text().locator('mark').waitFor();
  await expect.poll(() => inView(text().locator('mark'))).toBe(true);
  await button('All documents').click();
  // Its thread is still there.
  await region('Exact quotes').waitFor();
});

test('how far the model reads stands beside it: in words, and by perplexity and the size of the state', async () => {
  const point = (length: number, perplexity: number) => ({ length, perplexity, near: 22, norm: 0.9 });
  const lengthProbe = [point(2048, 22), point(4096, 22.4), point(8192, 30)];
  await open({
    ...library(entry()),
    'engine.status': async () => ({ phase: 'ready', model: { ...model, safeLength: 4096, lengthProbe } }),
  });
  const far = region('How far it reads');
  await far
    .getByText('Up to 4,096 tokens this model finds the words of a text as probable as near its beginning')
    .waitFor();
  const told = (name: RegExp) => far.getByRole('slider', { name }).getAttribute('aria-valuetext');
  expect(await told(/^Words far into a text/)).toBe(
    '8,192 tokens: Behind all of it 30.0, Near a beginning 22.0',
  );
  expect(await told(/^How large the state grows/)).toBe('8,192 tokens: State 0.90');
});

test('the recall meter is measured with progress, can be cancelled, and stands in a table too', async () => {
  let finish: () => void = () => undefined;
  await open({
    ...library(entry()),
    'recall.run': async (_, { emit, signal }) => {
      emit({ done: 3, total: 60 });
      await Promise.race([
        until(signal),
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
      ]);
      if (signal.aborted) throw new AppError('cancelled', 'It was stopped.', '');
      return recall;
    },
  });
  const meter = region('What its memory keeps');
  await meter.getByRole('button', { name: 'Measure on this machine' }).click();
  await meter.getByRole('progressbar', { name: /^Measuring: 3 of 60 tokens, \d+ s left$/ }).waitFor();
  await meter.getByRole('button', { name: 'Cancel' }).click();
  await meter.getByRole('button', { name: 'Measure on this machine' }).click();
  await meter.getByRole('progressbar', { name: /^Measuring: 3 of 60 tokens, \d+ s left$/ }).waitFor();
  finish();
  await meter.getByText(recall.sentence).waitFor();
  expect(await meter.getByRole('slider', { name: /^One odd fact/ }).getAttribute('aria-valuetext')).toBe(
    '4,096 tokens: Read once 30 %, Read twice 60 %, Read in parts 80 %',
  );
  await meter.getByText('As a table').click();
  expect(await meter.getByRole('row').count()).toBe(19);
  expect(await meter.getByRole('row').nth(1).textContent()).toBe('One odd fact in proseRead once256910');
});
