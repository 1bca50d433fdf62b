import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../ui/Button.tsx';
import type { IconName } from '../ui/Icon.tsx';
import styles from './Models.module.css';

interface ConfirmProps {
  readonly label: string;
  /** What tells it from others of the same label, for who listens. */
  readonly of?: string;
  readonly icon?: IconName;
  /** What will be lost. */
  readonly question: ReactNode;
  /** What the second press does, in a verb. */
  readonly verb: string;
  readonly onConfirm: () => void;
}

/** A button for what cannot be undone: the first press asks, in place, and the safe answer has the focus. */
export function Confirm({ label, of, icon, question, verb, onConfirm }: ConfirmProps) {
  const [asking, setAsking] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  useEffect(() => {
    if (asking) keep.current?.focus();
    else if (asked.current) opener.current?.focus();
    asked.current = asking;
  }, [asking]);
  if (!asking) {
    return (
      <Button ref={opener} {...(icon && { icon })} onClick={() => setAsking(true)}>
        {label}
        {of && <span className="visually-hidden"> {of}</span>}
      </Button>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be drawn as one
    <div
      role="group"
      aria-label={label}
      className={styles.confirm}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        setAsking(false);
      }}
    >
      <p role="status">{question}</p>
      <Button ref={keep} onClick={() => setAsking(false)}>
        Keep
      </Button>
      <Button
        onClick={() => {
          setAsking(false);
          onConfirm();
        }}
      >
        {verb}
      </Button>
    </div>
  );
}
