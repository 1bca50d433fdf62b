/** The commands of the library: sessions opened, named, moved, deleted, found; folders, presets, storage. */
import type { Commands } from '../app/commands.ts';
import { calling, type Link } from '../app/link.ts';
import { exportFile, importFile } from './files.ts';

type SessionsCommands = Pick<
  Commands,
  | 'newChat'
  | 'openSession'
  | 'changeSession'
  | 'duplicateSession'
  | 'deleteSession'
  | 'undo'
  | 'exportSession'
  | 'importFiles'
  | 'search'
  | 'saveFolder'
  | 'removeFolder'
  | 'savePreset'
  | 'removePreset'
  | 'setBudget'
>;

/** So long a deletion can be taken back from where it was told. */
const undoMs = 10_000;
/** Typing pauses this long before it is searched for. */
const searchMs = 120;

export function sessionsCommands(link: Link): SessionsCommands {
  const { store } = link;
  const act = store.getState();
  let passing: ReturnType<typeof setTimeout> | undefined;
  let searching: ReturnType<typeof setTimeout> | undefined;

  store.subscribe(({ undo }, before) => {
    if (undo === before.undo) return;
    clearTimeout(passing);
    if (undo) passing = setTimeout(act.undoPassed, undoMs);
  });

  /** `turn`: on whose branch it is to be opened. */
  function show(id: string, turn: string | null = null) {
    void calling(link, async (rpc) => {
      const open = await rpc.call('sessions.get', { session: id });
      const there = turn === null || open.turns.some((shown) => shown.id === turn);
      act.sessionOpened(there ? open : await rpc.call('turns.select', { session: id, turn }), turn);
    });
  }

  return {
    newChat: (ephemeral = false) => act.chatBegun(ephemeral),
    openSession: show,
    changeSession: (session, change) =>
      void calling(link, (rpc) => rpc.call('sessions.change', { session, change })).then(
        (changed) => changed && act.sessionRead(changed),
      ),
    duplicateSession: (session) =>
      void calling(link, (rpc) => rpc.call('sessions.duplicate', { session })).then(
        (copy) => copy && act.sessionOpened(copy),
      ),
    deleteSession(session) {
      const { sessions, sessionId } = store.getState();
      const summary = sessions?.find(({ id }) => id === session);
      void calling(link, async (rpc) => {
        await rpc.call('sessions.delete', { session });
        if (sessionId === session) act.chatBegun(false);
        if (summary && !summary.ephemeral) {
          act.deleted({ session, turn: null, label: `“${summary.title || 'Untitled'}” deleted` });
        }
      });
    },
    undo() {
      const { undo } = store.getState();
      if (!undo) return;
      act.undoPassed();
      const { session, turn } = undo;
      void calling(link, async (rpc) => {
        if (turn === null) act.sessionOpened(await rpc.call('sessions.restore', { session }));
        else act.sessionRead(await rpc.call('turns.restore', { session, turn }));
      });
    },
    exportSession: (session, format) => void calling(link, (rpc) => exportFile(rpc, session, format)),
    importFiles(files) {
      void calling(link, async (rpc) => {
        for (const file of files) act.sessionOpened(await importFile(rpc, file));
      });
    },
    search(query) {
      act.searched(query);
      clearTimeout(searching);
      if (query.trim() === '') return;
      searching = setTimeout(() => {
        void calling(link, (rpc) => rpc.call('sessions.search', { query })).then(
          (hits) => hits && act.found(query, hits),
        );
      }, searchMs);
    },
    async saveFolder(id, name) {
      const folder = await calling(link, (rpc) => rpc.call('folders.save', { id, name }));
      if (folder) act.folderSaved(folder);
      return folder?.id ?? null;
    },
    removeFolder: (id) =>
      void calling(link, (rpc) => rpc.call('folders.remove', { id })).then(
        (done) => done && act.folderRemoved(id),
      ),
    savePreset: (preset) =>
      void calling(link, (rpc) => rpc.call('presets.save', preset)).then(
        (done) => done && act.presetSaved(preset),
      ),
    removePreset: (name) =>
      void calling(link, (rpc) => rpc.call('presets.remove', { name })).then(
        (done) => done && act.presetRemoved(name),
      ),
    setBudget: (bytes) =>
      void calling(link, (rpc) => rpc.call('storage.budget', { bytes })).then(
        (storage) => storage && act.storageChanged(storage),
      ),
  };
}
