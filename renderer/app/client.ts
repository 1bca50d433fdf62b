/**
 * Wires core to the store: what core says becomes a store action, what the user does becomes a call. The only file of
 * the interface that knows both.
 */
import type { AppInfo, ReplyItem, Session } from '../../electron/shared/contract.ts';
import { type AppErrorValue, toErrorValue } from '../../electron/shared/errors.ts';
import { type Client, client as rpcClient } from '../../electron/shared/rpc.ts';
import { blocked, type Store } from '../store.ts';
import type { Commands } from './commands.ts';
import { pause } from './reconnect.ts';
import type { PagePort } from './transport.ts';

interface ClientOptions {
  readonly store: Store;
  readonly openPort: () => Promise<PagePort>;
  /** Keeps the open chat's id over a reload of the page. */
  readonly memory: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** How a browser opens a link; in Electron the shell does. */
  readonly openTab: (url: string) => void;
}

const sessionKey = 'llamba.session';

const gone: AppErrorValue = {
  code: 'port-closed',
  message: 'The connection to Llamba was lost.',
  hint: 'It is being tried again. If it stays lost, see whether npm start is still running.',
};
const ended: AppErrorValue = {
  code: 'state-not-found',
  message: 'Llamba was started anew and no longer holds this conversation.',
  hint: 'It can still be read and copied. Your next message begins a new one.',
};
const noModel: AppErrorValue = {
  code: 'model-not-found',
  message: 'There is no model on this computer.',
  hint: 'Run npm run setup, which brings the embedded model.',
};

export function createClient({ store, openPort, memory, openTab }: ClientOptions): Commands {
  const act = store.getState();
  let rpc: Client | null = null;
  let failures = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  /** The reply under way; a new one or a new chat replaces it, and items of the old are then no longer ours. */
  let writing: AbortController | null = null;

  store.subscribe((state, before) => {
    if (state.sessionId === before.sessionId) return;
    if (state.sessionId === null) memory.removeItem(sessionKey);
    else memory.setItem(sessionKey, state.sessionId);
  });

  const told = (error: unknown) => act.failed(toErrorValue(error));

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
      await resume(opened);
      act.connected();
    } catch (error) {
      rpc = null;
      const refused = port?.refused();
      if (refused) act.connectionLost(toErrorValue(refused));
      else lost(toErrorValue(error));
    }
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

  /** The chat that was open before the reload or the break, as core knows it. */
  async function resume(opened: Client) {
    const id = store.getState().sessionId ?? memory.getItem(sessionKey);
    if (id === null) return;
    try {
      const session = await opened.call('sessions.get', { session: id });
      act.sessionOpened(session);
      // Its reply was cut off with the old connection and comes to its end within a token.
      if (session.writing) setTimeout(() => rpc === opened && resume(opened).catch(told), 100);
    } catch (error) {
      if (toErrorValue(error).code !== 'state-not-found') throw error;
      // Core keeps no such session: it was started anew. What is on the screen stays readable; it cannot go on.
      act.sessionGone();
      if (store.getState().turns.length > 0) act.failed(ended);
      else memory.removeItem(sessionKey);
    }
  }

  /** What `begin` is given: the connection, and whether its reply is still the one on the screen. */
  interface Writing {
    readonly opened: Client;
    readonly signal: AbortSignal;
    readonly current: () => boolean;
    readonly onItem: (item: ReplyItem) => void;
  }

  async function write(begin: (writing: Writing) => Promise<Session>) {
    if (!rpc) return act.replyFailed(gone);
    const mine = new AbortController();
    writing = mine;
    const current = () => writing === mine;
    try {
      const onItem = (item: ReplyItem) => current() && act.replyAdvanced(item);
      const session = await begin({ opened: rpc, signal: mine.signal, current, onItem });
      if (current()) act.replyEnded(session);
    } catch (error) {
      if (current()) act.replyFailed(toErrorValue(error));
    } finally {
      if (current()) writing = null;
    }
  }

  const commands: Commands = {
    send(text) {
      const state = store.getState();
      if (blocked(state) !== null || text.trim() === '') return;
      act.deathRead();
      act.replyStarted(text);
      void write(async ({ opened, signal, current, onItem }) => {
        const id = state.sessionId ?? (await begun(opened, state.system, current)).id;
        return opened.stream('sessions.send', { session: id, text }, onItem, signal);
      });
    },
    stop() {
      if (!writing || writing.signal.aborted) return;
      act.replyStopping();
      writing.abort();
    },
    retry() {
      const state = store.getState();
      const id = state.sessionId;
      if (blocked(state) !== null || id === null) return;
      act.deathRead();
      act.retryStarted();
      void write(({ opened, signal, onItem }) =>
        opened.stream('sessions.retry', { session: id }, onItem, signal),
      );
    },
    newChat() {
      const id = store.getState().sessionId;
      writing?.abort();
      writing = null;
      act.chatCleared();
      if (id !== null) rpc?.call('sessions.close', { session: id }).catch(told);
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

  /** A session for the chat on the screen, unless that has been left for a new one meanwhile. */
  async function begun(opened: Client, system: string | null, current: () => boolean): Promise<Session> {
    const session = await opened.call('sessions.create', { system });
    if (current()) act.sessionOpened(session);
    return session;
  }

  void connect();
  return commands;
}
