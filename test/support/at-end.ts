import { afterAll } from "vitest";

const works: (() => Promise<void>)[] = [];

/** Has something done whenever a test file has ended, what was said last first. For modules that several files share. */
export function atEndOfFile(work: () => Promise<void>): void {
  works.unshift(work);
}

/** Called once for each test file. */
export function registerEnd(): void {
  afterAll(async () => {
    for (const work of works) await work();
  });
}
