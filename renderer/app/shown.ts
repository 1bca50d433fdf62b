import { useCallback, useState } from 'react';

/** Wide enough for the parts to stand beside the conversation (as in their style sheets). */
export const roomBeside = () => matchMedia('(min-width: 60rem)').matches;

/** Whether a part of the window is shown; kept over restarts where there is room for it, else shut at first. */
export function useShown(part: 'library' | 'panel') {
  const key = `llamba.${part}-shown`;
  const [shown, setShown] = useState(() => roomBeside() && localStorage.getItem(key) !== 'no');
  const change = useCallback(
    (to: boolean | ((before: boolean) => boolean)) =>
      setShown((before) => {
        const after = typeof to === 'function' ? to(before) : to;
        if (roomBeside()) localStorage.setItem(key, after ? 'yes' : 'no');
        return after;
      }),
    [key],
  );
  return [shown, change] as const;
}
