/** The calls that take a session out of the app, and into it: files in pieces, base64. */
import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contract } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/rpc.ts';
import { cancelled } from '../aborting.ts';
import type { Desk } from './desk.ts';
import type { Bytes } from './exchange/byte-reader.ts';
import { exportName, exportSession, importSession } from './exchange.ts';
import { diskFull } from './sqlite-errors.ts';

type Calls = Pick<Handlers<Contract>, 'sessions.export' | 'imports.begin' | 'imports.add' | 'imports.finish'>;

/** Where the pieces of one file wait for its end. */
interface Incoming {
  add(piece: Uint8Array): Promise<void>;
  read(): Bytes;
  remove(): Promise<void>;
}

export function importCalls({ storage, keeping, find, view, changed }: Desk): Calls {
  const imports = new Map<string, Incoming>();

  function incoming(id: string): Incoming {
    const found = imports.get(id);
    if (found) return found;
    throw new AppError('bad-request', 'There is no such import (any more).', 'Choose the file once more.');
  }

  async function forget(id: string): Promise<void> {
    const gone = imports.get(id);
    imports.delete(id);
    await gone?.remove();
  }

  return {
    'sessions.export': async ({ session, format }, { emit, signal }) => {
      await keeping.settled(); // checkpoints on their way go along
      const { shelf, row } = find(session);
      let bytes = 0;
      for await (const piece of exportSession(shelf, row, format)) {
        if (signal.aborted) throw cancelled();
        bytes += piece.byteLength;
        emit({ data: Buffer.from(piece).toString('base64') });
      }
      return { name: exportName(row, format), bytes };
    },
    'imports.begin': async () => {
      const { states } = storage.main();
      const id = randomUUID();
      imports.set(
        id,
        states === null || storage.incoming === null ? inMemory() : inFile(storage.incoming, id),
      );
      return { import: id };
    },
    'imports.add': async ({ import: id, data }) => {
      try {
        await incoming(id).add(Buffer.from(data, 'base64'));
      } catch (error) {
        await forget(id);
        throw ['ENOSPC', 'EDQUOT'].includes(String((error as { code?: unknown }).code)) ? diskFull() : error;
      }
      return {};
    },
    'imports.finish': async ({ import: id }) => {
      try {
        const session = await importSession(storage.main(), incoming(id).read());
        keeping.thin();
        changed(session);
        return view.opened(find(session));
      } finally {
        await forget(id);
      }
    },
  };
}

function inFile(folder: string, id: string): Incoming {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, id);
  let added = Promise.resolve();
  return {
    // One after the other, in the order in which they came.
    add: (piece) => (added = added.then(() => appendFile(path, piece))),
    read: async function* () {
      await added;
      yield* createReadStream(path);
    },
    remove: () => rm(path, { force: true }),
  };
}

function inMemory(): Incoming {
  const pieces: Uint8Array[] = [];
  return {
    add: async (piece) => void pieces.push(piece),
    read: () => pieces,
    remove: async () => undefined,
  };
}
