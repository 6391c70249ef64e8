import type { Sql } from "postgres";
import { type Deliver, type Delivery, DeliveryFailure, type Kind } from "./delivery.ts";

/** What a run came to. */
export type Counts = { delivered: number; retried: number; failed: number };

type Outcome = keyof Counts;

/** Rows of one taking; a tenth of them are of one lane at most. */
const batch = 50;
const lookAgainMs = 250;

/**
 * Works deliveries off until none is due or the budget is spent; what has begun by then is brought to its end, which
 * takes as long as one attempt. A lane whose deliveries are still under way is left alone, so that one endpoint that
 * hangs holds up no other. Throws where the database cannot be asked; what was leased then comes back.
 */
export async function workOff(sql: Sql, deliver: Record<Kind, Deliver>, budgetMs = 20_000): Promise<Counts> {
  const until = Date.now() + budgetMs;
  const counts: Counts = { delivered: 0, retried: 0, failed: 0 };
  const underWay = new Map<Promise<void>, string>();
  while (Date.now() < until) {
    const busy = [...new Set(underWay.values())];
    const taken = await take(sql, busy);
    for (const delivery of taken) {
      const work: Promise<void> = attempt(sql, delivery, deliver[delivery.kind])
        .then((outcome) => {
          if (outcome) counts[outcome] += 1;
        })
        .finally(() => underWay.delete(work));
      underWay.set(work, delivery.lane);
    }
    if (taken.length > 0) continue;
    // What was passed over because its lane was busy may be there still, though the lane is free by now.
    if (busy.length === 0) break;
    await Promise.race([...underWay.keys(), new Promise<void>((resolve) => setTimeout(resolve, lookAgainMs))]);
  }
  await Promise.all(underWay.keys());
  return counts;
}

function take(sql: Sql, busy: string[]): Promise<Delivery[]> {
  return sql<Delivery[]>`
    select d.id, d.kind, d.topic, d.payload, d.lane, d.attempts, d.created_at, d.event_id, d.endpoint_id, e.url, s.sealed_secret
    from platform.take_deliveries(${batch}, busy => ${busy}::text[]) d left join platform.webhook_endpoints e on e.id = d.endpoint_id
    left join platform.webhook_secrets s on s.endpoint_id = e.id`;
}

async function attempt(sql: Sql, delivery: Delivery, deliver: Deliver): Promise<Outcome | undefined> {
  const failure = await deliver(delivery).then(() => undefined, asFailure);
  try {
    if (!failure) {
      await sql`select platform.mark_delivered(array[${delivery.id}]::uuid[])`;
      return "delivered";
    }
    const { code, final } = failure;
    const [row] = await sql<{ failed: boolean | null }[]>`
      select platform.mark_failed(${delivery.id}, ${delivery.attempts}, ${code}, ${final}) as failed`;
    return row?.failed ? "failed" : "retried";
  } catch (error) {
    // Not marked, it comes back after its lease.
    console.error(`outbox: ${(error as Error).name} while marking ${delivery.id}`);
    return undefined;
  }
}

function asFailure(error: unknown): DeliveryFailure {
  if (error instanceof DeliveryFailure) return error;
  // The name alone: a message may hold an address.
  console.error(`outbox: ${(error as Error).name} while delivering`);
  return new DeliveryFailure("internal_error");
}
