/** A number of connections, shared fairly by who wants some. */

export interface Connections {
  /** Resolves to the way to give it back. Throws the signal's reason. */
  take(who: object, signal: AbortSignal): Promise<() => void>;
}

/** A free connection goes to whoever holds the fewest, among equals to who has waited longest. */
export function createConnections(total: number): Connections {
  const held = new Map<object, number>();
  const waiting: { who: object; go: () => void }[] = [];
  let free = total;

  const count = (who: object, change: number) => {
    const now = (held.get(who) ?? 0) + change;
    if (now === 0) held.delete(who);
    else held.set(who, now);
    free -= change;
  };

  function serve() {
    while (free > 0 && waiting.length > 0) {
      const fewest = Math.min(...waiting.map(({ who }) => held.get(who) ?? 0));
      const [next] = waiting.splice(
        waiting.findIndex(({ who }) => (held.get(who) ?? 0) === fewest),
        1,
      );
      if (!next) return;
      count(next.who, 1);
      next.go();
    }
  }

  return {
    take: (who, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const leave = () => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(signal.reason);
        };
        const entry = {
          who,
          go: () => {
            signal.removeEventListener('abort', leave);
            let back = false;
            resolve(() => {
              if (back) return;
              back = true;
              count(who, -1);
              serve();
            });
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.push(entry);
        serve();
      }),
  };
}
