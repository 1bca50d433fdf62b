/**
 * Wires core to the store: what core says becomes a store action, what the user does becomes a call. The connection and
 * the machine are here; conversations and the library have files of their own.
 */
import type { AppInfo } from '../../electron/shared/contract.ts';
import { type AppErrorValue, toErrorValue } from '../../electron/shared/errors.ts';
import { type Client, client as rpcClient } from '../../electron/shared/rpc.ts';
import { chatCommands } from '../chat/chat-client.ts';
import { unsent } from '../chat/chat-state.ts';
import { keepDrafts } from '../chat/draft-keeper.ts';
import { compareCommands } from '../compare/compare-client.ts';
import { documentsCommands, followDocuments } from '../documents/documents-client.ts';
import { followModels, modelsCommands } from '../models/models-client.ts';
import { sessionsCommands } from '../sessions/sessions-client.ts';
import type { Store } from '../store.ts';
import type { Commands } from './commands.ts';
import { gone, type Link } from './link.ts';
import { pause } from './reconnect.ts';
import type { PagePort } from './transport.ts';

interface ClientOptions {
  readonly store: Store;
  readonly openPort: () => Promise<PagePort>;
  /** Keeps the open session's id over a reload and a restart. */
  readonly memory: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** How a browser opens a link; in Electron the shell does. */
  readonly openTab: (url: string) => void;
  readonly page: Document;
}

const sessionKey = 'llamba.session';

const noModel: AppErrorValue = {
  code: 'model-not-found',
  message: 'There is no model on this computer.',
  hint: 'Run npm run setup, which brings the embedded model.',
};

export function createClient({ store, openPort, memory, openTab, page }: ClientOptions): Commands {
  const act = store.getState();
  let rpc: Client | null = null;
  let failures = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;

  const told = (error: unknown) => act.failed(toErrorValue(error));
  const link: Link = {
    store,
    get rpc() {
      return rpc;
    },
    told,
  };
  const drafts = keepDrafts(link, page);

  store.subscribe((state, before) => {
    if (state.sessionId === before.sessionId) return;
    if (state.sessionId === null) memory.removeItem(sessionKey);
    else memory.setItem(sessionKey, state.sessionId);
  });

  async function connect() {
    clearTimeout(waiting);
    let port: PagePort | null = null;
    try {
      port = await openPort();
      const opened = rpcClient(port);
      opened.on('engine.status', (status) => {
        act.engineChanged(status);
        if (status.phase === 'ready' && store.getState().info === null) learnMachine(opened);
      });
      opened.on('metrics', (metrics) => act.measured(metrics));
      opened.on('session.changed', (session) => act.summaryChanged(session));
      opened.on('session.gone', ({ session }) => act.summaryGone(session));
      opened.on('storage', (storage) => storageChanged(opened, storage));
      port.onClose(() => {
        if (rpc !== opened) return;
        rpc = null;
        lost(gone);
      });
      // The answer stands before any later event on the wire, so it is taken at once: it must not undo one.
      await opened.call('engine.status', {}).then(act.engineChanged);
      rpc = opened;
      failures = 0;
      learnMachine(opened);
      await opened.call('storage.get', {}).then(act.storageChanged);
      await readLibrary(opened);
      await resume(opened);
      drafts.again();
      followModels(opened, store);
      followDocuments(opened, store);
      act.connected();
    } catch (error) {
      rpc = null;
      const refused = port?.refused();
      if (refused) act.connectionLost(toErrorValue(refused));
      else lost(toErrorValue(error));
    }
  }

  /** Once the sessions on the disk can be read, they are there. */
  function storageChanged(opened: Client, storage: Parameters<typeof act.storageChanged>[0]) {
    const before = store.getState().storage?.phase;
    act.storageChanged(storage);
    if (storage.phase === 'ready' && before !== 'ready') readLibrary(opened).catch(told);
  }

  async function readLibrary(opened: Client) {
    const list = await opened.call('sessions.list', {});
    act.libraryRead(list);
    const { drafts: typed, sessionId } = store.getState();
    if (sessionId === null && typed[unsent] === undefined && list.draft !== '') act.draftChanged(list.draft);
  }

  /** Answered by the engine process: late while it starts, never while it cannot run, which the status then says. */
  function learnMachine(opened: Client) {
    const known = (info: AppInfo) => {
      act.machineKnown(info);
      if (info.host === 'electron') commands.chooseTheme(store.getState().theme);
    };
    opened.call('app.info', {}).then(known, (error) => {
      if (rpc === opened && store.getState().engine.phase === 'ready') told(error);
    });
  }

  function lost(error: AppErrorValue) {
    act.connectionLost(error);
    clearTimeout(waiting);
    waiting = setTimeout(connect, pause(failures++));
  }

  /** The session that was open before the reload, the restart or the break, as core knows it. */
  async function resume(opened: Client) {
    const id = store.getState().sessionId ?? memory.getItem(sessionKey);
    if (id === null) return;
    try {
      const session = await opened.call('sessions.get', { session: id });
      act.sessionOpened(session);
      act.sessionRead(session);
      // Its reply was cut off with the old connection and comes to its end within a token.
      if (session.writing) setTimeout(() => rpc === opened && resume(opened).catch(told), 100);
    } catch (error) {
      const { code } = toErrorValue(error);
      if (code === 'session-not-found') act.sessionGone(id);
      // Where sessions cannot be read now, storage says why; the id is kept for when they can.
      else if (!['busy', 'disk-full'].includes(code)) throw error;
    }
  }

  const library = sessionsCommands(link);
  const commands: Commands = {
    ...chatCommands(link),
    ...library,
    ...documentsCommands(link),
    ...compareCommands(link),
    ...modelsCommands(link),
    newChat(ephemeral) {
      act.pageShown('chat');
      library.newChat(ephemeral);
    },
    openSession(session, turn) {
      act.pageShown('chat');
      library.openSession(session, turn);
    },
    reconnect() {
      failures = 0;
      act.connecting();
      void connect();
    },
    startEngine() {
      if (rpc) loadAgain(rpc).catch(told);
    },
    openLink(url) {
      if (store.getState().info?.host !== 'electron') openTab(url);
      else rpc?.call('shell.openExternal', { url }).catch(told);
    },
    chooseTheme(theme) {
      act.themeChosen(theme);
      if (store.getState().info?.host === 'electron') rpc?.call('shell.theme', { theme }).catch(told);
    },
  };

  async function loadAgain(opened: Client) {
    const models = await opened.call('models.list', {});
    const model = models.find((entry) => entry.id === store.getState().model?.id) ?? models[0];
    if (!model) throw noModel;
    await opened.call('models.load', { id: model.id });
  }

  void connect();
  return commands;
}
