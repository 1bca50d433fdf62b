/** What the calls on documents work with, once the library is open. */
import type { Contract, DocumentEntry } from '../../shared/contract.ts';
import { toErrorValue } from '../../shared/errors.ts';
import type { ModelInUse, Ready } from '../loaded-model.ts';
import type { Damaged } from '../sessions/files.ts';
import { type Background, createBackground } from './background.ts';
import { entryOf } from './entries.ts';
import { findDocument, type Library, openLibrary } from './library.ts';
import { readerOf } from './reader.ts';
import { defaultBudget, overBudget } from './room.ts';

type Events = Contract['events'];
export type Emit = <E extends keyof Events>(event: E, value: Events[E]) => void;

export interface Desk {
  readonly library: Library;
  readonly background: Background;
  readonly models: ModelInUse;
  /** Throws `document-not-found`. */
  entry(document: string): DocumentEntry;
  /** Tells the pages that it looks different, or is not there any more. */
  changed(document: string): void;
  gone(document: string): void;
  /** Just now: what was used longest ago goes first. */
  used(document: string): void;
  /** Work on documents: their states stay while it runs, whatever the budget. */
  hold<T>(documents: readonly string[], work: () => Promise<T>): Promise<T>;
  isHeld(document: string): boolean;
  readonly budget: number;
  setBudget(bytes: number): void;
}

export interface DeskOptions {
  readonly models: ModelInUse;
  readonly emit: Emit;
  /** A database was found damaged and set aside. */
  readonly onDamaged: (damaged: Damaged) => void;
  /** What was being read when the last Llamba ended is read on. */
  readonly resume: boolean;
}

/** Throws what openLibrary throws. */
export function openDesk(data: string, { models, emit, onDamaged, resume }: DeskOptions): Desk {
  const library = openLibrary(data, onDamaged);
  const keys = new WeakMap<Ready, string | null>();
  /** By document, how many work on it. */
  const held = new Map<string, number>();

  /** null: without a tokenizer it reads nothing. */
  function keyOf(ready: Ready): string | null {
    const known = keys.get(ready);
    if (known !== undefined) return known;
    const key = ready.tokenizer.pieces.length > 0 ? readerOf(ready).key : null;
    keys.set(ready, key);
    return key;
  }

  function entry(document: string): DocumentEntry {
    // Until a model is loaded it is told what the last one has read.
    const reader = models.now ? keyOf(models.now) : library.setting('reader');
    return entryOf(library, findDocument(library, document), reader, {
      running: background.running(document),
      wanted: library.isWanted(document),
      error: background.error(document),
    });
  }

  function changed(document: string): void {
    if (library.document(document)) emit('document.changed', entry(document));
  }

  const used = (document: string) => tolerateFull(() => library.used(document, Date.now()));

  async function hold<T>(documents: readonly string[], work: () => Promise<T>): Promise<T> {
    for (const document of documents) held.set(document, (held.get(document) ?? 0) + 1);
    const key = models.now && keyOf(models.now);
    if (key) tolerateFull(() => library.putSetting('reader', key));
    try {
      return await work();
    } finally {
      for (const document of documents) {
        const others = (held.get(document) ?? 1) - 1;
        if (others === 0) held.delete(document);
        else held.set(document, others);
      }
    }
  }

  const budget = () => Number(library.setting('budget') ?? defaultBudget);

  function thin(): void {
    const bytes = library.allStateBytes();
    if (bytes <= budget()) return;
    const files = overBudget(library.stateUses([...held.keys()]), bytes, budget());
    const documents = library.needing(files);
    library.releasing(() => library.dropFiles(files));
    for (const document of documents) changed(document);
  }

  const background = createBackground({
    library,
    models,
    resume,
    changed,
    grown: thin,
    hold(document, work) {
      used(document);
      return hold([document], work);
    },
  });

  return {
    library,
    background,
    models,
    entry,
    changed,
    gone: (document) => emit('document.gone', { document }),
    used,
    hold,
    isHeld: (document) => held.has(document),
    get budget() {
      return budget();
    },
    setBudget(bytes) {
      library.putSetting('budget', String(bytes));
      thin();
    },
  };
}

/** For what may be left undone: on a full disk the documents can still be asked. */
function tolerateFull(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (toErrorValue(error).code !== 'disk-full') throw error;
  }
}
