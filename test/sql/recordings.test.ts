import { describe, expect, it } from "vitest";
import { type Actor, actors, idOf, openMarket } from "../support/market.ts";
import { asActor, testDatabase } from "../support/sql.ts";

// The rows of Storage behind the recordings: an agent puts one below a folder of his own, an admin hears it.

const { sql } = await testDatabase();
await openMarket(sql);
await sql`insert into storage.objects (bucket_id, name)
  values ('recordings', ${`${idOf("agentA")}/on-sale-a/call.mp3`}), ('imports', 'a.csv')`;

const insert = (actor: Actor, bucket: string, folder: string) =>
  asActor(
    sql,
    actor,
    (at) => at`insert into storage.objects (bucket_id, name) values (${bucket}, ${`${folder}/x/new.mp3`})`,
  );

describe.each(actors.filter((actor) => actor !== "service_role"))("%s", (actor) => {
  it("hears what he may, and sees no other bucket", async () => {
    const seen = await asActor(
      sql,
      actor,
      (at) => at<{ bucket: string }[]>`select bucket_id as bucket from storage.objects`,
    );
    expect(seen.map(({ bucket }) => bucket)).toEqual(actor === "admin" ? ["recordings"] : []);
  });

  it("puts a recording where he may", async () => {
    const isAgent = actor === "agentA" || actor === "agentB";
    expect(await happens(insert(actor, "recordings", idOf(actor)))).toBe(isAgent);
    expect(await happens(insert(actor, "recordings", idOf("agentC")))).toBe(false);
    expect(await happens(insert(actor, "imports", idOf(actor)))).toBe(false);
  });

  it("changes and removes none", async () => {
    const changed = await asActor(sql, actor, async (at) => [
      (await at`update storage.objects set metadata = '{}'`).count,
      (await at`delete from storage.objects`).count,
    ]).catch(() => [0, 0]);
    expect(changed).toEqual([0, 0]);
  });
});

async function happens(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    (error: { code?: string }) => {
      if (error.code !== "42501") throw error;
      return false;
    },
  );
}
