import process from "node:process";

/** Waits for what others do. */
export type Away = <Result>(awaited: Promise<Result>) => Promise<Result>;

/** How long an invocation has been at work. */
export type BusyTime = {
  /** In milliseconds, at least so much as the CPU that it has taken. */
  taken: () => number;
  /** Does not count what passes until it is there. */
  away: Away;
};

/**
 * Counts from now on. What a hosted function has taken it is not told: neither the clock, less what was waited for, nor the
 * CPU of the whole process, which may have other functions in it, is less; so the smaller of them is near enough.
 */
export function busyTime(
  now: () => number = () => performance.now(),
  processCpu: () => number = cpuOfProcess,
): BusyTime {
  const [start, startCpu] = [now(), processCpu()];
  let waited = 0;
  return {
    taken: () => {
      const byClock = now() - start - waited;
      const cpu = processCpu() - startCpu;
      // Where it is not counted it stays nothing.
      return cpu > 0 ? Math.min(byClock, cpu) : byClock;
    },
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

function cpuOfProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
