import type { Anchored, DocumentEntry, Summary, SummaryStyle } from '../../electron/shared/contract.ts';
import { summaryMarkdown } from '../../electron/shared/documents-markdown.ts';
import { saveFile } from '../app/save.ts';
import { CopyButton } from '../chat/CopyButton.tsx';
import { Button } from '../ui/Button.tsx';
import { Disclosure } from '../ui/Disclosure.tsx';
import { Notice } from '../ui/Notice.tsx';
import { count } from '../ui/units.ts';
import { Anchors } from './Anchors.tsx';
import styles from './Summary.module.css';
import { provenance } from './words.ts';

/** A finished summary: what the model wrote, apart from what stands in the document; where all of it came from. */
export function SummaryResult({ document, summary }: { document: DocumentEntry; summary: Summary }) {
  const { sentences, keySentences, notes, warnings, style } = summary;
  const markdown = () => summaryMarkdown(document, summary);
  return (
    <>
      {warnings.length > 0 && (
        <Notice tone="caution" message="Not all went well." hint={warnings.join(' ')} />
      )}
      {sentences.length === 0 && <p className={styles.quiet}>The model wrote no summary of use.</p>}
      {sentences.length > 0 && (
        <Modelled
          caption="Written by the model, may be wrong"
          document={document.id}
          style={style}
          sentences={sentences}
        />
      )}
      {keySentences.length > 0 && (
        <section className={styles.standing} aria-label="Sentences of the document">
          <h3>
            Sentences of the document <small>Stands in the document</small>
          </h3>
          <ul>
            {keySentences.map(({ text, pages }) => (
              <li key={text}>
                <span dir="auto">{text}</span> <Anchors document={document.id} pages={pages} words={text} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Notes document={document.id} notes={notes} />
      <footer className={styles.foot}>
        <p className={styles.quiet}>{provenance(summary)}</p>
        <div className={styles.buttons}>
          <Button icon="download" onClick={() => saveFile(`${fileName(document.title)}.md`, [markdown()])}>
            Export as Markdown
          </Button>
          <CopyButton label="Copy as Markdown" text={markdown} tip="above-left" />
        </div>
      </footer>
    </>
  );
}

/** A name that every file system takes. */
const fileName = (title: string) =>
  `Summary of ${title}`
    .replace(/[\p{Cc}/\\:*?"<>|]+/gu, ' ')
    .trim()
    .slice(0, 100);

/** Sentences of the model, each with the pages it came from. */
export function Modelled({
  caption,
  document,
  style,
  sentences,
}: {
  caption: string;
  document: string;
  style: SummaryStyle;
  sentences: readonly Anchored[];
}) {
  const flowing = style !== 'key-points' && style !== 'by-section';
  const all = sentences.map(({ text, pages }, i) => {
    const said = (
      <>
        <span dir="auto">{text}</span> <Anchors document={document} pages={pages} />
      </>
    );
    // biome-ignore lint/suspicious/noArrayIndexKey: a model may say the same twice
    return flowing ? <span key={i}>{said} </span> : <li key={i}>{said}</li>;
  });
  return (
    <section className={styles.modelled} aria-label="Summary by the model">
      <h3>
        Summary <small>{caption}</small>
      </h3>
      {flowing ? <p>{all}</p> : <ul>{all}</ul>}
    </section>
  );
}

/** What was noted of each part, in the order of the document. */
export function Notes({
  document,
  notes,
  open = false,
}: {
  document: string;
  notes: readonly Anchored[];
  open?: boolean;
}) {
  if (notes.length === 0) return null;
  const list = (
    <ul className={styles.notes}>
      {notes.map(({ text, pages }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: notes are only ever added at the end
        <li key={i}>
          <Anchors document={document} pages={pages} /> <span dir="auto">{text}</span>
        </li>
      ))}
    </ul>
  );
  if (open) {
    return (
      <section aria-label="Notes">
        <h3 className={styles.small}>Notes so far</h3>
        {list}
      </section>
    );
  }
  return (
    <Disclosure
      summary={
        notes.length === 1 ? 'The note it was made from' : `The ${count(notes.length)} notes it was made from`
      }
    >
      {list}
    </Disclosure>
  );
}
