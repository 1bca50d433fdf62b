import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The interface: one set of files for app://llamba and for the headless server, so paths are relative. */
export default defineConfig({
  root: 'renderer',
  base: './',
  plugins: [react()],
  build: {
    // Electron 45's Chromium; a browser that opens the served app is expected to be of that age too.
    target: 'chrome150',
    outDir: '../dist/renderer',
    emptyOutDir: true,
    // The policy allows only 'self': nothing may be inlined as data: or as a script in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
