import { AsyncLocalStorage } from "node:async_hooks";
import type { Readable, Writable } from "node:stream";

/** What a command line reads and writes: those of the process, or those of whoever calls `main` in a process of his own. */
export type Io = {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable & { isTTY?: boolean };
  stderr: Writable & { isTTY?: boolean };
  env: NodeJS.ProcessEnv;
};

const current = new AsyncLocalStorage<Io>();

/** Does `work` with these streams and variables, whatever else runs in the process. */
export function withIo<Result>(io: Io, work: () => Promise<Result>): Promise<Result> {
  return current.run(io, work);
}

/** The streams and variables of the command line that is being run. */
export function io(): Io {
  return current.getStore() ?? process;
}
