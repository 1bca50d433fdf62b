import type { ReactNode } from 'react';
import styles from './Disclosure.module.css';
import { Icon } from './Icon.tsx';

/** Something of use to a few, folded away; the platform's own details element, so keys and find in page work. */
export function Disclosure({ summary, children }: { summary: ReactNode; children: ReactNode }) {
  return (
    <details className={styles.disclosure}>
      <summary>
        <Icon name="chevron" size={12} />
        {summary}
      </summary>
      <div className={styles.content}>{children}</div>
    </details>
  );
}
