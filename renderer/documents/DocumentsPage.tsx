import { useEffect } from 'react';
import { useCommands } from '../app/commands.ts';
import { useStore } from '../store.ts';
import styles from './Documents.module.css';
import { DocumentView } from './DocumentView.tsx';
import { Library } from './Library.tsx';

/** The library of documents, or the one that is open. */
export function DocumentsPage() {
  const { readDocuments, readRecall } = useCommands();
  const open = useStore(({ documents, openDocument }) =>
    documents?.documents.find(({ id }) => id === openDocument),
  );
  const connected = useStore(({ connection }) => connection.phase === 'open');
  const model = useStore((state) => state.model?.id ?? null);
  useEffect(() => {
    if (connected) readDocuments();
  }, [connected, readDocuments]);
  useEffect(() => {
    if (connected && model !== null) readRecall();
  }, [connected, model, readRecall]);
  return (
    <main className={styles.page}>{open ? <DocumentView key={open.id} document={open} /> : <Library />}</main>
  );
}
