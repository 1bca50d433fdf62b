/** The calls on what lies around sessions: folders, presets, the draft of a session to be, storage. */
import { randomUUID } from 'node:crypto';
import type { Contract } from '../../shared/contract.ts';
import type { Handlers } from '../../shared/rpc.ts';
import type { Desk } from './desk.ts';

type Calls = Pick<
  Handlers<Contract>,
  | 'folders.save'
  | 'folders.remove'
  | 'presets.save'
  | 'presets.remove'
  | 'drafts.save'
  | 'storage.get'
  | 'storage.budget'
>;

export function libraryCalls({ storage, keeping, changed }: Desk): Calls {
  const store = () => storage.main().store;

  return {
    'folders.save': async ({ id, name }) => {
      const folder = { id: id ?? randomUUID(), name };
      store().putFolder(folder);
      return folder;
    },
    'folders.remove': async ({ id }) => {
      const inside = store()
        .sessions()
        .filter(({ folder }) => folder === id);
      store().removeFolder(id);
      for (const session of inside) changed(session.id);
      return {};
    },
    'presets.save': async (preset) => {
      store().putPreset(preset);
      return {};
    },
    'presets.remove': async ({ name }) => {
      store().removePreset(name);
      return {};
    },
    'drafts.save': async ({ text }) => {
      store().putSetting('draft', text);
      return {};
    },
    'storage.get': async () => storage.get(),
    'storage.budget': async ({ bytes }) => {
      storage.setBudget(bytes);
      keeping.thin();
      return storage.get();
    },
  };
}
