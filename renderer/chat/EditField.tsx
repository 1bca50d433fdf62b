import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import styles from './EditField.module.css';

interface EditFieldProps {
  readonly label: string;
  readonly text: string;
  /** What pressing the button does. */
  readonly done: string;
  /** Why that cannot be done now; null: it can. */
  readonly cannot: string | null;
  readonly onDone: (text: string) => void;
  readonly onCancel: () => void;
}

/** A turn's text where it stands, to be changed. Enter with the modifier is done, Esc leaves it as it was. */
export function EditField({ label, text, done, cannot, onDone, onCancel }: EditFieldProps) {
  const [edited, setEdited] = useState(text);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const area = field.current;
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
  }, []);
  const ready = cannot === null && edited.trim() !== '';

  function pressed(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      onCancel();
    } else if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      if (ready) onDone(edited.trim());
    }
  }

  return (
    <form
      className={styles.edit}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) onDone(edited.trim());
      }}
    >
      <textarea
        ref={field}
        className={styles.field}
        aria-label={label}
        dir="auto"
        value={edited}
        onChange={(event) => setEdited(event.target.value)}
        onKeyDown={pressed}
      />
      <div className={styles.buttons}>
        <p>{cannot ?? 'The version before stays: it is a branch.'}</p>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" look="accent" aria-disabled={!ready}>
          {done}
        </Button>
      </div>
    </form>
  );
}
