import { randomUUID } from "node:crypto";
import { onServer } from "../db/build-database.ts";
import type { StackInfo } from "../stack/index.ts";
import { startServerByHand } from "./by-hand.ts";
import type { LoadClient, Sending } from "./load.ts";
import { compare, type Result } from "./result.ts";
import { type Figures, inTurn } from "./rounds.ts";
import { type Callers, prepareCallers } from "./writes-callers.ts";

/** What the writes are measured with. */
export type WritesRun = { info: StackInfo; client: LoadClient; rounds: number };

/** Where a side is reached, and what it wants beside the token. */
type Side = { api: string; headers: Record<string, string> };

const connections = 4;
const leadsPerRound = 250;

/**
 * What is written by the Edge Function, through the gateway, against a server written by hand that calls the same SQL
 * functions. Every request is a write of its own: a new person, an agent without a reservation, a lead that waits.
 */
export async function measureWrites(run: WritesRun): Promise<Result[]> {
  const { info } = run;
  const callers = await onServer(info.dbUrl, (sql) => prepareCallers(sql, info, leadsPerRound));
  const server = await startServerByHand(info);
  const sides = {
    measured: { api: info.systems.leads?.apiBase ?? "", headers: { apikey: info.publishableKey } },
    byHand: { api: `${server.url}/api`, headers: {} },
  };
  try {
    return [...(await measureCreation(run, sides, callers)), ...(await measureQueue(run, sides, callers))];
  } finally {
    server.stop();
  }
}

type Sides = { measured: Side; byHand: Side };

async function measureCreation({ client, rounds }: WritesRun, sides: Sides, { admin }: Callers): Promise<Result[]> {
  const sameFields = createFieldCheck("POST /api/leads");
  const round = (side: Side) => async () => {
    const requests = Array.from({ length: leadsPerRound }, () => sending(side, "POST", "/leads", admin, newLead()));
    const { requestsPerSecond, answers } = await client.send({ requests, connections });
    sameFields(answers);
    return requestsPerSecond;
  };
  const { measured, byHand } = await inTurn({ measured: round(sides.measured), byHand: round(sides.byHand) }, rounds);
  return [comparison("POST /api/leads", measured, byHand)];
}

// A round has every agent ask for a lead, and then report on it.
async function measureQueue({ client, rounds }: WritesRun, sides: Sides, { agents }: Callers): Promise<Result[]> {
  const [sameNext, sameDone] = [createFieldCheck("GET /api/agent/next-lead"), createFieldCheck("qualify")];
  const qualified: Record<keyof Sides, Figures> = { measured: [], byHand: [] };
  const round = (name: keyof Sides) => async () => {
    const side = sides[name];
    const asking = agents.map((agent) => sending(side, "GET", "/agent/next-lead", agent));
    const next = await client.send({ requests: asking, connections });
    const ids = next.answers.map((answer) => (JSON.parse(answer) as { id: string }).id);
    if (new Set(ids).size !== agents.length) throw new Error("Two agents were given the same lead");
    const reporting = ids.map((id, i) => sending(side, "POST", `/leads/${id}/qualify`, agents[i] ?? "", report));
    const done = await client.send({ requests: reporting, connections });
    sameNext(next.answers);
    sameDone(done.answers);
    qualified[name].push(done.requestsPerSecond);
    return next.requestsPerSecond;
  };
  const next = await inTurn({ measured: round("measured"), byHand: round("byHand") }, rounds);
  // Without the first round, which does not count.
  const [measured, byHand] = [qualified.measured.slice(1), qualified.byHand.slice(1)];
  return [
    comparison("GET /api/agent/next-lead", next.measured, next.byHand),
    comparison("POST /api/leads/:id/qualify", measured, byHand),
  ];
}

function sending({ api, headers }: Side, method: string, path: string, token: string, body?: object): Sending {
  return {
    method,
    url: api + path,
    headers: { ...headers, Authorization: `Bearer ${token}` },
    ...(body ? { body: JSON.stringify(body) } : {}),
    status: method === "POST" && path === "/leads" ? 201 : 200,
  };
}

const report = {
  result: "qualified",
  durationSeconds: 272,
  notes: "Projet de rénovation cette année, souhaite un devis en fin de journée",
};

/** A lead of a person whom nobody has brought yet. */
function newLead(): object {
  return {
    fournisseur: "bench-1",
    firstName: "Camille",
    lastName: "Martin",
    email: `${randomUUID()}@bench.test`,
    company: "Atelier Martin",
    sector: "Isolation",
    region: "Bretagne",
    city: "Rennes",
    source: "Google Ads",
    channel: "Search",
    price: 25,
    isExclusive: false,
    notes: "Souhaite être rappelé en fin de journée",
    consent: {
      textVersion: "2026-01",
      url: "https://exemple.test/devis",
      ip: "203.0.113.7",
      givenAt: "2026-01-05T10:00:00Z",
      recipients: ["Leads Provider"],
    },
  };
}

// The answers are about different leads, but a comparison of two different sorts of them would say nothing.
function createFieldCheck(name: string): (answers: string[]) => void {
  const seen = new Set<string>();
  return (answers) => {
    for (const answer of answers)
      seen.add(
        Object.keys(JSON.parse(answer) as object)
          .sort()
          .join(),
      );
    if (seen.size > 1) throw new Error(`${name} gives answers with different fields`);
  };
}

function comparison(name: string, measured: Figures, byHand: Figures): Result {
  const againstName = "Fastify + postgres.js by hand";
  return compare({ group: "Writes", name, againstName, unit: "req/s", aim: { atLeast: 0.8 } }, measured, byHand);
}
