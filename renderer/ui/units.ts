/** Numbers as people read them. Every result carries its unit; null is what has not been measured yet. */
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** A number with no unit of its own, for the middle of a sentence that names it. */
export const count = (n: number) => whole.format(n);

/** Bytes as KiB, MiB or GiB with three figures at most. */
export function bytes(n: number): string {
  if (n === 0) return '0 MiB';
  const [unit, name] = n >= GiB ? [GiB, 'GiB'] : n >= MiB ? [MiB, 'MiB'] : [KiB, 'KiB'];
  const value = n / unit;
  return `${(value >= 100 ? whole : tenth).format(value)} ${name}`;
}

/** Milliseconds as ms below a second, as s above. */
export const duration = (ms: number) =>
  ms < 1000 ? `${whole.format(ms)} ms` : `${tenth.format(ms / 1000)} s`;

/** Tokens a second without their unit, for where it stands above them. */
export const rateFigure = (tokensPerSecond: number) =>
  (tokensPerSecond >= 100 ? whole : tenth).format(tokensPerSecond);

export const rate = (tokensPerSecond: number) => `${rateFigure(tokensPerSecond)} tokens/s`;

export const tokens = (n: number) => `${whole.format(n)} ${n === 1 ? 'token' : 'tokens'}`;

/** Parameters of a model: 158 M, 1.1 B. */
export const parameters = (n: number) =>
  n >= 1e9 ? `${tenth.format(n / 1e9)} B parameters` : `${whole.format(n / 1e6)} M parameters`;
