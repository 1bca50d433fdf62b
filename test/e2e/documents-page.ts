/** The Documents page over a double of core, as a user sees it: what is on it by role and name. */
import type { Locator, Page } from 'playwright-core';
import type { Contract } from '../../electron/shared/contract.ts';
import type { Handlers } from '../../electron/shared/rpc.ts';
import { entry, german, hebrew, library } from './document-shapes.ts';
import { setStage } from './stage.ts';

/** Registers the hooks of the file that calls it. */
export function documentsPage() {
  const stage = setStage();

  async function open(handlers: Partial<Handlers<Contract>> = library(entry(), german, hebrew)) {
    const double = await stage.show(handlers);
    await stage.page.getByRole('textbox', { name: 'Message' }).waitFor();
    await stage.page.keyboard.press('Control+2');
    return double;
  }
  /** Opens the page with one document, and that. */
  async function openDocument(document = entry(), handlers: Partial<Handlers<Contract>> = {}) {
    const double = await open({ ...library(document, german), ...handlers });
    await row(document.title).click();
    await heading(document.title).waitFor();
    return double;
  }
  const heading = (name: string) => stage.page.getByRole('heading', { name, exact: true });
  const row = (title: string) => stage.page.getByRole('button', { name: new RegExp(`^${title}`) });
  const button = (name: string | RegExp) =>
    stage.page.getByRole('button', typeof name === 'string' ? { name, exact: true } : { name });
  const region = (name: string) => stage.page.getByRole('region', { name, exact: true });
  return {
    stage,
    get page(): Page {
      return stage.page;
    },
    ...{ open, openDocument, heading, row, button, region },
    strip: () => stage.page.getByRole('slider', { name: 'Page', exact: true }),
    text: () => region('Text'),
    question: () => stage.page.getByRole('textbox', { name: 'Question' }),
  };
}

/** The pane shows it now, whole or in part. */
export const inView = (place: Locator) =>
  place.evaluate((element) => {
    const box = element.getBoundingClientRect();
    const pane = element.closest('section')?.getBoundingClientRect();
    return pane !== undefined && box.bottom > pane.top && box.top < pane.bottom;
  });
