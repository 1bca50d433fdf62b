import { useCommands } from '../app/commands.ts';
import { written } from '../app/keys.ts';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import styles from './UndoToast.module.css';

/** For some seconds after a deletion: what went, and the way back. */
export function UndoToast() {
  const { undo } = useCommands();
  const deleted = useStore((state) => state.undo);
  return (
    <div role="status" className={styles.place}>
      {deleted && (
        <div className={styles.toast}>
          <span className={styles.label}>{deleted.label}</span>
          <Button onClick={undo}>
            Undo <kbd>{written('Z')}</kbd>
          </Button>
        </div>
      )}
    </div>
  );
}
