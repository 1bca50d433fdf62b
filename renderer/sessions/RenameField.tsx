import { useEffect, useRef, useState } from 'react';
import styles from './Sidebar.module.css';

interface RenameFieldProps {
  readonly label: string;
  readonly name: string;
  /** null: left as it was. */
  readonly onDone: (name: string | null) => void;
}

/** A name changed where it stands. Enter and leaving take it, Esc does not. */
export function RenameField({ label, name, onDone }: RenameFieldProps) {
  const [text, setText] = useState(name);
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useEffect(() => field.current?.select(), []);
  function end(take: boolean) {
    if (done.current) return;
    done.current = true;
    const trimmed = text.trim();
    onDone(take && trimmed !== '' && trimmed !== name ? trimmed : null);
  }
  return (
    <input
      ref={field}
      className={styles.rename}
      aria-label={label}
      maxLength={200}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => end(true)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        event.stopPropagation();
        if (event.key === 'Enter') end(true);
        if (event.key === 'Escape') end(false);
      }}
    />
  );
}
