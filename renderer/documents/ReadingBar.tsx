import type { DocumentEntry } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { count } from '../ui/units.ts';
import { PageStrip } from './PageStrip.tsx';
import styles from './Reading.module.css';
import { readingOf, shareRead } from './words.ts';

interface ReadingBarProps {
  readonly document: DocumentEntry;
  /** The page under view. */
  readonly page: number;
}

/** How far the document has been read, page by page and in words, and what can be done about it. */
export function ReadingBar({ document, page }: ReadingBarProps) {
  const { showPlace, readDocument } = useCommands();
  const marked = useStore(({ place }) => (place?.marked ? place.pages : null));
  const { id, reading } = document;
  const words = readingOf(document);
  return (
    <section className={styles.reading} aria-label="Reading">
      <PageStrip
        document={document}
        page={page}
        marked={marked}
        onJump={(to) =>
          showPlace({ document: id, pages: { first: to, last: to }, words: null, marked: false })
        }
      />
      <div className={styles.line}>
        <div
          role="progressbar"
          aria-label={words}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(100 * shareRead(reading))}
          className={styles.words}
        >
          {words}
        </div>
        <Action document={document} />
        <span className={styles.view} aria-hidden="true">
          Page {count(page)} of {count(document.pages)}
        </span>
      </div>
      {reading.phase === 'failed' && (
        <Notice
          tone="danger"
          message={reading.error?.message ?? 'The reading failed.'}
          hint={reading.error?.hint ?? ''}
          action={
            <Button icon="retry" onClick={() => readDocument(id)}>
              Try again
            </Button>
          }
        />
      )}
    </section>
  );
}

function Action({ document: { id, reading } }: { document: DocumentEntry }) {
  const { readDocument, pauseDocument } = useCommands();
  if (reading.phase === 'waiting' || reading.phase === 'running')
    return <Button onClick={() => pauseDocument(id)}>Pause</Button>;
  if (reading.phase === 'unread' || reading.phase === 'paused') {
    return (
      <Button icon="play" onClick={() => readDocument(id)}>
        {reading.chunksRead > 0 ? 'Go on' : 'Read'}
      </Button>
    );
  }
  return null;
}
