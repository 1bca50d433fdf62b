import type { RefObject } from 'react';
import { Notices } from '../app/Notices.tsx';
import { Announcer } from './Announcer.tsx';
import styles from './ChatPage.module.css';
import { Composer } from './Composer.tsx';
import { Transcript } from './Transcript.tsx';

/** One conversation: what was said above, what to say below. */
export function ChatPage({ field }: { field: RefObject<HTMLTextAreaElement | null> }) {
  return (
    <main className={styles.page}>
      <h2 className="visually-hidden">Chat</h2>
      <Transcript />
      <Notices />
      <Composer field={field} />
      <Announcer />
    </main>
  );
}
