import { useId, useState } from 'react';
import type { AttachedText } from '../../electron/shared/attachments.ts';
import { Icon } from '../ui/Icon.tsx';
import { count } from '../ui/units.ts';
import styles from './Attachments.module.css';

/** What went with a message: a chip for each document, which unfolds the text that the model read. */
export function AttachedTexts({ documents }: { documents: readonly AttachedText[] }) {
  if (documents.length === 0) return null;
  return (
    <ul className={styles.sent} aria-label="Attached to this message">
      {documents.map((document, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a message never changes, and titles may be alike
        <Attached key={i} {...document} />
      ))}
    </ul>
  );
}

function Attached({ title, text }: AttachedText) {
  const [shown, setShown] = useState(false);
  const id = useId();
  return (
    <li>
      <button
        type="button"
        className={styles.chip}
        aria-expanded={shown}
        aria-controls={shown ? id : undefined}
        onClick={() => setShown(!shown)}
      >
        <Icon name="attach" size={14} />
        <span className={styles.title} dir="auto" title={title}>
          {title}
        </span>
        <span className={styles.size}>{count(text.length)} characters</span>
        <Icon name="chevron" size={12} />
      </button>
      {shown && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
        <section id={id} className={styles.text} aria-label={`Text of ${title}`} tabIndex={0} dir="auto">
          {text}
        </section>
      )}
    </li>
  );
}
