import { useEffect, useRef } from 'react';
import type { DocumentEntry } from '../../electron/shared/contract.ts';
import { useStore } from '../store.ts';
import { AnswerView } from './AnswerView.tsx';
import styles from './Ask.module.css';
import { AskBox } from './AskBox.tsx';
import { library, threadOf, underWay } from './answers-state.ts';

/** Questions and answers in a thread, and the box for the next; `document` null: of the library. */
export function Ask({ document }: { document: DocumentEntry | null }) {
  const thread = document?.id ?? library;
  const asked = useStore((state) => threadOf(state, thread));
  const recall = useStore((state) => state.recall);
  const last = useRef<HTMLLIElement>(null);
  const busy = underWay(asked.at(-1));
  const before = useRef(asked.length);
  useEffect(() => {
    if (asked.length > before.current) last.current?.scrollIntoView({ block: 'nearest' });
    before.current = asked.length;
  }, [asked.length]);
  return (
    <section className={styles.ask} aria-label="Questions">
      {asked.length > 0 && (
        <ol className={styles.thread}>
          {asked.map((one, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: questions are only ever added at the end
            <li key={i} ref={i === asked.length - 1 ? last : null}>
              <AnswerView asked={one} titled={document === null || one.documents?.length !== 1} />
            </li>
          ))}
        </ol>
      )}
      <div className={styles.next} data-next>
        {recall && <p className={styles.honest}>{recall.sentence}</p>}
        <AskBox key={thread} document={document} follows={asked.length > 0} busy={busy} />
      </div>
    </section>
  );
}
