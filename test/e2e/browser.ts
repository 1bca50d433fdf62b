/** A real Chromium, and what the tests watch in each of its pages. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

// Without these flags Chromium itself calls home, which a closed network refuses many times a minute.
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser that `npm test` found; named in LLAMBA_CHROMIUM. */
export function openBrowser(): Promise<Browser> {
  const executablePath = process.env.LLAMBA_CHROMIUM;
  if (!executablePath)
    throw new Error('LLAMBA_CHROMIUM names no browser: run these tests with npm test e2e.');
  return chromium.launch({ executablePath, args: quiet });
}

export interface Watched {
  readonly page: Page;
  /** Console errors and uncaught exceptions, in order. */
  readonly errors: string[];
  /** Addresses of all requests and sockets. */
  readonly requests: string[];
}

/** A fresh context with one page, on which nothing has been opened yet. */
export async function watchedPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 820 },
    permissions: ['clipboard-read', 'clipboard-write'],
    ...options,
  });
  const page = await context.newPage();
  const errors: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  return { page, errors, requests };
}
