import { createHash } from "node:crypto";
import * as fc from "fast-check";
import postgres from "postgres";
import type { StackInfo } from "../../stack/index.ts";
import { gather, type People } from "./people.ts";
import { restTargets } from "./rest.ts";
import { serviceTargets } from "./services.ts";
import { smallest } from "./smaller.ts";
import type { Actor, Case, Target } from "./target.ts";
import { operationTargets } from "./targets.ts";
import { createSender, inCurl, type Sender, target } from "./wire.ts";
import { openWorld } from "./world.ts";

export type FuzzOptions = {
  /** Of each operation; what PostgREST, Auth and Storage answer by themselves gets a fifth. */
  cases: number;
  seed: number;
  /** Only targets whose name has this in it. */
  only?: string | undefined;
  roles?: readonly Actor[] | undefined;
  /** Ends the run early; what was found so far is reported. */
  signal?: AbortSignal;
  /** Called after each target, with what was found wrong there. */
  progress: (done: number, of: number, name: string, failures: readonly Failure[]) => void;
};

/** A fault, how often it was seen, and one request that has it. */
type Failure = { target: string; fault: string; times: number; actor: Actor; curl: string; answer: string };

export type FuzzReport = {
  seed: number;
  /** By target: how many cases were answered with each status. */
  answers: Record<string, Record<string, number>>;
  failures: Failure[];
  seconds: number;
};

const atOnce = 4;
// What asks for a password is answered slowly, on purpose.
const atOnceWithPasswords = 16;

// Node's own limit is 16 kB.
const longestHead = 12_000;

/** Calls every operation, published object and service path of a running stack with odd requests, as everybody. */
export async function fuzzApi(info: StackInfo, options: FuzzOptions): Promise<FuzzReport> {
  const begun = performance.now();
  const sql = postgres(info.dbUrl, { max: 2, onnotice: () => undefined });
  const sender = createSender(info.apiUrl, atOnceWithPasswords);
  try {
    const all = [...(await operationTargets(info)), ...(await restTargets(info)), ...serviceTargets()];
    const targets = all.filter(({ name }) => name.includes(options.only ?? ""));
    const people = await gather(info, sql);
    const world = await openWorld(sql, people);
    const answers: FuzzReport["answers"] = {};
    const failures: Failure[] = [];
    for (const [n, target] of targets.entries()) {
      if (options.signal?.aborted) break;
      await world.tend();
      const cases = draw(target.cases(await world.look()), target.name, options);
      const done = await callAll(target, cases, { info, sender, people, signal: options.signal });
      answers[target.name] = done.statuses;
      failures.push(...done.failures);
      options.progress(n + 1, targets.length, target.name, done.failures);
    }
    return { seed: options.seed, answers, failures, seconds: Math.round((performance.now() - begun) / 1000) };
  } finally {
    sender.close();
    await sql.end();
  }
}

/** The cases of a target: the same for the same seed, whichever others are called. */
function draw(cases: fc.Arbitrary<Case>, name: string, { cases: numRuns, seed, roles }: FuzzOptions): Case[] {
  const own = createHash("md5").update(`${seed}/${name}`).digest().readInt32BE();
  const isOperation = !/^(REST|AUTH|STORAGE) /.test(name);
  const drawn = fc.sample(cases, { numRuns: isOperation ? numRuns : Math.ceil(numRuns / 5), seed: own });
  if (!roles) return drawn;
  return drawn.map((one, n) => ({ ...one, actor: roles[n % roles.length] as Actor }));
}

const endsSession = /\/auth\/(logout|signout)$/;

type With = { info: StackInfo; sender: Sender; people: People; signal: AbortSignal | undefined };

async function callAll(called: Target, cases: readonly Case[], used: With) {
  const statuses: Record<string, number> = {};
  const found = new Map<string, { one: Case; times: number; answer: string }>();
  let next = 0;
  let refused = 0;
  const worker = async () => {
    for (let one = cases[next++]; one && !used.signal?.aborted; one = cases[next++]) {
      const { faults, status, text } = await call(called, one, used);
      statuses[status] = (statuses[status] ?? 0) + 1;
      // Calls may end the session that they are made with.
      const ended = endsSession.test(called.name) && status.startsWith("2");
      if (ended || (status === "401" && isMember(one.actor) && ++refused % 20 === 0)) await used.people.renew(true);
      for (const fault of faults) {
        const known = found.get(fault);
        if (known) known.times++;
        else found.set(fault, { one, times: 1, answer: text.slice(0, 400) });
      }
    }
  };
  await Promise.all(Array.from({ length: /auth/i.test(called.name) ? atOnceWithPasswords : atOnce }, worker));
  const failures: Failure[] = [];
  for (const [fault, { one, times, answer }] of found) {
    // What hangs would hang again each time.
    const again = fault.startsWith("no answer") ? async () => false : undefined;
    const wire = await smallest(
      one.wire,
      again ?? (async (smaller) => (await call(called, { ...one, wire: smaller }, used)).faults.includes(fault)),
    );
    const curl = inCurl(used.info.apiUrl, wire, keysInWords(one.actor));
    failures.push({ target: called.name, fault, times, actor: one.actor, curl, answer });
  }
  return { statuses, failures };
}

async function call(
  called: Target,
  one: Case,
  { sender, people }: With,
): Promise<{ faults: string[]; status: string; text: string }> {
  try {
    const answer = await sender.send(one.wire, people.keysOf(one.actor));
    return { faults: called.faults(one, answer), status: String(answer.status), text: answer.text };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    // What Node's own client does not send was never asked.
    if (code === "ERR_UNESCAPED_CHARACTERS" || code === "ERR_INVALID_CHAR")
      return { faults: [], status: "unsent", text: "" };
    // A server need not read a head to its end that is longer than any it takes.
    if (code === "ECONNRESET" && target(one.wire).length > longestHead)
      return { faults: [], status: "cut off", text: "" };
    return { faults: [`no answer: ${code ?? message}`], status: "none", text: message };
  }
}

function isMember(actor: Actor): boolean {
  return !["anon", "expired", "forged", "service"].includes(actor);
}

function keysInWords(actor: Actor): [string, string][] {
  if (actor === "service") return [["apikey", "$SECRET_KEY"]];
  return [
    ["apikey", "$PUBLISHABLE_KEY"],
    ...(actor === "anon" ? [] : ([["Authorization", `Bearer $TOKEN_OF_${actor.toUpperCase()}`]] as [string, string][])),
  ];
}
