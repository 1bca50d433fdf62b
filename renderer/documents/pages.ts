/** The pages of a document as they are needed: in blocks, kept as long as it is open. */
import { useCallback, useRef, useState } from 'react';
import type { DocumentEntry, DocumentPage } from '../../electron/shared/contract.ts';
import { useCommands } from '../app/commands.ts';
import type { Outcome } from '../app/link.ts';

/** Pages asked for at once; core gives 50 at most. */
const block = 20;
const blockOf = (page: number) => Math.floor((page - 1) / block);

export interface Pages {
  /** undefined: not asked for, or on its way. */
  page(page: number): Outcome<DocumentPage | undefined> | undefined;
  /** Has it fetched, once. */
  want(page: number): void;
  /** After a failure. */
  again(page: number): void;
}

export function usePages({ id, pages }: DocumentEntry): Pages {
  const { readPages } = useCommands();
  const [blocks, setBlocks] = useState<ReadonlyMap<number, Outcome<readonly DocumentPage[]>>>(new Map());
  const asked = useRef(new Set<number>());
  const want = useCallback(
    (page: number) => {
      const at = blockOf(page);
      if (asked.current.has(at)) return;
      asked.current.add(at);
      const first = at * block + 1;
      void readPages(id, first, Math.min(pages, first + block - 1)).then((outcome) =>
        setBlocks((known) => new Map([...known, [at, outcome]])),
      );
    },
    [readPages, id, pages],
  );
  const again = useCallback(
    (page: number) => {
      asked.current.delete(blockOf(page));
      want(page);
    },
    [want],
  );
  const page = useCallback(
    (n: number) => {
      const outcome = blocks.get(blockOf(n));
      if (!outcome?.ok) return outcome;
      return { ok: true as const, value: outcome.value.find((one) => one.page === n) };
    },
    [blocks],
  );
  return { page, want, again };
}
