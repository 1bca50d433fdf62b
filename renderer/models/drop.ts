/** Files dropped on the window while the Models page is shown. */
import { useEffect, useState } from 'react';

/**
 * Calls `onPath` with where the first dropped file or folder lies; null where the host does not tell, as a browser does
 * not. Gives whether something is being dragged over the page.
 */
export function useDrop(onPath: (path: string | null) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    function dragged(event: DragEvent) {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(true);
    }
    function left(event: DragEvent) {
      // Only out of the window: between two elements there is always a next one.
      if (event.relatedTarget === null) setOver(false);
    }
    function dropped(event: DragEvent) {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const [file] = event.dataTransfer?.files ?? [];
      // A chat is the window's own affair (app/App.tsx).
      if (file && !/\.(json|llamba)$/i.test(file.name)) onPath(window.llamba?.pathOf?.(file) || null);
    }
    document.addEventListener('dragover', dragged);
    document.addEventListener('dragleave', left);
    document.addEventListener('drop', dropped);
    return () => {
      document.removeEventListener('dragover', dragged);
      document.removeEventListener('dragleave', left);
      document.removeEventListener('drop', dropped);
    };
  }, [onPath]);
  return over;
}
