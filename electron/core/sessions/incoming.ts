/** Files that come into the app in pieces, and wait for their end. */
import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { Bytes } from './exchange/byte-reader.ts';
import { diskFull } from './sqlite-errors.ts';

/** All of its pieces are there. */
export interface Arrived {
  /** As it was called where it came from; no path. */
  readonly name: string;
  /** Where it lies until it is removed; null: in memory. */
  readonly path: string | null;
  read(): Bytes;
  remove(): Promise<void>;
}

interface Coming extends Arrived {
  add(piece: Uint8Array): Promise<void>;
}

export interface Incoming {
  /** Gives its id. */
  begin(name: string): string;
  /** Throws `disk-full`, and forgets it then. */
  add(id: string, piece: Uint8Array): Promise<void>;
  /** The caller's own, to be removed. Throws `bad-request` where there is none of that id. */
  take(id: string): Promise<Arrived>;
  /** What came of it is removed; one that is over, or never was, is none. */
  cancel(id: string): Promise<void>;
}

/** `folder`: where to lay them at that moment; null: in memory. */
export function createIncoming(folder: () => string | null): Incoming {
  const all = new Map<string, Coming>();

  function find(id: string): Coming {
    const found = all.get(id);
    if (found) return found;
    throw new AppError('bad-request', 'There is no such import (any more).', 'Choose the file once more.');
  }

  return {
    begin(name) {
      const place = folder();
      const id = randomUUID();
      const plain = plainName(name);
      all.set(id, place === null ? inMemory(plain) : inFile(join(place, id), plain));
      return id;
    },
    async add(id, piece) {
      const coming = find(id);
      try {
        await coming.add(piece);
      } catch (error) {
        all.delete(id);
        await coming.remove();
        throw ['ENOSPC', 'EDQUOT'].includes(String((error as { code?: unknown }).code)) ? diskFull() : error;
      }
    },
    async take(id) {
      const coming = find(id);
      all.delete(id);
      return coming;
    },
    async cancel(id) {
      const coming = all.get(id);
      all.delete(id);
      await coming?.remove();
    },
  };
}

/** Of a folder of its own it is the only file, so that it can keep its name. */
function inFile(folder: string, name: string): Coming {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  // Of an empty file no piece comes.
  writeFileSync(path, '');
  let added = Promise.resolve();
  return {
    name,
    path,
    // One after the other, in the order in which they came.
    add: (piece) => (added = added.then(() => appendFile(path, piece))),
    read: async function* () {
      await added;
      yield* createReadStream(path);
    },
    // Behind the pieces on their way, whose failure is told to who sent them.
    remove: () => added.catch(() => undefined).then(() => rm(folder, { recursive: true, force: true })),
  };
}

function inMemory(name: string): Coming {
  const pieces: Uint8Array[] = [];
  return {
    name,
    path: null,
    add: async (piece) => void pieces.push(piece),
    read: () => pieces,
    remove: async () => undefined,
  };
}

/** A name that every file system takes: no separators, nothing unseen, at most 200 bytes; its ending stays. */
export function plainName(name: string): string {
  const plain = basename(name.replaceAll('\\', '/'))
    .replaceAll(/[\p{C}:*?"<>|]/gu, '')
    .replace(/^[.\s]+/, '');
  const ending = /\.[^.\s]{1,10}$/u.exec(plain)?.[0] ?? '';
  const start = Array.from(plain.slice(0, plain.length - ending.length));
  while (Buffer.byteLength(start.join('') + ending) > 200) start.pop();
  return start.join('') + ending || 'file';
}
