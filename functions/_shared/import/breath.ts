import { setImmediate } from "node:timers/promises";

const turnMs = 10;

/**
 * For long work on bytes that are here already: lets the rest of the process have its turn, where this one has lasted some
 * milliseconds. Undefined where there is nothing to wait for.
 */
export function breather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < turnMs) return undefined;
    return setImmediate().then(() => {
      last = performance.now();
    });
  };
}
