import type { SupabaseClient } from "@supabase/supabase-js";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { anonClient, serviceClient } from "../../support/stack.ts";
import { type Answer, type Ask, askRest } from "../http.ts";
import { setStatus } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { type People, signInPeople } from "./demo-people.ts";
import { expectAnswer } from "./expectations.ts";
import { named, type Row, restPath, roles, rows } from "./rows.ts";

// The same answers and refusals by Supabase's own roads: PostgREST URLs and supabase-js.

let people: People;

beforeAll(async () => {
  people = await signInPeople();
});

afterEach(() => setStatus(people.member, "active"));

const refused = (row: Row, options?: Ask): Promise<Answer> => unchanged(() => askRest(restPath(row), options));

// supabase-js knows the published names by the database's generated types; here they come from the table.
const call = (client: SupabaseClient, { rest }: Row) =>
  rest.kind === "rpc" ? client.rpc(rest.name) : client.from(rest.name).select();

const asAnswer = async (client: SupabaseClient, row: Row): Promise<{ status: number; body: unknown }> => {
  const { status, data, error } = await call(client, row);
  return { status, body: error ?? data };
};

function expectForbidden({ status, body }: { status: number; body: unknown }, slug: string): void {
  expect({ status, body }).toMatchObject({ status: 403, body: { code: "PT403", details: slug } });
}

describe.each(named(rows))("%s", (_, row) => {
  const open = row.roles === "all";
  const allowed = roles.filter((role) => open || row.roles.includes(role));
  const others = roles.filter((role) => !allowed.includes(role));

  test.each(allowed)(`${restPath(row)} answers %s the same`, async (role) => {
    expectAnswer(await askRest(restPath(row), { token: people[role].token }), row, role);
    expectAnswer(await asAnswer(people[role].client, row), row, role);
  });

  if (others.length > 0) {
    test.each(others)(`${restPath(row)} refuses %s`, async (role) => {
      expectForbidden(await refused(row, { token: people[role].token }), "forbidden");
      expectForbidden(await unchanged(() => asAnswer(people[role].client, row)), "forbidden");
    });
  }

  if (open) {
    test("everybody else gets the public catalogue", async () => {
      expectAnswer(await askRest(restPath(row)), row, "public");
      expectAnswer(await asAnswer(anonClient(), row), row, "public");
      expectAnswer(await asAnswer(people.stranger.client, row), row, "public");
    });
  } else {
    test("nobody else gets anything", async () => {
      expect((await refused(row)).status).toBe(401);
      expect((await unchanged(() => asAnswer(anonClient(), row))).status).toBe(401);
      expectForbidden(await refused(row, { token: people.stranger.token }), "forbidden");
      expectForbidden(await unchanged(() => asAnswer(people.stranger.client, row)), "forbidden");
    });
  }

  test("a garbage token is refused, and a suspended member is at once", async () => {
    expect((await refused(row, { token: "garbage" })).status).toBe(401);
    await setStatus(people.member, "suspended");
    expectForbidden(await refused(row, { token: people.member.token }), "account_suspended");
    expectForbidden(await unchanged(() => asAnswer(people.member.client, row)), "account_suspended");
  });
});

const views = rows.filter(({ rest }) => rest.kind === "view");

describe.each(named(views))("%s", (_, row) => {
  const [first] = row.expected("admin") as [object];
  const column = Object.keys(first)[0] as string;

  test.each(["POST", "PATCH", "DELETE"])(`is not written by %s ${row.rest.name}`, async (method) => {
    const write = { method, ...(method === "DELETE" ? {} : { body: { [column]: "new" } }) };
    const tokens = [undefined, people.stranger.token, people.admin.token, people.member.token];
    const path = `${row.rest.name}?${column}=neq.nothing`;
    const answers = await unchanged(() => Promise.all(tokens.map((token) => askRest(path, { ...write, token }))));
    expect(answers.map(({ status }) => status)).toEqual([401, 403, 403, 403]);
  });
});

describe("the key", () => {
  test("is wanted, and has to be one of the project's", async () => {
    expect((await unchanged(() => askRest("leads", { headers: { apikey: "" } }))).status).toBe(401);
    expect((await unchanged(() => askRest("leads", { headers: { apikey: "sb_publishable_wrong" } }))).status).toBe(401);
  });

  test("of the operators reads like an admin", async () => {
    const row = rows.find(({ path }) => path === "/api/leads") as Row;
    expectAnswer(await asAnswer(serviceClient(), row), row, "admin");
  });
});
