import { isDeepStrictEqual } from "node:util";
import type { StackInfo } from "../stack/index.ts";
import { loadKeys } from "../stack/keys.ts";
import { startServerByHand } from "./by-hand.ts";
import type { Load, LoadClient } from "./load.ts";
import { type Aim, compare, type Result } from "./result.ts";
import { inTurn, type Round } from "./rounds.ts";

/** What a comparison over HTTP is run with. */
export type HttpRun = { info: StackInfo; client: LoadClient; rounds: number; roundMs: number };

const connections = 4;

/** The gateway against PostgREST without it, for the same list as the same role. */
export async function measureGateway(run: HttpRun): Promise<Result[]> {
  const { info } = run;
  const measure = (limit: number, aim: Aim | null) => {
    const list = `/leads?limit=${limit}`;
    return against(run, {
      name: `GET /rest/v1/leads, ${limit} rows`,
      measured: [`${info.apiUrl}/rest/v1${list}`, { apikey: info.publishableKey }],
      others: { "PostgREST directly": [info.restUrl + list, anonToken(info), aim] },
    });
  };
  return [...(await measure(1000, { atLeast: 0.9 })), ...(await measure(50, null))].map(inGroup("Gateway"));
}

/** The document's own path against PostgREST and against a server written by hand. */
export async function measureApi(run: HttpRun): Promise<Result[]> {
  const { info } = run;
  const server = await startServerByHand(info);
  try {
    const results = await against(run, {
      name: "GET /functions/v1/leads/api/leads, 1000 rows",
      measured: [`${info.systems.leads?.apiBase}/leads`, { apikey: info.publishableKey }],
      others: {
        "PostgREST directly, rpc/leads_search": [`${info.restUrl}/rpc/leads_search`, anonToken(info), { atLeast: 0.5 }],
        "Fastify + postgres.js by hand": [`${server.url}/api/leads`, {}, null],
      },
    });
    return results.map(inGroup("/api path"));
  } finally {
    server.stop();
  }
}

/** The header that the gateway puts in the place of the publishable key. */
function anonToken({ dataDir }: StackInfo): Record<string, string> {
  return { Authorization: `Bearer ${loadKeys(dataDir).anonToken}` };
}

type Target = [url: string, headers: Record<string, string>];
type Rivals = { name: string; measured: Target; others: Record<string, [...Target, Aim | null]> };
type Ungrouped = Omit<Result, "group">;

async function against(run: HttpRun, { name, measured, others }: Rivals): Promise<Ungrouped[]> {
  const targets: Record<string, Target> = { measured };
  for (const [other, [url, headers]] of Object.entries(others)) targets[other] = [url, headers];
  await sameAnswers(targets);
  const sides: Record<string, Round> = {};
  for (const [side, target] of Object.entries(targets)) sides[side] = () => throughput(run, target);
  const figures = await inTurn(sides, run.rounds);
  return Object.entries(others).map(([againstName, [, , aim]]) =>
    compare({ group: "", name, againstName, unit: "req/s", aim }, figures.measured ?? [], figures[againstName] ?? []),
  );
}

async function throughput({ client, roundMs }: HttpRun, [url, headers]: Target): Promise<number> {
  const load: Load = { url, headers, connections, ms: roundMs };
  return (await client.run(load)).requestsPerSecond;
}

// A comparison of two different answers would say nothing.
async function sameAnswers(targets: Record<string, Target>): Promise<void> {
  const answers: unknown[] = [];
  for (const [url, headers] of Object.values(targets)) answers.push(await (await fetch(url, { headers })).json());
  if (answers.some((answer) => !isDeepStrictEqual(answer, answers[0]))) {
    throw new Error(`These give different answers: ${Object.keys(targets).join(", ")}`);
  }
}

function inGroup(group: string): (result: Ungrouped) => Result {
  return (result) => ({ ...result, group });
}
