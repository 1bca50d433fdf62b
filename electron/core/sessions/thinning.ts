/**
 * Which checkpoints to drop when there are more than the budget holds. Pure. A dropped one costs time, not data: its
 * state is read again from the nearest one before.
 */
import type { CheckpointPlace } from './rows.ts';

/** Turns at the end of the active branch whose checkpoints are kept closest. */
const recent = 8;

/** What a checkpoint is to a session, from the first to go to the last. */
const claims = {
  /** Further back on the active branch there is one for each doubling of the distance; these are the others. */
  surplus: 0,
  otherBranch: 1,
  spaced: 2,
  recent: 3,
};

/** Compared number by number; the smallest goes first. */
type Claim = readonly number[];

/**
 * Files to drop so that the others take at most `budgetBytes`: the fewest, lowest claim first. Those of pinned sessions
 * go last, before them those where branches part; then it counts what a checkpoint is to its session, when that
 * session was last used, and how near to its end it is. A file that several sessions share has its highest claim.
 */
export function thin(places: readonly CheckpointPlace[], budgetBytes: number): string[] {
  const files = filesOf(places);
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const dropped: string[] = [];
  for (const file of files) {
    if (bytes <= budgetBytes) break;
    bytes -= file.bytes;
    dropped.push(file.name);
  }
  return dropped;
}

/** Lowest claim first. */
function filesOf(places: readonly CheckpointPlace[]): { name: string; bytes: number; claim: Claim }[] {
  const usedAt = latest(
    places,
    ({ session }) => session,
    ({ usedAt }) => usedAt,
  );
  const furthest = latest(places.filter(isOld), slotOf, ({ distance }) => distance ?? 0);
  const files = new Map<string, { name: string; bytes: number; claim: Claim }>();
  for (const place of places) {
    const claim: Claim = [
      Number(place.pinned),
      Number(place.branches),
      claimOf(place, furthest),
      usedAt.get(place.session) ?? 0,
      place.distance === null ? place.usedAt : -place.distance,
    ];
    const known = files.get(place.file);
    if (!known) files.set(place.file, { name: place.file, bytes: place.bytes, claim });
    else if (compare(known.claim, claim) < 0) known.claim = claim;
  }
  return [...files.values()].sort((a, b) => compare(a.claim, b.claim) || (a.name < b.name ? -1 : 1));
}

const isOld = ({ distance }: CheckpointPlace): boolean => distance !== null && distance >= recent;

function claimOf(place: CheckpointPlace, furthest: ReadonlyMap<string, number>): number {
  if (place.distance === null) return claims.otherBranch;
  if (!isOld(place)) return claims.recent;
  // The furthest: turns move away as the session grows, and one must be there to move into the next slot.
  return furthest.get(slotOf(place)) === place.distance ? claims.spaced : claims.surplus;
}

/** Distances in [2^k, 2^(k+1)) share a slot, for each session and model. */
const slotOf = ({ session, model, distance }: CheckpointPlace): string =>
  JSON.stringify([session, model, Math.clz32(distance ?? 0)]);

function latest<T>(
  items: readonly T[],
  key: (item: T) => string,
  value: (item: T) => number,
): Map<string, number> {
  const found = new Map<string, number>();
  for (const item of items) {
    const so = found.get(key(item));
    found.set(key(item), so === undefined ? value(item) : Math.max(so, value(item)));
  }
  return found;
}

function compare(a: Claim, b: Claim): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
