import { setTimeout as wait } from "node:timers/promises";
import { withDatabase } from "../database.ts";
import { need, type Target } from "../target.ts";

const patienceMs = 20_000;

/** Has the worker run, and waits for what comes of a delivery. `error` is the code of the last attempt. */
export async function deliverNow(target: Target, id: string): Promise<{ delivered: boolean; error: string | null }> {
  // Where nobody answers, the schedule may still do it meanwhile.
  void runOutbox(target).catch(() => undefined);
  return withDatabase(target, async (sql) => {
    const until = Date.now() + patienceMs;
    for (;;) {
      const [row] = await sql<{ delivered: boolean; error: string | null }[]>`
        select delivered_at is not null as delivered, error from platform.deliveries where id = ${id}`;
      const outcome = row ?? { delivered: false, error: "removed" };
      if (outcome.delivered || outcome.error || Date.now() > until) return outcome;
      await wait(200);
    }
  });
}

async function runOutbox(target: Target): Promise<void> {
  const headers = { apikey: need(target, "secretKey") };
  const signal = AbortSignal.timeout(patienceMs);
  const answer = await fetch(`${need(target, "apiUrl")}/functions/v1/outbox`, { method: "POST", headers, signal });
  await answer.body?.cancel();
}
