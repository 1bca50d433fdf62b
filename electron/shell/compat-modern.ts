/**
 * Electron's modern calls, all in one place. The smoke test runs in an Electron that lacks them and gets
 * compat-e9.ts in this file's stead; what is shipped has only this one.
 */
import { app, type IpcMainEvent, protocol, type Session, type WebContents } from 'electron';
import type { Asset } from '../shared/assets.ts';

/** Every renderer in the operating system's sandbox. */
export function sandboxAll(): void {
  app.enableSandbox();
}

/** Serves `scheme` from `answer`, which maps an address to what is sent back. */
export function serveScheme(scheme: string, answer: (url: string) => Promise<Asset>): void {
  protocol.handle(scheme, async (request) => {
    if (request.method !== 'GET') return new Response(null, { status: 405 });
    const { status, headers, body } = await answer(request.url);
    return new Response(body, { status, headers });
  });
}

/** No page opens a window; `onUrl` is told which address it asked for. */
export function denyWindows(contents: WebContents, onUrl: (url: string) => void): void {
  contents.setWindowOpenHandler(({ url }) => {
    onUrl(url);
    return { action: 'deny' };
  });
}

/** The address of the frame that sent `event`, when it is the top frame of `contents`; else null. */
export function senderAddress(event: IpcMainEvent, contents: WebContents): string | null {
  const frame = event.senderFrame;
  return frame && event.sender === contents && frame === contents.mainFrame ? frame.url : null;
}

/** No page gets a USB, HID, serial or Bluetooth device, nor the screen. */
export function refuseDevices(session: Session): void {
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
}
