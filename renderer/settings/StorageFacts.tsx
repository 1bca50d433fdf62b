import type { Storage } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { Notice } from '../ui/Notice.tsx';
import { bytes, count } from '../ui/units.ts';
import { BudgetField } from './BudgetField.tsx';
import styles from './Settings.module.css';

/** Where chats are kept and what their states take; what was found damaged, with where it lies now. */
export function StorageFacts({ storage }: { storage: Storage }) {
  const { setBudget } = useCommands();
  return (
    <div className={styles.settings}>
      {storage.error && <Notice tone="caution" message={storage.error.message} hint={storage.error.hint} />}
      {storage.damaged.map(({ path, error }) => (
        <Notice
          key={path}
          tone="danger"
          message={error.message}
          hint={`Set aside as ${path}. ${error.hint}`}
        />
      ))}
      <p>
        {count(storage.checkpointCount)} states of chats, {bytes(storage.checkpointBytes)}
        {storage.freeBytes !== null && `; ${bytes(storage.freeBytes)} free on the disk`}.
      </p>
      <BudgetField
        label="States may take"
        about="Above it the least needed go. They cost time to have again, never words."
        bytes={storage.checkpointBudgetBytes}
        onChange={setBudget}
      />
    </div>
  );
}
