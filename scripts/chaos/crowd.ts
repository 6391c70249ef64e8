import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ClientTask } from "./client.ts";
import type { Random } from "./random.ts";

/** Clients at work, each a process of its own that is started again when it was killed. */
export type Crowd = {
  /** How many operations were answered so far. */
  answered: () => number;
  kill: (random: Random) => boolean;
  /** Resolves when every client has done all it had to; rejects where one fails. */
  done: Promise<void>;
  stop: () => void;
};

type Member = { child: ChildProcess; answered: number };

/** Starts the clients. */
export function startCrowd(tasks: readonly ClientTask[]): Crowd {
  const members = new Map<number, Member>();
  let stopping = false;

  const run = (task: ClientTask): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = fork(fileURLToPath(new URL("./client.ts", import.meta.url)), [JSON.stringify(task)], {
        execArgv: ["--import", "tsx"],
      });
      const member: Member = { child, answered: 0 };
      members.set(task.client, member);
      child.on("message", ({ answered }: { answered: number }) => {
        member.answered += answered;
      });
      child.once("exit", (code, signal) => {
        if (code === 0) resolve();
        else if (stopping) reject(new Error("The clients were stopped"));
        else if (signal === "SIGKILL") resolve(run(task));
        else reject(new Error(`Client ${task.client} failed (${code ?? signal})`));
      });
    });

  return {
    answered: () => [...members.values()].reduce((sum, { answered }) => sum + answered, 0),
    kill: (random) => {
      const alive = [...members.values()].filter(({ child }) => child.exitCode === null && child.signalCode === null);
      return random.pick(alive)?.child.kill("SIGKILL") ?? false;
    },
    done: Promise.all(tasks.map(run)).then(() => undefined),
    stop: () => {
      stopping = true;
      for (const { child } of members.values()) child.kill("SIGKILL");
    },
  };
}
