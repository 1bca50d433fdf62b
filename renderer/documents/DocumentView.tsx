import { useEffect, useRef, useState } from 'react';
import type { DocumentEntry } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import { Notices } from '../app/Notices.tsx';
import { Confirm } from '../models/Confirm.tsx';
import { useStore } from '../store.ts';
import { IconButton } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { Segments } from '../ui/Segments.tsx';
import { Additions } from './Additions.tsx';
import { Ask } from './Ask.tsx';
import styles from './DocumentView.module.css';
import { ReadingBar } from './ReadingBar.tsx';
import { SummaryPane } from './SummaryPane.tsx';
import { TextPane } from './TextPane.tsx';
import { useWide } from './wide.ts';
import { factsOf } from './words.ts';

type Side = 'summary' | 'ask';

const sides: readonly (readonly [Side, string])[] = [
  ['summary', 'Summary'],
  ['ask', 'Ask'],
];
const views = [...sides, ['text', 'Text']] as const;

/** An open document: how far it is read, what was made of it, and beside that its own text. */
export function DocumentView({ document }: { document: DocumentEntry }) {
  const place = useStore((state) => state.place);
  const box = useRef<HTMLDivElement>(null);
  const wide = useWide(box);
  const [side, setSide] = useState<Side>('summary');
  // Where there is room for one pane only.
  const [text, setText] = useState(false);
  const [page, setPage] = useState(1);
  useEffect(() => setText(place !== null), [place]);
  return (
    <div ref={box} className={styles.view}>
      <Head document={document} />
      <div className={styles.notices}>
        <Notices />
        <Additions />
        {document.notes.map((note) => (
          <Notice key={note} tone="info" message={note} />
        ))}
      </div>
      <ReadingBar document={document} page={page} />
      <div className={styles.panes} data-wide={wide}>
        <div className={styles.side}>
          <div className={styles.tabs}>
            {wide ? (
              <Segments label="Beside the text" options={sides} value={side} onChange={setSide} />
            ) : (
              <Segments
                label="View"
                options={views}
                value={text ? 'text' : side}
                onChange={(chosen) => {
                  setText(chosen === 'text');
                  if (chosen !== 'text') setSide(chosen);
                }}
              />
            )}
          </div>
          {(wide || !text) && (
            <div className={styles.made}>
              {side === 'summary' ? (
                <SummaryPane document={document} />
              ) : (
                <div className={styles.asking}>
                  <Ask document={document} />
                </div>
              )}
            </div>
          )}
        </div>
        {(wide || text) && <TextPane document={document} from={page} onView={setPage} />}
      </div>
    </div>
  );
}

function Head({ document }: { document: DocumentEntry }) {
  const { openDocument, removeDocument } = useCommands();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <header className={styles.head}>
      <IconButton icon="back" label="All documents" tip="below-right" onClick={() => openDocument(null)} />
      <div className={styles.title}>
        <h2 ref={title} tabIndex={-1}>
          <bdi>{document.title}</bdi>
        </h2>
        <p>{factsOf(document)}</p>
      </div>
      <Confirm
        label="Remove"
        icon="trash"
        question="What was read and written of it goes. The file itself stays where it is."
        verb="Remove"
        onConfirm={() => removeDocument(document.id)}
      />
    </header>
  );
}
