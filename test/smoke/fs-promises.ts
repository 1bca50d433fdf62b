/** `node:fs/promises` in the words of Node 12; the test build puts it in the module's place. */
import { promises } from 'node:fs';

export const { readFile } = promises;
