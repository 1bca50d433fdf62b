import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';

/** Distance from the end, in px, within which the reader counts as following. */
const near = 48;

/**
 * Keeps the end of a growing column in view while the reader is there, and leaves the page alone once they scroll up.
 * `following` is false while they read further up; `follow` goes back to the end, `leave` stays where the page goes next.
 */
export function useAutoScroll(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
) {
  const [following, setFollowing] = useState(true);
  const pinned = useRef(true);

  const follow = useCallback(() => {
    pinned.current = true;
    setFollowing(true);
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  }, [scroller]);

  const leave = useCallback(() => {
    pinned.current = false;
    setFollowing(false);
  }, []);

  useLayoutEffect(() => {
    const box = scroller.current;
    const column = content.current;
    if (!box || !column) return;
    // At the end before anything is drawn: what lies at the start need not be.
    box.scrollTop = box.scrollHeight;
    let lastTop = box.scrollTop;
    const rest = () => box.scrollHeight - box.clientHeight - box.scrollTop;
    // Growth of the column moves nothing; only the reader lowers scrollTop, and only away from the end does that count.
    function scrolled() {
      if (!box) return;
      const up = box.scrollTop < lastTop;
      lastTop = box.scrollTop;
      if (rest() <= near) pinned.current = true;
      else if (up) pinned.current = false;
      setFollowing(pinned.current);
    }
    const grown = new ResizeObserver(() => {
      if (pinned.current) box.scrollTop = box.scrollHeight;
    });
    box.addEventListener('scroll', scrolled, { passive: true });
    grown.observe(column);
    grown.observe(box);
    return () => {
      box.removeEventListener('scroll', scrolled);
      grown.disconnect();
    };
  }, [scroller, content]);

  return { following, follow, leave };
}
