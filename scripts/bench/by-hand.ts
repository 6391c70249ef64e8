import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { StackInfo } from "../stack/index.ts";

/** The server written by hand, running. */
export type ServerByHand = { url: string; stop: () => void };

/** Starts the server written by hand over a stack's database, in a process of its own. */
export async function startServerByHand({ dbUrl, jwtSecret }: StackInfo): Promise<ServerByHand> {
  const server = fork(fileURLToPath(new URL("./fastify-server.ts", import.meta.url)), [dbUrl, jwtSecret], {
    execArgv: ["--import", "tsx"],
  });
  const [{ port }] = (await once(server, "message")) as [{ port: number }];
  return { url: `http://127.0.0.1:${port}`, stop: () => server.kill() };
}
