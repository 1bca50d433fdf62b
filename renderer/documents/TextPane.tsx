import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import type { DocumentEntry } from '../../electron/shared/contract.ts';
import { useStore } from '../store.ts';
import type { Place } from './documents-state.ts';
import { locate } from './find.ts';
import { PageText } from './PageText.tsx';
import { type Pages, usePages } from './pages.ts';
import styles from './Text.module.css';

/** In px, of a page that has not been drawn yet. */
const pageHeight = 700;
/** Where in the pane the page under view, and what was looked for, stands: a little below its upper edge. */
const eye = 0.25;

interface TextPaneProps {
  readonly document: DocumentEntry;
  /** Where the reader was when it was last shown. */
  readonly from: number;
  /** Told of the page under view. */
  readonly onView: (page: number) => void;
}

/** The document's own words, page after page. Only what is near is drawn and fetched. */
export function TextPane({ document, from, onView }: TextPaneProps) {
  const place = useStore((state) => state.place);
  const scroller = useRef<HTMLElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const pages = usePages(document);
  const { page: pageOf, want } = pages;
  const numbers = useMemo(() => Array.from({ length: document.pages }, (_, i) => i + 1), [document.pages]);
  const found = useMemo(() => (place ? foundOn(place, pageOf) : null), [place, pageOf]);
  const led = useLed(scroller, list, place, found, onView);

  // biome-ignore lint/correctness/useExhaustiveDependencies: only where it begins
  useLayoutEffect(() => {
    if (!place) list.current?.scrollToIndex(from - 1);
  }, []);
  useEffect(() => {
    if (!place?.words) return;
    for (let page = place.pages.first; page <= place.pages.last; page += 1) want(page);
  }, [place, want]);

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
    <section ref={scroller} className={styles.pane} tabIndex={0} aria-label="Text" {...led.given}>
      <Virtualizer
        ref={list}
        scrollRef={scroller}
        itemSize={pageHeight}
        data={numbers}
        keepMounted={found === null ? [] : [found - 1]}
        onScroll={(offset) => {
          const at = list.current?.findItemIndex(offset + eye * (scroller.current?.clientHeight ?? 0));
          if (at !== undefined && !led.now()) onView(at + 1);
        }}
      >
        {(page) => (
          <PageText
            key={page}
            page={page}
            pages={pages}
            marked={place?.marked === true && page >= place.pages.first && page <= place.pages.last}
            words={page === found ? (place?.words ?? null) : null}
            markdown={document.kind === 'markdown'}
          />
        )}
      </Virtualizer>
    </section>
  );
}

/** The first of its pages on which a place's words stand. */
function foundOn({ pages: { first, last }, words }: Place, pageOf: Pages['page']): number | null {
  if (words === null) return null;
  for (let n = first; n <= last; n += 1) {
    const page = pageOf(n);
    if (page?.ok && page.value && locate(page.value.text, words)) return n;
  }
  return null;
}

/**
 * Leads to a place, and once its words are found to them. Until the reader moves by themselves, the page they were led to
 * is the one under view, even where the text ends too early for it to come up.
 */
function useLed(
  scroller: RefObject<HTMLElement | null>,
  list: RefObject<VirtualizerHandle | null>,
  place: Place | null,
  found: number | null,
  onView: (page: number) => void,
) {
  const led = useRef(false);
  useLayoutEffect(() => {
    if (!place) return;
    const page = found ?? place.pages.first;
    led.current = true;
    onView(page);
    const mark = scroller.current?.querySelector('[data-found]');
    const top = mark?.closest('article')?.getBoundingClientRect().top ?? 0;
    const below = mark ? mark.getBoundingClientRect().top - top : 0;
    const lead = below === 0 ? 0 : below - eye * (scroller.current?.clientHeight ?? 0);
    list.current?.scrollToIndex(page - 1, { align: 'start', offset: Math.max(0, lead) });
  }, [place, found, onView, scroller, list]);
  const own = () => {
    led.current = false;
  };
  const given = { onWheel: own, onTouchMove: own, onPointerDown: own, onKeyDown: own };
  return { now: () => led.current, given };
}
