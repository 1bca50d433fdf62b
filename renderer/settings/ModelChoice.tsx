import type { Session } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import styles from './Settings.module.css';

/** By which model the chat is gone on with, where there are several on this computer. */
export function ModelChoice({ session }: { session: Session }) {
  const { changeSession } = useCommands();
  const entries = useStore((state) => state.entries);
  const loaded = useStore((state) => state.model?.id);
  const chosen = session.model ?? loaded ?? '';
  const here = entries.some(({ id }) => id === chosen);
  if (here && entries.length < 2) return null;
  return (
    <label className={styles.field}>
      <span className={styles.choice}>
        <span>Model</span>
        <select value={chosen} onChange={(event) => changeSession(session.id, { model: event.target.value })}>
          {!here && <option value={chosen}>{chosen}, not on this computer</option>}
          {entries.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </span>
      <small>Another one reads the chat once; what this one remembers of it stays.</small>
    </label>
  );
}
