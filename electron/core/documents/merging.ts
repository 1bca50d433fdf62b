/** Many notes become few texts, level by level. Of a group that cannot be merged its surest text stands for all. */
import type { Anchored } from '../../shared/documents.ts';
import { inLanes } from './lanes.ts';
import { againstRepeats, noteTokens, usable, type Writing } from './notes.ts';
import { replyTo, together } from './replying.ts';
import { joined } from './sentences.ts';
import type { Requests } from './styles.ts';

/** A text with the pages that it came from, and how sure the model was of it. */
export interface Item extends Anchored {
  readonly uncertainty: number;
  /** Of what it was made, so many groups could not be merged. */
  readonly faults: number;
}

/** Texts that are merged into one. */
const merged = 4;

const countAfter = (count: number, most: number) => Math.max(most, Math.ceil(count / merged));

/** Texts to be written until `count` of them are `most`. */
export function stepsOf(count: number, most: number): number {
  let [left, steps] = [count, 0];
  while (left > most) {
    left = countAfter(left, most);
    steps += left;
  }
  return steps;
}

/** Until no more than `most` are left. */
export async function merge(
  writing: Writing,
  items: readonly Item[],
  most: number,
  requests: Requests,
  onStep: () => void,
): Promise<readonly Item[]> {
  let left = items;
  while (left.length > most) {
    left = await rewrite(writing, groupsOf(left, countAfter(left.length, most)), requests, onStep);
  }
  return left;
}

/** One text of each group. */
export function rewrite(
  { ready, reader, signal }: Writing,
  groups: readonly (readonly Item[])[],
  requests: Requests,
  onStep: () => void,
): Promise<Item[]> {
  return inLanes(groups, together, async (group) => {
    const text = group.map((item) => item.text).join('\n\n');
    const attempt = (request: string, repetitionPenalty: number) => ({
      request,
      reply: () =>
        replyTo(text, reader, {
          ready,
          signal,
          ids: reader.ask(request),
          maxTokens: noteTokens,
          repetitionPenalty,
        }),
    });
    const { fault, ...said } = await usable(text, [
      attempt(requests[0], 1),
      attempt(requests[1], againstRepeats),
    ]);
    onStep();
    const faults = group.reduce((sum, item) => sum + item.faults, 0);
    if (fault === null) return { ...said, faults, pages: joined(group.flatMap(({ pages }) => pages)) };
    const surest = group.reduce((best, item) => (item.uncertainty < best.uncertainty ? item : best));
    return { ...surest, faults: faults + 1 };
  });
}

/** As many groups of neighbours, of sizes that differ by one at most. */
export function groupsOf<T>(items: readonly T[], count: number): T[][] {
  return Array.from({ length: count }, (_, i) =>
    items.slice(Math.floor((i * items.length) / count), Math.floor(((i + 1) * items.length) / count)),
  );
}
