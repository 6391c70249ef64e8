import { afterEach, expect, test, vi } from "vitest";
import { beatOf, untilBeat } from "../../functions/_shared/auth-timing.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

// Work that took so long, and when its answer leaves, in milliseconds after the question.
test.each([
  [0, 250],
  [1, 250],
  [249, 250],
  [251, 500],
  [740, 750],
])("an answer whose work took %i ms leaves on the beat, after %i ms", async (work, leaves) => {
  vi.useFakeTimers();
  const started = performance.now();
  vi.advanceTimersByTime(work);
  const answered = untilBeat(started, 250).then(() => performance.now() - started);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await answered).toBe(leaves);
});

test("a beat is the usual one unless a setting names another", () => {
  expect(beatOf(800)).toBe(800);
  vi.stubEnv("ANSWER_BEAT_MS", "20");
  expect(beatOf(800)).toBe(20);
});
