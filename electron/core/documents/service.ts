/** Documents, wired: the calls of the contract that are about them, and their end. Opened when first needed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AttachedText } from '../../shared/attachments.ts';
import type { Contract } from '../../shared/contract.ts';
import { AppError, toErrorValue } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { Arrived } from '../sessions/incoming.ts';
import { answerCalls, type Stoppable } from './answers.ts';
import { libraryCalls } from './calls.ts';
import { pageSeam } from './chunks.ts';
import { type Desk, type DeskOptions, openDesk } from './desk.ts';
import { findDocument } from './library.ts';

type Names = Extract<keyof Handlers<Contract>, `documents.${string}` | `recall.${string}`>;
export type DocumentCalls = Pick<Handlers<Contract>, Names>;

export interface DocumentsOptions extends DeskOptions {
  /** The folder of all data; null: there are no documents. */
  readonly data: string | null;
  /** The file of which the pieces came by imports.begin and imports.add. */
  readonly take: (id: string) => Promise<Arrived>;
}

/** Longest wait for what is under way, when the app ends. */
const closeMs = 2000;

export function createDocuments({ data, take, ...options }: DocumentsOptions) {
  const { models, resume } = options;
  let opened: Desk | null = null;
  /** How each answer under way is stopped, and its end. */
  const answers = new Map<AbortController, Promise<unknown>>();

  let closed = false;

  /** Throws `busy` where another Llamba has them; it may be tried again. */
  function desk(): Desk {
    if (data === null) throw keptNowhere();
    opened ??= openDesk(data, options);
    return opened;
  }

  const stoppable: Stoppable = (call) => (params, context) => {
    const stop = new AbortController();
    const signal = AbortSignal.any([context.signal, stop.signal]);
    const answer = call(params, { ...context, signal }).finally(() => answers.delete(stop));
    answers.set(stop, answer);
    return answer;
  };
  const calls: DocumentCalls = { ...libraryCalls(desk, take), ...answerCalls(desk, stoppable) };

  return {
    calls,
    /** Whether the model is being asked about documents; a reading does not count, it can rest. */
    answering: () => answers.size > 0,
    /** All of a document's text. Throws `document-not-found`. */
    text(document: string): AttachedText {
      const { library } = desk();
      return {
        title: findDocument(library, document).title,
        text: library.texts(document).join(pageSeam),
      };
    },
    /** Reading rests while `work` runs. */
    aside: <T>(work: () => Promise<T>): Promise<T> => (opened ? opened.background.aside(work) : work()),
    /** A model has come, or another. */
    async modelReady(): Promise<void> {
      try {
        await models.ready();
        if (!closed && resume && data !== null && existsSync(join(data, 'documents.db'))) desk();
      } catch (error) {
        // Whoever calls next meets it again, and is told.
        console.error(`No reading goes on: ${toErrorValue(error).message}`);
      }
      if (!opened || closed) return;
      for (const { id } of opened.library.documents()) opened.changed(id);
      opened.background.goOn();
    },
    async close(): Promise<void> {
      closed = true;
      for (const stop of answers.keys()) stop.abort();
      const ended = Promise.allSettled([...answers.values(), opened?.background.close()]);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeMs);
      });
      await Promise.race([ended, late]).finally(() => clearTimeout(timer));
      opened?.library.close();
    },
  };
}

const keptNowhere = () =>
  new AppError(
    'unsupported',
    'Nothing is kept here, so there are no documents.',
    'Start Llamba with a folder for its data.',
  );
