import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import styles from './Sidebar.module.css';

const key = 'llamba.sidebar-width';
const [least, standard, most] = [200, 260, 420];
const step = 20;
const within = (width: number) => Math.min(most, Math.max(least, width));

/** How wide the sidebar is, in px, over restarts; and its edge, to be drawn or moved by arrow keys. */
export function useWidth() {
  const [width, setWidth] = useState(() => within(Number(localStorage.getItem(key)) || standard));

  function take(wanted: number) {
    setWidth(within(wanted));
    localStorage.setItem(key, String(within(wanted)));
  }
  function pressed(event: KeyboardEvent) {
    const by = { ArrowLeft: -step, ArrowRight: step }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    take(width + by);
  }
  function drawn(event: PointerEvent<HTMLElement>) {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) take(event.clientX);
  }
  const handle = (
    // biome-ignore lint/a11y/useSemanticElements: a rule does not move
    <div
      role="separator"
      tabIndex={0}
      className={styles.edge}
      aria-orientation="vertical"
      aria-label="Width of the library"
      aria-valuenow={width}
      aria-valuemin={least}
      aria-valuemax={most}
      onKeyDown={pressed}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drawn}
    />
  );
  return { width, handle };
}
