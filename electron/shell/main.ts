/** Electron's main process: one instance, one window, the core, and the guards around the page. */
import { app } from 'electron';
import { sandboxAll } from './compat-modern.ts';
import { registerScheme } from './privileges.ts';
import { start } from './start.ts';

registerScheme();
sandboxAll();

if (app.requestSingleInstanceLock()) {
  app
    .whenReady()
    .then(start)
    .catch((error: Error) => {
      console.error(`Llamba could not start: ${error.message}`);
      app.exit(1);
    });
} else {
  // The instance that is running brings its window to the front.
  app.quit();
}
