import { useEffect } from 'react';
import { Button } from '../ui/Button.tsx';
import { Notice } from '../ui/Notice.tsx';
import { count } from '../ui/units.ts';
import { type Headings, type Piece, piecesOf } from './find.ts';
import type { Pages } from './pages.ts';
import styles from './Text.module.css';

interface PageTextProps {
  readonly page: number;
  readonly pages: Pages;
  /** Something came from it. */
  readonly marked: boolean;
  /** To be marked in its text. */
  readonly words: string | null;
  /** Its text is Markdown. */
  readonly markdown: boolean;
}

/** One page with its number. */
export function PageText({ page, pages, marked, words, markdown }: PageTextProps) {
  const { want } = pages;
  useEffect(() => want(page), [want, page]);
  const known = pages.page(page);
  const label = known?.ok ? known.value?.label : undefined;
  return (
    <article className={styles.page} data-marked={marked} aria-label={`Page ${count(page)}`}>
      <p className={styles.number}>
        {label !== undefined && label !== String(page) && <bdi>{label}</bdi>} {count(page)}
      </p>
      {known === undefined && <div className={styles.coming} />}
      {known?.ok === false && (
        <Notice
          tone="danger"
          message={known.error.message}
          hint={known.error.hint}
          action={
            <Button icon="retry" onClick={() => pages.again(page)}>
              Try again
            </Button>
          }
        />
      )}
      {known?.ok && (
        <Words
          text={known.value?.text ?? ''}
          words={words}
          headings={{ label: label ?? '', marks: markdown }}
        />
      )}
    </article>
  );
}

function Words({ text, words, headings }: { text: string; words: string | null; headings: Headings }) {
  if (text.trim() === '') return <p className={styles.blank}>There is no text on this page.</p>;
  return (
    <div className={styles.text} dir="auto">
      {piecesOf(text, words, headings).map((piece, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text stay in their order
        <PieceView key={i} {...piece} />
      ))}
    </div>
  );
}

function PieceView({ text, heading, found }: Piece) {
  const shown = heading ? <strong>{text}</strong> : text;
  return found ? <mark data-found>{shown}</mark> : shown;
}
