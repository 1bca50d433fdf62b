import type { PageRange } from '../../electron/shared/contract.ts';
import { pagesText } from '../../electron/shared/documents-markdown.ts';
import { useCommands } from '../app/commands.ts';
import styles from './Documents.module.css';

interface AnchorsProps {
  readonly document: string;
  readonly pages: readonly PageRange[];
  /** To be marked on those pages. */
  readonly words?: string;
}

/** The pages that something came from; pressing one shows it. */
export function Anchors({ document, pages, words }: AnchorsProps) {
  const { showPlace } = useCommands();
  return pages.map((range) => (
    <button
      key={range.first}
      type="button"
      className={styles.anchor}
      onClick={() => showPlace({ document, pages: range, words: words ?? null, marked: true })}
    >
      {pagesText(range)}
    </button>
  ));
}
