import { afterAll, vi } from "vitest";

type Work = () => Promise<void>;

const ofEachFile: Work[] = [];
const ofThisFile: Work[] = [];

/** Has something done whenever a test file has ended, what was said last first. For modules that several files share. */
export function atEndOfFiles(work: Work): void {
  ofEachFile.unshift(work);
}

/** Has something done when this test file has ended, also where it is said in a hook: there `afterAll` is not heard. */
export function atEndOfThisFile(work: Work): void {
  ofThisFile.unshift(work);
}

/** Called once for each test file. */
export function registerEnd(): void {
  afterAll(async () => {
    for (const work of [...ofThisFile.splice(0), ...ofEachFile]) await work();
    // The files of a worker share its process: what one has stubbed must not be there for the next.
    vi.unstubAllEnvs();
    vi.unstubAllGlobals();
  });
}
