import { type FormEvent, type KeyboardEvent, useState } from 'react';
import type { DocumentEntry } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { unready, useStore } from '../store.ts';
import { Button, IconButton } from '../ui/Button.tsx';
import { count } from '../ui/units.ts';
import styles from './Ask.module.css';
import { library } from './answers-state.ts';
import { pages, pagesRead } from './words.ts';

type Scope = 'this' | 'chosen' | 'library';

interface AskBoxProps {
  readonly document: DocumentEntry | null;
  /** On an earlier question. */
  readonly follows: boolean;
  readonly busy: boolean;
}

/** Where a question is written, and of what it is asked. */
export function AskBox({ document, follows, busy }: AskBoxProps) {
  const { ask, stopAnswer } = useCommands();
  const clear = useStore((state) => state.threadCleared);
  const notReady = useStore(unready);
  const [question, setQuestion] = useState('');
  const [scope, setScope] = useState<Scope>(document ? 'this' : 'library');
  const [chosen, setChosen] = useState<readonly string[]>(document ? [document.id] : []);
  const thread = document?.id ?? library;
  const cannot =
    notReady ??
    (scope === 'chosen' && chosen.length === 0 ? 'Choose a document.' : null) ??
    (scope === 'this' && document?.reading.chunksRead === 0 ? 'It can be asked once it is read.' : null);
  const ready = cannot === null && !busy && question.trim() !== '';

  function submit() {
    if (!ready) return;
    const of = { this: document && [document.id], chosen, library: null }[scope];
    ask(thread, question.trim(), of);
    setQuestion('');
  }
  function submitted(event: FormEvent) {
    event.preventDefault();
    submit();
  }
  function pressed(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing || event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    submit();
  }
  return (
    <form className={styles.form} onSubmit={submitted}>
      {scope === 'chosen' && <Chosen chosen={chosen} onChange={setChosen} />}
      <div className={styles.box}>
        <textarea
          className={styles.field}
          rows={1}
          dir="auto"
          value={question}
          placeholder={follows ? 'Ask on' : 'Ask a question'}
          aria-label="Question"
          maxLength={2000}
          onChange={(event) => setQuestion(event.target.value)}
          onKeyDown={pressed}
        />
        {busy ? (
          <IconButton
            icon="stop"
            label="Stop"
            look="accent"
            tip="above-left"
            onClick={() => stopAnswer(thread)}
          />
        ) : (
          <IconButton
            icon="send"
            type="submit"
            label="Ask"
            keys="Enter"
            look="accent"
            tip="above-left"
            aria-disabled={!ready}
          />
        )}
      </div>
      <div className={styles.under}>
        <select
          aria-label="Asked of"
          value={scope}
          onChange={(event) => setScope(event.target.value as Scope)}
        >
          {document && <option value="this">This document</option>}
          <option value="chosen">Chosen documents</option>
          <option value="library">All documents</option>
        </select>
        <span className={styles.quiet}>{cannot ?? (scope === 'this' && document && unreadOf(document))}</span>
        {follows && !busy && <Button onClick={() => clear(thread)}>Begin anew</Button>}
      </div>
    </form>
  );
}

/** What a question cannot reach yet. */
const unreadOf = (document: DocumentEntry) =>
  document.reading.phase !== 'read' &&
  `Only what is read answers: ${count(pagesRead(document))} of ${pages(document.pages)}.`;

function Chosen({
  chosen,
  onChange,
}: {
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}) {
  const documents = useStore((state) => state.documents?.documents);
  return (
    <fieldset className={styles.chosen}>
      <legend className="visually-hidden">Documents to ask</legend>
      {documents?.map(({ id, title }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={chosen.includes(id)}
            onChange={({ target }) =>
              onChange(target.checked ? [...chosen, id] : chosen.filter((one) => one !== id))
            }
          />
          <span dir="auto">{title}</span>
        </label>
      ))}
    </fieldset>
  );
}
