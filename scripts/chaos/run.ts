import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onServer } from "../db/build-database.ts";
import type { Log } from "../stack/supervisor.ts";
import type { ClientTask } from "./client.ts";
import { type Crowd, startCrowd } from "./crowd.ts";
import { type Entry, readJournal } from "./journal.ts";
import { giveAccounts, type Market, openMarket } from "./market.ts";
import { race } from "./race.ts";
import { randomOf } from "./random.ts";
import { type KeptStack, keepStack, type Part } from "./stack-keeper.ts";
import { problemsOf } from "./verdict.ts";

/** What is to be endured. Kills are spread evenly over the operations. */
export type ChaosOptions = {
  dataDir: string;
  operations: number;
  clients: number;
  buyers: number;
  seed: number;
  kills: (Part | "client")[];
  log: Log;
};

/** What was done, what was killed, and what is wrong afterwards. */
export type ChaosReport = {
  /** For each race: how many buyers were answered with each status. */
  races: Record<string, number>[];
  /** By kind of request: how many were answered with each status. */
  answers: Record<string, Record<string, number>>;
  /** Requests whose first answer never came. */
  askedAgain: number;
  kills: Record<string, number>;
  restarts: number;
  seconds: number;
  problems: string[];
};

/** Runs a market over HTTP on a stack of its own while parts of it are killed, and compares the books with the answers. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { dataDir, log, clients } = options;
  const stack = await keepStack(join(dataDir, "stack"), log);
  try {
    const { dbUrl } = await stack.ready();
    // Three places in a shared lead, one in an exclusive one; some are left over, some are wanted by too many.
    const leads = Math.max(60, Math.ceil(options.operations / 5));
    const market = await onServer(dbUrl, (sql) => openMarket(sql, { buyers: options.buyers, leads }));
    await giveAccounts(join(dataDir, "stack"), market);
    const races = await race(join(dataDir, "stack"), market);
    log(`Raced: ${JSON.stringify(races.map((one) => countBy(one, ({ status }) => status)))}`);

    const begun = performance.now();
    const tasks = Array.from({ length: clients }, (_, client) => taskOf(options, market, client));
    const kills = await endure(options, stack, startCrowd(tasks));
    const seconds = Math.round((performance.now() - begun) / 1000);

    const entries = [...races.flat(), ...tasks.flatMap(({ journal }) => readJournal(journal))];
    const { dbUrl: again } = await stack.ready();
    const problems = await onServer(again, (sql) => problemsOf(sql, market, entries));
    return { ...summary(entries, races), kills, restarts: stack.restarts(), seconds, problems };
  } finally {
    await stack.stop();
  }
}

function taskOf({ dataDir, operations, clients, seed }: ChaosOptions, market: Market, client: number): ClientTask {
  const folder = join(dataDir, "journals");
  mkdirSync(folder, { recursive: true });
  const marketFile = join(folder, "market.json");
  writeFileSync(marketFile, JSON.stringify(market));
  // What does not divide is done by the first ones.
  const own = Math.floor(operations / clients) + (client < operations % clients ? 1 : 0);
  const journal = join(folder, `client-${client}.jsonl`);
  return { client, seed, operations: own, dataDir: join(dataDir, "stack"), marketFile, journal };
}

// Waits for the clients and kills meanwhile. Returns what was killed how often.
async function endure({ kills, operations, seed, log }: ChaosOptions, stack: KeptStack, crowd: Crowd) {
  const killed: Record<string, number> = {};
  let finished = false;
  const done = crowd.done.finally(() => {
    finished = true;
  });
  done.catch(() => undefined);
  try {
    for (const [position, target] of kills.entries()) {
      const random = randomOf(seed, "kill", position);
      const due = (operations * (position + 0.5)) / kills.length;
      while (!finished && crowd.answered() < due) await pause();
      while (!finished && !(target === "client" ? crowd.kill(random) : stack.kill(target, random))) await pause();
      if (finished) break;
      killed[target] = (killed[target] ?? 0) + 1;
      log(`${crowd.answered()} of ${operations} answered; killed: ${target}`);
    }
    await done;
    return killed;
  } finally {
    crowd.stop();
  }
}

function summary(entries: Entry[], races: Entry[][]): Pick<ChaosReport, "races" | "answers" | "askedAgain"> {
  const answers: ChaosReport["answers"] = {};
  for (const entry of entries) answers[entry.operation.kind] ??= {};
  for (const kind of Object.keys(answers)) {
    const ofKind = entries.filter(({ operation }) => operation.kind === kind);
    answers[kind] = countBy(ofKind, ({ status, answer }) => `${status} ${answer?.code ?? ""}`.trim());
  }
  return {
    races: races.map((one) => countBy(one, ({ status }) => status)),
    answers,
    askedAgain: entries.filter(({ attempts = 1 }) => attempts > 1).length,
  };
}

function countBy<Item>(items: readonly Item[], name: (item: Item) => unknown): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[String(name(item))] = (counts[String(name(item))] ?? 0) + 1;
  return counts;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
