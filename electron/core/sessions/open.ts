/** Sessions, wired: the calls of the contract that are about them, and their end. */
import { type AttachedText, composed } from '../../shared/attachments.ts';
import type { Contract } from '../../shared/contract.ts';
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/rpc.ts';
import { longestText } from '../../shared/schemas.ts';
import type { ModelInUse } from '../loaded-model.ts';
import type { Rates } from '../metrics.ts';
import type { ModelFolders } from '../models/on-disk.ts';
import type { Desk } from './desk.ts';
import { findSession } from './found.ts';
import { createHot } from './hot.ts';
import { importCalls } from './imports.ts';
import { createIncoming } from './incoming.ts';
import { createKeeping } from './keeping.ts';
import { libraryCalls } from './library.ts';
import { modelOfSession } from './model-of-session.ts';
import { createReplies } from './replies.ts';
import { sessionCalls } from './sessions.ts';
import { createStates } from './states.ts';
import { createStorage } from './storage.ts';
import { createTitles } from './titles.ts';
import { turnCalls } from './turns.ts';
import { createUnderWay } from './under-way.ts';
import { createView } from './view.ts';

type Events = Contract['events'];
type Emit = <E extends keyof Events>(event: E, value: Events[E]) => void;

export interface SessionsOptions {
  /** The folder of all data; null: nothing is written anywhere. */
  readonly data: string | null;
  readonly folders: ModelFolders;
  readonly models: ModelInUse;
  readonly rates: Rates;
  readonly emit: Emit;
  /** Whether the model is being asked about documents. */
  readonly answering: () => boolean;
  /** Throws `document-not-found`. */
  readonly documentText: (document: string) => AttachedText;
}

/** Longest wait for what is on its way to the disk, when the app ends. */
const closeMs = 2000;

export function openSessions({
  data,
  folders,
  models: inUse,
  rates,
  emit,
  answering,
  documentText,
}: SessionsOptions) {
  const storage = createStorage(data, (now) => emit('storage', now));
  const underWay = createUnderWay();
  const models = modelOfSession(inUse, folders, underWay, () => storage.library.presets(), answering);
  const hot = createHot();
  const keeping = createKeeping(storage);
  const states = createStates(hot, keeping, storage);
  const view = createView(models, hot, underWay);
  const find = (session: string, deleted?: boolean) => findSession(storage, session, deleted);
  const changed = (session: string) => {
    for (const shelf of [storage.memory, storage.disk]) {
      const row = shelf?.store.session(session);
      if (shelf && row) return emit('session.changed', view.summary({ shelf, row }));
    }
  };
  const titles = createTitles(models, hot, (session, title) => {
    const { shelf, row } = find(session);
    if (row.titledBy !== 'nobody') return;
    shelf.store.changeSession(session, { title, titledBy: 'model' });
    changed(session);
  });
  const gone = (session: string) => emit('session.gone', { session });
  const desk: Desk = {
    storage,
    models,
    hot,
    keeping,
    states,
    underWay,
    titles,
    view,
    rates,
    find,
    changed,
    gone,
  };
  const replies = createReplies(desk);
  const incoming = createIncoming(() => (storage.main().states === null ? null : storage.incoming));
  const opened = (session: string) => view.opened(find(session));

  const calls = {
    ...sessionCalls(desk),
    ...turnCalls(desk),
    ...libraryCalls(desk),
    ...importCalls(desk, incoming),
    'sessions.send': async ({ session, text, documents = [], parent, sampling }, { emit, signal }) => {
      const message = composed({ documents: documents.map(documentText), text });
      if (message.length > longestText) throw tooLong(message.length);
      await replies.send(find(session), message, parent, { emit, signal, sampling });
      return opened(session);
    },
    'turns.reply': async ({ session, turn, sampling }, { emit, signal }) => {
      await replies.reply(find(session), turn, { emit, signal, sampling });
      return opened(session);
    },
    'turns.continue': async ({ session, turn, sampling }, { emit, signal }) => {
      await replies.goOn(find(session), turn, { emit, signal, sampling });
      return opened(session);
    },
    'sessions.prepare': async ({ session }, { emit, signal }) => {
      await replies.prepare(find(session), emit, signal);
      return opened(session);
    },
  } satisfies Partial<Handlers<Contract>>;

  return {
    calls,
    /** Files that came in pieces, for whoever else can read them. */
    take: incoming.take,
    /** What was set aside, of sessions or of anything else, is told with the storage. */
    reportDamaged: storage.reportDamaged,
    /** Whether a reply is being written anywhere. */
    writing: () => underWay.elsewhere(null),
    /** Stops replies, which then are cut, and waits for what is on its way to the disk. */
    async close(): Promise<void> {
      const ended = Promise.all([underWay.stopAll(), titles.cancelAll()]).then(keeping.settled);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeMs);
      });
      await Promise.race([ended, late]).finally(() => clearTimeout(timer));
      storage.close();
    },
  };
}

const tooLong = (characters: number) =>
  new AppError(
    'bad-request',
    `The message has ${characters} characters with its documents; at most ${longestText} can be sent.`,
    'Attach fewer documents.',
  );
