/**
 * The child half of the double of `utilityProcess.fork`: a plain Node with Electron's `process.parentPort` in front of its
 * channel. Runs the entry that its first argument names, with the rest as that entry's own.
 */
import { pathToFileURL } from 'node:url';

const [entry] = process.argv.splice(2, 1);
process.parentPort = {
  on: (_event, listener) => process.on('message', (data) => listener({ data })),
  postMessage: (message) => process.send(message),
};
process.argv[1] = entry;
await import(pathToFileURL(entry).href);
