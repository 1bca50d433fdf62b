/** Random numbers that come again with their seed (mulberry32, public domain, Tommy Ettinger). */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number, both ends possible. */
  between(from: number, to: number): number;
  pick<T>(from: readonly T[]): T;
}

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    between,
    pick<T>(from: readonly T[]): T {
      if (from.length === 0) throw new Error('there is nothing to pick from');
      return from[between(0, from.length - 1)] as T;
    },
  };
}

const words =
  'sun rain the a of tree river stone why how tell me about old new light and but night wind 日本 🦙 Ä ﬁ'.split(
    ' ',
  );

export const someWords = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.pick(words)).join(' ');
