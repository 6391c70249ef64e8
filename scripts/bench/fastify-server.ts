import fastify from "fastify";
import postgres from "postgres";
import { claimsOf } from "./jwt.ts";

// What one would write by hand for the same answers: a server whose queries run as the role that PostgREST would take.
// Runs as a child process; arguments: the database's address, the secret of the tokens. Sends its port when it listens.

const [, , address = "", secret = ""] = process.argv;
const sql = postgres(address, {
  max: 20,
  onnotice: () => undefined,
  types: { numeric: { to: 0, from: [1700], serialize: String, parse: Number } },
});
const anon = JSON.stringify({ role: "anon" });
const app = fastify();

app.get("/api/leads", () =>
  sql.begin("read only", async (transaction) => {
    const [, , rows] = await Promise.all([
      transaction`select set_config('request.jwt.claims', ${anon}, true)`,
      transaction`set local role anon`,
      transaction`select * from public.leads limit 1000`,
    ]);
    return rows;
  }),
);

app.post<{ Body: postgres.JSONValue }>("/api/leads", async ({ headers, body }, reply) => {
  const [lead] = await asCaller(headers.authorization, (transaction) => {
    return transaction`select * from public.lead_create(${sql.json(body)})`;
  });
  return reply.status(201).send(lead);
});

app.get("/api/agent/next-lead", async ({ headers }, reply) => {
  const [next] = await asCaller(headers.authorization, (transaction) => {
    return transaction`select public.agent_next_lead() as lead`;
  });
  return next?.lead ?? reply.status(204).send();
});

app.post<{ Params: { id: string }; Body: postgres.JSONValue }>("/api/leads/:id/qualify", async (request) => {
  const { headers, params, body } = request;
  const [done] = await asCaller(headers.authorization, (transaction) => {
    return transaction`select public.lead_qualify(${params.id}, ${sql.json(body)}) as lead`;
  });
  return done?.lead;
});

app.post<{ Params: { id: string } }>("/api/leads/:id/purchase", async ({ headers, params }, reply) => {
  const [bought] = await asCaller(headers.authorization, (transaction) => {
    return transaction`select public.lead_purchase(${params.id}) as purchase`;
  });
  return reply.status(201).send(bought?.purchase);
});

type Query = (transaction: postgres.TransactionSql) => postgres.PendingQuery<postgres.Row[]>;

/** Asks as the signed-in user whose token it is. */
async function asCaller(authorization: string | undefined, query: Query): Promise<postgres.Row[]> {
  const claims = claimsOf(authorization, secret);
  if (!claims) throw Object.assign(new Error("Unauthorized"), { statusCode: 401 });
  return sql.begin(async (transaction) => {
    const [, , rows] = await Promise.all([
      transaction`select set_config('request.jwt.claims', ${claims}, true)`,
      transaction`set local role authenticated`,
      query(transaction),
    ]);
    return rows;
  });
}

process.on("disconnect", () => process.exit(0));
await app.listen({ host: "127.0.0.1", port: 0 });
process.send?.({ port: app.addresses()[0]?.port });
