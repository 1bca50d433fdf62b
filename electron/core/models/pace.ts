/** How fast bytes come, and how long the rest takes. Pure. */

export interface Pace {
  /** `bytes` came until `now` (ms). */
  add(bytes: number, now: number): void;
  /** Bytes a second; null until it can be told. */
  rate(now: number): number | null;
}

/** A moving average whose memory fades with a time constant of `fadeMs`. */
export function createPace(begun: number, fadeMs = 5000): Pace {
  // Both fade alike, so their ratio is right from the first second on.
  let [bytes, ms, at] = [0, 0, begun];
  const fade = (now: number) => {
    const passed = Math.max(0, now - at);
    const factor = Math.exp(-passed / fadeMs);
    bytes *= factor;
    ms = ms * factor + fadeMs * (1 - factor);
    at += passed;
  };
  return {
    add(more, now) {
      fade(now);
      bytes += more;
    },
    rate(now) {
      fade(now);
      return ms < 500 ? null : (bytes / ms) * 1000;
    },
  };
}

export const secondsLeft = (bytes: number, rate: number | null): number | null =>
  rate === null || rate < 1 ? null : Math.ceil(bytes / rate);
