import { type RefObject, useLayoutEffect, useState } from 'react';

/** In px, from where two columns of text stand beside each other in comfort. */
const enough = 680;

/** Whether there is room in a box for two panes: its own width counts, not the window's. */
export function useWide(box: RefObject<HTMLElement | null>): boolean {
  const [wide, setWide] = useState(true);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setWide(element.clientWidth >= enough);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return wide;
}
