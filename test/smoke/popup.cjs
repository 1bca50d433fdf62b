/**
 * Loaded with --require into the app under test: asks for a window and prints what came of it. Not through Playwright,
 * which stops each new page to attach to it, and Electron 9's opener then waits for ever.
 */
const { app, BrowserWindow } = require('electron');

app.on('browser-window-created', (_event, window) => {
  window.webContents.once('did-finish-load', async () => {
    await window.webContents.executeJavaScript("void window.open('https://example.com/')", true);
    console.log(`windows: ${BrowserWindow.getAllWindows().length}`);
    app.quit();
  });
});
