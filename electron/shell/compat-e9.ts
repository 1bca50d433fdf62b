/**
 * The calls of compat-modern.ts in the words of Electron 9, for the smoke test alone: scripts/build-shell.ts puts this
 * file in the other's place in the test build, and the shipped bundle never has it.
 */
import { app, type IpcMainEvent, protocol, type Session, type WebContents } from 'electron';
import type { Asset } from '../shared/assets.ts';
import type * as modern from './compat-modern.ts';

/** What Electron 9 has and today's types have forgotten. */
interface Electron9Protocol {
  registerBufferProtocol(
    scheme: string,
    handler: (
      request: { url: string; method: string },
      answer: (response: { statusCode: number; headers: Record<string, string>; data: Buffer }) => void,
    ) => void,
  ): void;
}
interface Electron9Contents {
  on(event: 'new-window', listener: (event: { preventDefault(): void }, url: string) => void): void;
}

/** As root, Chromium starts with --no-sandbox only, and would abort when asked for the sandbox as well. */
export const sandboxAll: typeof modern.sandboxAll = () => {
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
};

export const serveScheme: typeof modern.serveScheme = (scheme, answer: (url: string) => Promise<Asset>) => {
  (protocol as unknown as Electron9Protocol).registerBufferProtocol(scheme, (request, send) => {
    answer(request.url).then(({ status, headers, body }) =>
      send({ statusCode: status, headers, data: body ? Buffer.from(body) : Buffer.alloc(0) }),
    );
  });
};

export const denyWindows: typeof modern.denyWindows = (contents: WebContents, onUrl) => {
  (contents as unknown as Electron9Contents).on('new-window', (event, url) => {
    event.preventDefault();
    onUrl(url);
  });
};

/** There is no senderFrame: the contents' own address stands for it. */
export const senderAddress: typeof modern.senderAddress = (event: IpcMainEvent, contents) =>
  event.sender === contents ? contents.getURL() : null;

/** It has no devices to refuse. */
export const refuseDevices: typeof modern.refuseDevices = (_session: Session) => undefined;
