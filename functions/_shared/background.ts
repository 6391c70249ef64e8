type Background = { EdgeRuntime?: { waitUntil: (work: Promise<unknown>) => void } };

/** A hosted function is ended after its answer, unless it is told that work goes on. */
export function inBackground(work: Promise<unknown>): void {
  (globalThis as Background).EdgeRuntime?.waitUntil(work);
}
