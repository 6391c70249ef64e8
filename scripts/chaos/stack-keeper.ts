import { type Stack, type StackInfo, startStack } from "../stack/index.ts";
import { freeBasePort } from "../stack/ports.ts";
import { descendantsOf, type Listed } from "../stack/processes.ts";
import type { Log } from "../stack/supervisor.ts";
import type { Random } from "./random.ts";

/** What can be killed of a stack. The server of the database takes the stack with it, and so does PostgREST. */
export type Part = "postgres" | "postgres connection" | "postgrest" | "function";

const traits: Record<Part, RegExp> = {
  postgres: /postgres -D /,
  "postgres connection": /^postgres: authenticator /,
  postgrest: /postgrest/,
  function: /deno.* run .*functions/,
};

/** A stack on a folder that is started again whenever it ends. */
export type KeptStack = {
  /** Resolves when it runs, now or after it was started again. */
  ready: () => Promise<StackInfo>;
  /** How often it had to be started again. */
  restarts: () => number;
  /** Kills one process of a part with SIGKILL; false if none runs now. */
  kill: (part: Part, random: Random) => boolean;
  stop: () => Promise<void>;
};

/** Starts a stack without demo data and keeps it running. Its data is on disk for good at each commit. */
export async function keepStack(dataDir: string, log: Log): Promise<KeptStack> {
  const basePort = await freeBasePort();
  const start = () => startStack({ dataDir, basePort, seed: false, log: () => undefined });
  let running: Promise<Stack> = start();
  let stack = await running;
  let restarts = 0;
  let stopping = false;
  const keep = async (): Promise<void> => {
    const cause = await stack.failed.catch((error: Error) => error);
    if (stopping) return;
    log(`The stack ended: ${cause.message.split("\n")[0]}`);
    running = stack.stop().then(() => startedAgain(start, log));
    stack = await running;
    restarts++;
    await keep();
  };
  const kept = keep();
  kept.catch((error: Error) => log(`The stack cannot be started again: ${error.message}`));
  return {
    ready: async () => (await running).info,
    restarts: () => restarts,
    kill: (part, random) => {
      const found = random.pick(descendantsOf(process.pid).filter((one) => isPart(one, part)));
      if (found) process.kill(found.pid, "SIGKILL");
      return found !== undefined;
    },
    stop: async () => {
      stopping = true;
      await (await running).stop();
    },
  };
}

// Connections of a server that was killed may end a moment after it, and keep its memory until then.
async function startedAgain(start: () => Promise<Stack>, log: Log): Promise<Stack> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 10) throw error;
      log(`Not started: ${(error as Error).message.split("\n")[0]}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

function isPart({ command }: Listed, part: Part): boolean {
  return traits[part].test(command) && !command.startsWith("setpriv");
}
