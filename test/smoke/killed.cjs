/**
 * Loaded with --require into the app under test: kills the page's process and asks core through the page that comes after.
 * Not through Playwright, which gives up a page whose process died.
 */
const { app } = require('electron');

app.on('browser-window-created', (_event, { webContents }) => {
  webContents.once('did-finish-load', () => {
    webContents.once('did-finish-load', async () => {
      const host = await webContents.executeJavaScript("rpc.call('app.info', {}).then((info) => info.host)");
      console.log(`loaded again in: ${host}`);
      app.quit();
    });
    process.kill(webContents.getOSProcessId(), 'SIGKILL');
  });
});
