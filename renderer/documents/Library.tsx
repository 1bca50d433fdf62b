import { useEffect, useRef } from 'react';
import type { DocumentEntry } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { Notices } from '../app/Notices.tsx';
import { BudgetField } from '../settings/BudgetField.tsx';
import { useStore } from '../store.ts';
import { Button } from '../ui/Button.tsx';
import { Disclosure } from '../ui/Disclosure.tsx';
import { Notice } from '../ui/Notice.tsx';
import { bytes } from '../ui/units.ts';
import { AddButton, Additions } from './Additions.tsx';
import { Ask } from './Ask.tsx';
import styles from './Documents.module.css';
import { HowFar } from './HowFar.tsx';
import { RecallMeter } from './RecallMeter.tsx';
import { factsOf, readingOf, shareRead } from './words.ts';

/** All documents; what all of them can be asked; what the model's memory is worth; what it takes on the disk. */
export function Library() {
  const documents = useStore((state) => state.documents?.documents ?? null);
  const error = useStore((state) => state.documentsError);
  const adding = useStore((state) => state.additions.length > 0);
  return (
    <div className={styles.scroll}>
      <div className={styles.column}>
        <header className={styles.head}>
          <h2>Documents</h2>
          {documents !== null && documents.length > 0 && <AddButton />}
        </header>
        <Notices />
        <Additions />
        {error && <Failed />}
        {documents === null && !error && (
          <p className={styles.quiet} role="status">
            Looking what is there…
          </p>
        )}
        {documents?.length === 0 && !adding && <Empty />}
        {documents !== null && documents.length > 0 && (
          <>
            <List documents={documents} />
            <section className={styles.section} aria-labelledby="ask-all">
              <h3 id="ask-all">Ask all documents</h3>
              <Ask document={null} />
            </section>
          </>
        )}
        {documents !== null && (
          <>
            <RecallMeter />
            <HowFar />
            <Space />
          </>
        )}
      </div>
    </div>
  );
}

function List({ documents }: { documents: readonly DocumentEntry[] }) {
  const { openDocument } = useCommands();
  const last = useRef(lastOpen);
  const list = useRef<HTMLUListElement>(null);
  // Back from a document, the focus is where it was.
  useEffect(() => {
    if (last.current === null || document.activeElement !== document.body) return;
    list.current?.querySelector<HTMLElement>(`[data-document="${CSS.escape(last.current)}"]`)?.focus();
  }, []);
  return (
    <ul ref={list} className={styles.list}>
      {documents.map((one) => (
        <li key={one.id}>
          <button
            type="button"
            className={styles.row}
            data-document={one.id}
            onClick={() => {
              lastOpen = one.id;
              openDocument(one.id);
            }}
          >
            <Row document={one} />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Which document the list was last left for. */
let lastOpen: string | null = null;

function Row({ document }: { document: DocumentEntry }) {
  const { reading } = document;
  const failed = reading.phase === 'failed';
  return (
    <>
      <span className={styles.title}>
        <bdi>{document.title}</bdi>
      </span>
      <span className={styles.facts}>{factsOf(document)}</span>
      <span className={styles.state} data-failed={failed}>
        {failed ? (reading.error?.message ?? 'The reading failed') : readingOf(document)}
      </span>
      <span className={styles.bar} data-phase={reading.phase} aria-hidden="true">
        <span style={{ transform: `scaleX(${shareRead(reading)})` }} />
      </span>
    </>
  );
}

function Empty() {
  return (
    <div className={styles.empty}>
      <h3>Nothing here yet</h3>
      <p>
        Drop files here: PDF, Word, EPUB, web pages, Markdown or text, of any length. Llamba reads each once,
        page by page, and can then summarize it and answer questions about it. They stay on this computer.
      </p>
      <AddButton />
    </div>
  );
}

function Failed() {
  const error = useStore((state) => state.documentsError);
  const { readDocuments } = useCommands();
  if (!error) return null;
  return (
    <Notice
      tone="danger"
      message={`The documents could not be listed. ${error.message}`}
      hint={error.hint}
      action={
        <Button icon="retry" onClick={readDocuments}>
          Try again
        </Button>
      }
    />
  );
}

/** What the states take, and what they may. */
function Space() {
  const { setStateBudget } = useCommands();
  const documents = useStore((state) => state.documents);
  if (!documents || documents.documents.length === 0) return null;
  const used = documents.documents.reduce((sum, { stateBytes }) => sum + stateBytes, 0);
  return (
    <div className={styles.quiet}>
      <Disclosure
        summary={`What was read takes ${bytes(used)} of ${bytes(documents.budgetBytes)} on the disk.`}
      >
        <div className={styles.budget}>
          <BudgetField
            label="It may take"
            about="Above it, what was asked longest ago goes first. The text stays; to ask it again it is read again."
            bytes={documents.budgetBytes}
            onChange={setStateBudget}
          />
        </div>
      </Disclosure>
    </div>
  );
}
