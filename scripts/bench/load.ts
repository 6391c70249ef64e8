import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A load of GET requests: so many loops, each on a connection of its own that it keeps, for so long. */
export type Load = { url: string; headers: Record<string, string>; connections: number; ms: number };

/** What came of a load. */
export type LoadReport = { requestsPerSecond: number; msPerRequest: number };

/** One request of a batch; another status than `status` is a failure. */
export type Sending = {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
  status: number;
};

/** Requests that each may be sent once: as many loops as connections take the next one until none is left. */
export type Batch = { requests: Sending[]; connections: number };

/** What came of a batch: the answers' texts in the order of the requests. */
export type BatchReport = { requestsPerSecond: number; answers: string[] };

/** A load generator in a process of its own, so that it does not share the gateway's event loop. */
export type LoadClient = {
  /** Throws where an answer is not 200. */
  run: (load: Load) => Promise<LoadReport>;
  /** Throws where an answer has another status than its request expects. */
  send: (batch: Batch) => Promise<BatchReport>;
  stop: () => void;
};

/** Starts the load generator. */
export function startLoadClient(): LoadClient {
  const child = fork(fileURLToPath(new URL("./load-client.ts", import.meta.url)), { execArgv: ["--import", "tsx"] });
  return {
    run: (load) => answerOf<LoadReport>(child, load),
    send: (batch) => answerOf<BatchReport>(child, batch),
    stop: () => child.kill(),
  };
}

function answerOf<Report extends object>(child: ChildProcess, order: Load | Batch): Promise<Report> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error("The load generator ended"));
    child.once("exit", ended);
    child.once("message", (answer: Report | { error: string }) => {
      child.off("exit", ended);
      if ("error" in answer) reject(new Error(answer.error));
      else resolve(answer);
    });
    child.send(order);
  });
}
