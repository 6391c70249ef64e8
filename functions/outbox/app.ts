import { Hono } from "hono";
import { database } from "../_shared/database.ts";
import { isSecretKey } from "../_shared/keys.ts";
import { deliverers } from "../_shared/outbox/settings.ts";
import { workOff } from "../_shared/outbox/worker.ts";
import { forbidden, type Problem, serviceUnavailable } from "../_shared/problem.ts";

const deliver = deliverers();

/** POST /outbox, with the secret key: works deliveries off, removes what is outdated, and answers how much of each. */
export const app = new Hono({ strict: false }).basePath("/outbox");

app.post("/", async (c) => {
  if (!isSecretKey(c.req.raw.headers)) return refuse(forbidden());
  try {
    const counts = await workOff(database(), deliver);
    const [row] = await database()<{ removed: Record<string, number> }[]>`select platform.remove_outdated() as removed`;
    return c.json({ ...counts, removed: row?.removed ?? {} });
  } catch (error) {
    // The name alone: PostgreSQL's texts quote values, which may be somebody's data.
    console.error(`outbox: ${(error as Error).name}`);
    return refuse(serviceUnavailable());
  }
});

function refuse({ status, code, message, headers }: Problem): Response {
  return Response.json({ code, message }, { status, headers });
}
