/**
 * Loaded with --require into the app under test: the page saves a file that it made, then asks for one that it did not
 * make; prints what came of each. The user's choice of a place is played: no dialog can be answered here.
 */
const { app, session } = require('electron');

const own =
  "const a = document.createElement('a'); a.download = 'Rain.llamba';" +
  "a.href = URL.createObjectURL(new Blob(['what was said'])); a.click();";
const strange =
  "const b = document.createElement('a'); b.download = 'b.js'; b.href = './probe.js'; b.click();";

app.on('browser-window-created', (_event, window) => {
  // After the app's own listener: what that has prevented does not come here with a path.
  session.defaultSession.on('will-download', (event, item) => {
    if (event.defaultPrevented) {
      console.log(`refused: ${item.getURL()}`);
      return app.quit();
    }
    item.setSavePath(`${app.getPath('userData')}/download`);
    item.once('done', (_done, state) => {
      console.log(
        `saved: ${state}, ${item.getSaveDialogOptions().defaultPath}, ${item.getReceivedBytes()} bytes`,
      );
      void window.webContents.executeJavaScript(strange, true);
    });
  });
  window.webContents.once('did-finish-load', () => window.webContents.executeJavaScript(own, true));
});
