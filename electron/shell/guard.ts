/** What no page may do, whatever it loads: leave, open windows, embed, download, ask for permissions. */
import type { Session, WebContents } from 'electron';
import { denyWindows, refuseDevices } from './compat-modern.ts';
import { isOurBlob, isOurs } from './origin.ts';

/** Copying a reply with its button. Every other permission is refused. */
const granted = 'clipboard-sanitized-write';

const isInspector = (url: string) => url.startsWith('devtools://');

export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === granted && isOurs(contents.getURL())),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === granted && isOurs(origin),
  );
  refuseDevices(session);
  // The page's policy forbids it already; this holds for whatever else might load something.
  session.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !isOurs(url) && !isOurBlob(url) && !isInspector(url) }),
  );
  // A page saves what it made itself (an exported session), and where is the user's choice: with no path set,
  // Electron asks. Nothing else is downloaded.
  session.on('will-download', (event, item, contents) => {
    if (isOurBlob(item.getURL()) && isOurs(contents.getURL())) {
      item.setSaveDialogOptions({ defaultPath: item.getFilename() });
    } else event.preventDefault();
  });
}

/** `onLink` is told the address of a link that wanted a window of its own. */
export function guardContents(contents: WebContents, onLink: (url: string) => void): void {
  const stay = (event: { preventDefault(): void }, url: string) => {
    if (!isOurs(url)) event.preventDefault();
  };
  contents.on('will-navigate', (event, url) => stay(event, url));
  contents.on('will-redirect', (event, url) => stay(event, url));
  contents.on('will-frame-navigate', (event) => stay(event, event.url));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  denyWindows(contents, onLink);
}
