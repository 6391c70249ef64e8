import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A load of GET requests: so many loops, each on a connection of its own that it keeps, for so long. */
export type Load = { url: string; headers: Record<string, string>; connections: number; ms: number };

/** What came of a load. */
export type LoadReport = { requestsPerSecond: number; msPerRequest: number };

/** A load generator in a process of its own, so that it does not share the gateway's event loop. */
export type LoadClient = {
  /** Throws where an answer is not 200. */
  run: (load: Load) => Promise<LoadReport>;
  stop: () => void;
};

/** Starts the load generator. */
export function startLoadClient(): LoadClient {
  const child = fork(fileURLToPath(new URL("./load-client.ts", import.meta.url)), { execArgv: ["--import", "tsx"] });
  return {
    run: (load) => answerOf(child, load),
    stop: () => child.kill(),
  };
}

function answerOf(child: ChildProcess, load: Load): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("The load generator ended"));
    child.once("exit", ended);
    child.once("message", (answer: LoadReport | { error: string }) => {
      child.off("exit", ended);
      if ("error" in answer) reject(new Error(answer.error));
      else resolve(answer);
    });
    child.send(load);
  });
}
