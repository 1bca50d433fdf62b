/** What the curves of a comparison mean: where they cross, how near the machine's limit they are, in plain words. Pure. */
import type { ComparedModel, ContextPoint, Measured, Provenance } from './compare.ts';

export interface Crossing {
  /** Tokens, between two measured points. */
  readonly context: number;
  /** What has the higher value from there on. */
  readonly higherAfter: 'first' | 'second';
}

/** A value at a context, and within which bounds it came out. */
export interface Reading {
  readonly context: number;
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

export const speedReadings = ({ contexts }: Measured): Reading[] =>
  contexts.map(({ context, decode: { median, least, most } }) => ({ context, value: median, least, most }));

/** Of the memory in use between two tokens: weights and state or cache. */
export const memoryReadings = ({ contexts }: Measured): Reading[] =>
  contexts.map(({ context, memory: { activeBytes } }) => ({
    ...{ context, value: activeBytes, least: activeBytes, most: activeBytes },
  }));

/** Where the two lines cross between contexts that both have; where their bounds overlap neither is the higher. */
export function crossingsOf(first: readonly Reading[], second: readonly Reading[]): Crossing[] {
  const shared = sharedContexts(first, second);
  const crossings: Crossing[] = [];
  let from = 0;
  for (const [to, point] of shared.entries()) {
    if (point.sign === 0) continue;
    const before = shared[from] as Shared;
    if (before.sign !== 0 && before.sign !== point.sign) {
      const context = whereZero(shared.slice(from, to + 1));
      crossings.push({ context, higherAfter: point.sign > 0 ? 'first' : 'second' });
    }
    from = to;
  }
  return crossings;
}

interface Shared {
  readonly context: number;
  readonly difference: number;
  /** 1: the first is higher, beyond doubt; 0: nobody can say. */
  readonly sign: -1 | 0 | 1;
}

function sharedContexts(first: readonly Reading[], second: readonly Reading[]): Shared[] {
  return first.flatMap((a) => {
    const b = second.find(({ context }) => context === a.context);
    if (!b) return [];
    const sign = a.least > b.most ? 1 : b.least > a.most ? -1 : 0;
    return [{ context: a.context, difference: a.value - b.value, sign } as const];
  });
}

/** On straight lines between the points, of which the last differs from the first in sign. */
function whereZero(points: readonly Shared[]): number {
  const last = points.at(-1) as Shared;
  const index = points.findIndex(({ difference }) => difference * last.difference > 0);
  const [a, b] = [points[index - 1] as Shared, points[index] as Shared];
  return a.context + ((b.context - a.context) * a.difference) / (a.difference - b.difference);
}

/** Which of two readings' values is better. */
export interface Quantity {
  readonly better: 'higher' | 'lower';
  /** `Llamba ${wins}`. */
  readonly wins: string;
}

export const speed: Quantity = { better: 'higher', wins: 'is faster' };
export const memory: Quantity = { better: 'lower', wins: 'uses less memory' };

interface Named {
  readonly name: string;
  readonly readings: readonly Reading[];
}

/** "Above 2,900 tokens Llamba uses less memory; below, Llama does."; without a crossing, that and who is better. */
export function crossingWords(first: Named, second: Named, { better, wins }: Quantity): string {
  const shared = sharedContexts(first.readings, second.readings);
  const [begin, end] = [shared[0], shared.at(-1)];
  if (!begin || !end) return 'There is no context at which both were measured.';
  const nameOf = (higher: 'first' | 'second') =>
    (higher === 'first') === (better === 'higher') ? first.name : second.name;
  const crossings = crossingsOf(first.readings, second.readings);
  const known = shared.find(({ sign }) => sign !== 0);
  const range =
    begin === end
      ? `At ${count(begin.context)} tokens`
      : `From ${count(begin.context)} to ${count(end.context)} tokens`;
  if (!known) return `${range} nobody ${wins}: the differences are smaller than the spread.`;
  const atFirst = nameOf(known.sign > 0 ? 'first' : 'second');
  if (crossings.length === 0) return uncrossedWords(shared, range, `${atFirst} ${wins}`);
  const [only, ...more] = crossings as [Crossing, ...Crossing[]];
  if (more.length === 0) {
    const after = nameOf(only.higherAfter);
    return `Above ${rounded(only.context)} tokens ${after} ${wins}; below, ${atFirst} ${wins.startsWith('is') ? 'is' : 'does'}.`;
  }
  const turns = crossings.map(
    ({ context, higherAfter }) => `from ${rounded(context)} tokens on ${nameOf(higherAfter)}`,
  );
  return `At first ${atFirst} ${wins}, ${turns.join(', ')}.`;
}

/** Of one that wins wherever anybody does: at all contexts, at most of them, or at some. */
function uncrossedWords(shared: readonly Shared[], range: string, wins: string): string {
  const undecided = shared.filter(({ sign }) => sign === 0);
  const decided = shared.filter(({ sign }) => sign !== 0);
  const at = (points: readonly Shared[]) =>
    `at ${points.map(({ context }) => count(context)).join(', at ')} tokens`;
  if (undecided.length === 0) return `${range} ${wins} throughout.`;
  return undecided.length < decided.length
    ? `${range} ${wins}, except ${at(undecided)}, where the difference is smaller than the spread.`
    : `A${at(decided).slice(1)} ${wins}; at other lengths the difference is smaller than the spread.`;
}

const count = (tokens: number) => tokens.toLocaleString('en');
/** To two digits: more would be more than was measured. */
export const rounded = (tokens: number) => count(Number(tokens.toPrecision(2)));

/** Bytes that go through memory for one token after `context`: weights; a state, read and written; a cache, read. */
export const bytesPerToken = (model: ComparedModel, context: number): number =>
  model.readBytes +
  (model.architecture === 'llamba' ? 2 * model.stateBytes : model.stateBytesPerToken * context);

/** Tokens a second where memory is the only limit. */
export const predictedRate = (model: ComparedModel, context: number, bandwidth: number): number =>
  bandwidth / bytesPerToken(model, context);

/** Of the machine's memory speed, what decoding at `point` made use of; 1 is all. null: that speed was not measured. */
export const shareReached = (
  model: ComparedModel,
  { context, decode }: Pick<ContextPoint, 'context' | 'decode'>,
  { bandwidth }: Provenance,
): number | null => (bandwidth === null ? null : decode.median / predictedRate(model, context, bandwidth));

/** "82 % of this machine's memory speed"; what stays in the processor's caches can be faster than that. */
export const shareWords = (share: number): string =>
  share > 1
    ? "more than this machine's memory speed, by its caches"
    : `${(100 * share).toFixed(0)} % of this machine's memory speed`;

/** "Llamba-135M writes 12 % faster at 4,096 tokens", against another run of it; null where no context is in both. */
export function changeWords(now: Measured, before: Measured): string | null {
  const last = sharedContexts(speedReadings(now), speedReadings(before)).at(-1);
  const then = before.contexts.find(({ context }) => context === last?.context)?.decode.median;
  if (!last || !then) return null;
  const percent = Math.round((100 * Math.abs(last.difference)) / then);
  const change =
    last.sign === 0 || percent === 0 ? 'as fast' : `${percent} % ${last.sign > 0 ? 'faster' : 'slower'}`;
  return `${now.model.name} writes ${change} at ${count(last.context)} tokens`;
}

/** Of the warmest state in a run: while a machine is too warm nothing is measured. */
export const thermalWords = (thermal: string): string =>
  thermal === 'serious' || thermal === 'critical' ? `${thermal} at times, which were waited for` : thermal;

/** Two sentences: how each changes with the context, and where which of them is the better choice. */
export function curvesInWords(first: Measured, second: Measured): readonly [string, string] {
  const change = (of: Measured) => {
    const [begin, end] = [of.contexts[0], of.contexts.at(-1)];
    if (!begin || !end || begin === end) return `${of.model.name} was measured at one length only`;
    const more = end.memory.activeBytes - begin.memory.activeBytes;
    return `${of.model.name} has ${keptWords(begin, end)} and ${more >= 2 ** 19 ? `${sizeWords(more)} more` : 'no more'} memory in use`;
  };
  const last = Math.min(...[first, second].map(({ contexts }) => contexts.at(-1)?.context ?? 0));
  const named = (of: Measured, readings: Reading[]) => ({ name: of.model.name, readings });
  const part = (readings: (of: Measured) => Reading[], quantity: Quantity) =>
    crossingWords(named(first, readings(first)), named(second, readings(second)), quantity).slice(0, -1);
  return [
    `After ${count(last)} tokens ${change(first)}; ${change(second)}.`,
    `${part(speedReadings, speed)}; ${lowered(part(memoryReadings, memory))}.`,
  ];
}

/** Slower beyond doubt, or at its full speed still. */
const keptWords = (begin: ContextPoint, end: ContextPoint): string =>
  end.decode.most >= begin.decode.least
    ? 'all of its speed'
    : `${Math.min(99, Math.round((100 * end.decode.median) / begin.decode.median))} % of its speed`;

const lowered = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);
const sizeWords = (bytes: number) =>
  bytes < 2 ** 30 ? `${(bytes / 2 ** 20).toFixed(0)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
