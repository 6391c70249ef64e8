/**
 * How long an invocation has been at work: by the clock, less what it waited for. That is never less than its CPU, which a
 * hosted function counts and does not tell.
 */
export type BusyTime = {
  /** In milliseconds. */
  taken: () => number;
  /** Does not count what passes until it is there. */
  away: <Result>(awaited: Promise<Result>) => Promise<Result>;
};

/** Counts from now on. */
export function busyTime(now: () => number = () => performance.now()): BusyTime {
  const start = now();
  let waited = 0;
  return {
    taken: () => now() - start - waited,
    away: async (awaited) => {
      const since = now();
      try {
        return await awaited;
      } finally {
        waited += now() - since;
      }
    },
  };
}
