import { createServer } from "node:net";
import type { StackPorts } from "./project.ts";
import { stackOn } from "./running.ts";

/** Ports that were found free a moment ago. */
export type ChosenPorts = StackPorts;

const names: Record<keyof StackPorts, string> = { api: "API", db: "database", studio: "Studio", mail: "mails" };

/**
 * The ports of a stack: free ones, four in a row from `basePort`, or the usual ones.
 * Throws where one is taken, and says what to do about it.
 */
export async function choosePorts(
  { ephemeral, basePort }: { ephemeral?: boolean | undefined; basePort?: number | undefined },
  usual: StackPorts,
): Promise<ChosenPorts> {
  const wanted =
    basePort !== undefined ? { api: basePort, db: basePort + 1, studio: basePort + 2, mail: basePort + 3 } : usual;
  if (ephemeral && basePort === undefined) {
    return { api: await freePort(), db: await freePort(), studio: await freePort(), mail: await freePort() };
  }
  for (const [name, port] of Object.entries(wanted) as [keyof StackPorts, number][]) {
    if (!(await isFree(port))) throw new Error(takenMessage(name, port, wanted.api));
    givenOut.add(port);
  }
  return wanted;
}

function takenMessage(name: keyof StackPorts, port: number, apiPort: number): string {
  const stack = stackOn(apiPort);
  const elsewhere = "or start this one elsewhere: npm start -- --port 55321 --data-dir .stack-2";
  if (!stack) {
    return `Port ${port} (${names[name]}) is taken by another program. Stop that one (lsof -i :${port} names it), ${elsewhere}`;
  }
  return (
    `Port ${port} (${names[name]}) is taken by the stack on ${stack.dataDir}, process ${stack.pid}.\n` +
    `Stop it with Ctrl-C in its terminal, or with: kill ${stack.pid}\n${elsewhere}`
  );
}

// Below the range from which systems give out ports by themselves, so that no outgoing connection takes one of these
// between the moment it is found free and the moment its service listens.
const lowest = 20_000;
const count = 12_000;
const givenOut = new Set<number>();

/** A port that nobody listens on. Throws if none is found. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = lowest + Math.floor(Math.random() * count);
    if (givenOut.has(port) || !(await isFree(port))) continue;
    givenOut.add(port);
    return port;
  }
  throw new Error("No free port was found on 127.0.0.1");
}

/** The first of four free ports in a row: what a stack wants that is to be found where it was after a restart. */
export async function freeBasePort(): Promise<number> {
  for (;;) {
    const first = await freePort();
    const others = [1, 2, 3].map((more) => first + more);
    const free = await Promise.all(others.map((port) => !givenOut.has(port) && isFree(port)));
    if (!free.every(Boolean)) continue;
    for (const port of others) givenOut.add(port);
    return first;
  }
}

/** Whether a service could listen on this port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
