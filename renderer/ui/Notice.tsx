import type { ReactNode } from 'react';
import { IconButton } from './Button.tsx';
import { Icon } from './Icon.tsx';
import styles from './Notice.module.css';

interface NoticeProps {
  tone: 'info' | 'caution' | 'danger';
  /** What happened. */
  message: string;
  /** What to do next. */
  hint?: string;
  action?: ReactNode;
  onDismiss?: () => void;
}

/** Something the user must know: what happened, what to do next, and the button that does it. */
export function Notice({ tone, message, hint, action, onDismiss }: NoticeProps) {
  return (
    <div className={`${styles.notice} ${styles[tone]}`} role={tone === 'info' ? 'status' : 'alert'}>
      <Icon name={tone === 'info' ? 'info' : 'warning'} />
      <div className={styles.words}>
        <p className={styles.message}>{message}</p>
        {hint && <p className={styles.hint}>{hint}</p>}
      </div>
      {action}
      {onDismiss && <IconButton icon="close" label="Dismiss" size="small" tip="above" onClick={onDismiss} />}
    </div>
  );
}
