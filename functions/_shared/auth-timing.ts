import process from "node:process";

/**
 * The beat of an answer, in milliseconds: the usual one, unless ANSWER_BEAT_MS names another. That is for tests, which ask
 * a thousand times what is to be answered and a few times when; a shorter beat tells whoever asks how long the work was.
 */
export function beatOf(usual: number): number {
  return Number(process.env.ANSWER_BEAT_MS) || usual;
}

/**
 * Waits until a multiple of `beat` milliseconds has passed since `started` (performance.now()). An answer that leaves on
 * the beat takes the same time whether its work was short or long.
 */
export function untilBeat(started: number, beat: number): Promise<void> {
  const passed = performance.now() - started;
  return new Promise((resolve) => setTimeout(resolve, Math.max(1, Math.ceil(passed / beat)) * beat - passed));
}

type EdgeRuntime = { waitUntil: (work: Promise<unknown>) => void };

/**
 * Lets work go on after the answer has left, so that nobody learns from the answer's time what it was. Its failure is
 * logged, without a word of what it was about.
 */
export function inBackground(work: Promise<unknown>): void {
  const settled = work.catch((error: unknown) => {
    console.error(`in the background: ${error instanceof Error ? error.name : "failed"}`);
  });
  // A hosted function is stopped once it has answered, unless it says that it is still at work.
  (globalThis as { EdgeRuntime?: EdgeRuntime }).EdgeRuntime?.waitUntil(settled);
}
