/** The app's scheme as a real, secure origin of its own; must be registered before Electron is ready. */
import { protocol } from 'electron';
import { scheme } from './origin.ts';

export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }]);
}
