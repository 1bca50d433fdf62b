import { type FormEvent, useState } from 'react';
import {
  type DocumentEntry,
  type SummaryRequest,
  summaryLengths,
  summaryStyles,
} from '../../electron/shared/documents.ts';
import { useCommands } from '../app/commands.ts';
import { unready, useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Disclosure } from '../ui/Disclosure.tsx';
import styles from './Summary.module.css';
import { lengths, styles as names } from './words.ts';

const usual: SummaryRequest = {
  ...{ style: 'key-points', length: 'medium', focus: '', careful: false, language: '' },
};

/** What is wanted of a summary, and the button that begins it. */
export function SummaryForm({ document }: { document: DocumentEntry }) {
  const { summarize } = useCommands();
  const cannot = useStore(unready);
  const [request, setRequest] = useState(usual);
  const change = (part: Partial<SummaryRequest>) => setRequest((now) => ({ ...now, ...part }));
  function submitted(event: FormEvent) {
    event.preventDefault();
    if (cannot !== null) return;
    const { focus, language } = request;
    summarize(document.id, { ...request, focus: focus.trim(), language: language.trim() });
  }
  return (
    <form className={styles.form} onSubmit={submitted}>
      <div className={styles.main}>
        <select
          aria-label="Style"
          value={request.style}
          onChange={({ target }) => change({ style: target.value as SummaryRequest['style'] })}
        >
          {summaryStyles.map((style) => (
            <option key={style} value={style}>
              {names[style]}
            </option>
          ))}
        </select>
        <select
          aria-label="Length"
          value={request.length}
          onChange={({ target }) => change({ length: target.value as SummaryRequest['length'] })}
        >
          {summaryLengths.map((length) => (
            <option key={length} value={length}>
              {lengths[length]}
            </option>
          ))}
        </select>
        <Button type="submit" look="accent" aria-disabled={cannot !== null}>
          {document.reading.phase === 'read' ? 'Summarize' : 'Read and summarize'}
        </Button>
      </div>
      {cannot !== null && <p className={styles.quiet}>{cannot}</p>}
      <Disclosure summary="Focus, language, care">
        <div className={styles.more}>
          <label>
            What it should be about
            <input
              type="text"
              dir="auto"
              value={request.focus}
              placeholder="The whole document"
              maxLength={500}
              onChange={({ target }) => change({ focus: target.value })}
            />
          </label>
          <label>
            Language
            <input
              type="text"
              value={request.language}
              placeholder="The document's own"
              maxLength={60}
              onChange={({ target }) => change({ language: target.value })}
            />
          </label>
          <label className={styles.check}>
            <input
              type="checkbox"
              checked={request.careful}
              onChange={({ target }) => change({ careful: target.checked })}
            />
            Careful: read each part twice, in twice the time
          </label>
        </div>
      </Disclosure>
    </form>
  );
}
