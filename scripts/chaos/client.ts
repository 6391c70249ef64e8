import { readFileSync } from "node:fs";
import { type Entry, readJournal, writeLine } from "./journal.ts";
import type { Market } from "./market.ts";
import { drawsOf, type Memory, type Operation, planned } from "./operation.ts";
import { type Outcome, sendUntilAnswered } from "./request.ts";

/** What a client process is told, as JSON in its first argument. */
export type ClientTask = {
  client: number;
  seed: number;
  operations: number;
  dataDir: string;
  marketFile: string;
  journal: string;
};

// Runs as a child process that may be killed at any moment. Started again, it goes on where its journal ends, first with
// what it had asked and not heard of.

const task = JSON.parse(process.argv[2] ?? "") as ClientTask;
const market = JSON.parse(readFileSync(task.marketFile, "utf8")) as Market;
const memory: Memory = { bought: [], returns: [], payouts: [], keyed: [] };

function remember({ operation, status = 0, answer }: Entry): void {
  const { kind, actor, subject, key } = operation;
  if (kind === "purchase" && status === 201) memory.bought.push({ buyer: actor, lead: subject });
  if (kind === "return" && status < 300 && answer?.id && answer.status === "requested") memory.returns.push(answer.id);
  if (kind === "payout" && status < 300 && answer?.id) memory.payouts.push(answer.id);
  if (key !== undefined && status < 300) memory.keyed.push(operation);
}

async function settle(n: number, operation: Operation): Promise<void> {
  const outcome: Outcome = await sendUntilAnswered(task.dataDir, operation);
  writeLine(task.journal, { n, ...outcome });
  remember({ n, operation, ...outcome });
  process.send?.({ answered: 1 });
}

const entries = readJournal(task.journal);
process.send?.({ answered: entries.filter(({ status }) => status !== undefined).length });
for (const entry of entries) {
  if (entry.status === undefined) await settle(entry.n, entry.operation);
  else remember(entry);
}
for (let n = entries.length; n < task.operations; n++) {
  const operation = planned(drawsOf(task.seed, task.client, n), market, memory, n / task.operations);
  writeLine(task.journal, { n, asked: operation });
  await settle(n, operation);
}
process.exit(0);
