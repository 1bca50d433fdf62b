import type { KeyboardEvent, PointerEvent } from 'react';
import type { DocumentEntry, PageRange } from '../../electron/shared/contract.ts';
import { count } from '../ui/units.ts';
import styles from './Reading.module.css';

interface PageStripProps {
  readonly document: DocumentEntry;
  /** The page under view. */
  readonly page: number;
  /** Marked in the text. */
  readonly marked: PageRange | null;
  readonly onJump: (page: number) => void;
}

/** Up to here single pages can be told from each other. */
const fewPages = 80;

/** All pages in one bar: those read, those marked, the one under view. Arrow keys and the pointer go through it. */
export function PageStrip({ document, page, marked, onJump }: PageStripProps) {
  const { pages, reading } = document;
  const jump = (to: number) => onJump(Math.min(pages, Math.max(1, to)));
  function pressed(event: KeyboardEvent) {
    const to = {
      ...{ ArrowLeft: page - 1, ArrowDown: page - 1, ArrowRight: page + 1, ArrowUp: page + 1 },
      ...{ PageUp: page - 10, PageDown: page + 10, Home: 1, End: pages },
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    jump(to);
  }
  function pointed(event: PointerEvent<HTMLElement>) {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    jump(1 + Math.floor((pages * (event.clientX - left)) / width));
  }
  const at = ({ first, last }: PageRange) => ({
    left: `${(100 * (first - 1)) / pages}%`,
    width: `${(100 * (last - first + 1)) / pages}%`,
  });
  const read = reading.pagesRead.some(({ first, last }) => page >= first && page <= last);
  return (
    <div
      role="slider"
      tabIndex={0}
      className={styles.strip}
      aria-label="Page"
      aria-valuemin={1}
      aria-valuemax={pages}
      aria-valuenow={page}
      aria-valuetext={`Page ${count(page)} of ${count(pages)}, ${read ? 'read' : 'not read'}`}
      onKeyDown={pressed}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        pointed(event);
      }}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && pointed(event)}
    >
      <div className={styles.pages}>
        {reading.pagesRead.map((range) => (
          <span key={range.first} className={styles.read} style={at(range)} />
        ))}
        {marked && <span className={styles.marked} style={at(marked)} />}
        {pages > 1 && pages <= fewPages && (
          <span className={styles.borders} style={{ backgroundSize: `${100 / pages}% 100%` }} />
        )}
      </div>
      <span className={styles.here} style={at({ first: page, last: page })} />
    </div>
  );
}
