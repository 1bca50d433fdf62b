import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import styles from './EditField.module.css';

interface EditFieldProps {
  readonly label: string;
  /** The turn's id, by which its text so far is kept. */
  readonly turn: string;
  readonly text: string;
  /** What pressing the button does. */
  readonly done: string;
  /** Why that cannot be done now; null: it can. */
  readonly cannot: string | null;
  readonly onDone: (text: string) => void;
}

/**
 * A turn's text where it stands, to be changed. Enter with the modifier is done, Esc leaves it as it was. What was typed
 * is in the store: a turn that scrolls far away, or whose session is left, is not drawn.
 */
export function EditField({ label, turn, text, done, cannot, onDone }: EditFieldProps) {
  const editChanged = useStore((state) => state.editChanged);
  const field = useRef<HTMLTextAreaElement>(null);
  // The button that began the edit is gone with its focus; an edit that scrolls back into view takes none.
  useEffect(() => {
    const area = field.current;
    if (!area || document.activeElement !== document.body) return;
    area.focus({ preventScroll: true });
    area.setSelectionRange(area.value.length, area.value.length);
  }, []);
  const ready = cannot === null && text.trim() !== '';

  function finish() {
    if (!ready) return;
    editChanged(turn, null);
    onDone(text.trim());
  }

  function pressed(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      editChanged(turn, null);
    } else if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      finish();
    }
  }

  return (
    <form
      className={styles.edit}
      onSubmit={(event) => {
        event.preventDefault();
        finish();
      }}
    >
      <textarea
        ref={field}
        className={styles.field}
        aria-label={label}
        dir="auto"
        value={text}
        onChange={(event) => editChanged(turn, event.target.value)}
        onKeyDown={pressed}
      />
      <div className={styles.buttons}>
        <p>{cannot ?? 'The version before stays: it is a branch.'}</p>
        <Button onClick={() => editChanged(turn, null)}>Cancel</Button>
        <Button type="submit" look="accent" aria-disabled={!ready}>
          {done}
        </Button>
      </div>
    </form>
  );
}
