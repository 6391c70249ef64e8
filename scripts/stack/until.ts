import type { Child } from "./supervisor.ts";

/** Asks again and again until the answer is yes. Throws where the part is gone or has not got there in time. */
export async function until(isSo: () => Promise<boolean>, child: Child, timeoutMs = 30_000): Promise<void> {
  let gone: string | undefined;
  void child.exited.then((how) => {
    gone = how;
  });
  const deadline = Date.now() + timeoutMs;
  while (!(await isSo())) {
    if (gone !== undefined) throw new Error(`${child.name} ended while starting (${gone})`);
    if (Date.now() > deadline) throw new Error(`${child.name} did not start within ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
