/** axe finds nothing on the Documents page in either theme; long words and right-to-left titles fit a narrow one. */
import { expect, test } from 'vitest';
import { entry, german, halfRead, hebrew, library, reading, recall, summary } from './document-shapes.ts';
import { documentsPage } from './documents-page.ts';
import { violations } from './violations.ts';

const documents = documentsPage();
const { open, row, button, region, text, question } = documents;

/** One of each kind that looks different. */
const failed = entry({
  ...{ id: 'f', title: 'Broken' },
  reading: reading({
    ...{ phase: 'failed', pagesRead: [] },
    error: { code: 'disk-full', message: 'The disk is full.', hint: 'Free some.' },
  }),
});

/** Every state in turn, on a page of that width in px; `look` is called in each. */
async function walk(width: number, look: (state: string) => Promise<void>) {
  await open({
    ...library(entry(), { ...halfRead(), id: 'h', title: 'Half' }, german, hebrew, failed),
    'documents.summaries': async () => [summary({ warnings: ['One note was left out.'] })],
    'recall.latest': async () => recall,
  });
  await row('Broken').waitFor();
  // What lies over a narrow page would hide it.
  await documents.page.keyboard.press('Control+b');
  await documents.page.keyboard.press('Control+i');
  await documents.page.setViewportSize({ width, height: 800 });
  await documents.page.getByLabel('Asked of').selectOption('chosen');
  await documents.page.getByText('As a table').click();
  await look('library');
  await row('A History of Tides').click();
  await documents.page.getByText('Focus, language, care').click();
  await look('summary');
  await region('Sentences of the document').getByRole('button').click();
  await text().locator('mark').waitFor();
  await look('text');
  await button('Ask').first().click();
  await question().fill('Who named the cause?');
  await documents.page.keyboard.press('Enter');
  await region('Exact quotes').waitFor();
  await look('answer');
}

test('axe is content with every state', async () => {
  await documents.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await walk(1280, async (state) => expect(await violations(documents.page), state).toEqual([]));
});

test('in the dark nothing but the colours is other, and they are apart enough', async () => {
  await documents.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await walk(1280, async (state) =>
    expect(await violations(documents.page, 'color-contrast'), state).toEqual([]),
  );
});

test('on a narrow window there is one pane at a time, and nothing is wider than it', async () => {
  await walk(480, async (state) => {
    const wide = await documents.page.locator('main').evaluate((main) =>
      [main, ...main.querySelectorAll('*')]
        // Tables are scrolled by themselves.
        .filter((box) => getComputedStyle(box).overflowY === 'auto' && !box.querySelector(':scope > table'))
        .some((box) => box.scrollWidth > box.clientWidth),
    );
    expect(wide, state).toBe(false);
    expect(await text().count(), state).toBe(state === 'text' ? 1 : 0);
  });
});
