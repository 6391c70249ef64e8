import { createHmac } from "node:crypto";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { claimsOf } from "../../support/accounts.ts";
import { stack } from "../../support/stack.ts";
import { type Answer, type Ask, askApi } from "../http.ts";
import { setStatus } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { type People, signInPeople } from "./demo-people.ts";
import endpoints from "./endpoints.json" with { type: "json" };
import { expectAnswer, expectRefusal } from "./expectations.ts";
import { named, type Role, type Row, roles, rows } from "./rows.ts";

// Each row of the document's overview table, asked by everybody.

let people: People;

beforeAll(async () => {
  people = await signInPeople();
});

afterEach(() => setStatus(people.member, "active"));

const ask = (row: Row, options?: Ask): Promise<Answer> => askApi("leads", row.path, options);
const refused = (row: Row, options?: Ask): Promise<Answer> => unchanged(() => ask(row, options));

test("the 24 rows of the table are the contract's 23 readings, with its roles; the first has two rows", () => {
  const documented = endpoints.filter(({ method }) => method === "GET").map(({ path, roles }) => ({ path, roles }));
  const tested = rows.map(({ path, roles }) => ({ path, roles: roles === "all" ? ["all"] : [...roles] }));
  expect(tested.map((_, i) => rows[i]?.row)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  expect(tested.filter(({ path }) => !path.includes("?"))).toEqual(documented);
  expect(tested.filter(({ path }) => path.includes("?"))).toHaveLength(1);
});

describe.each(named(rows))("%s", (_, row) => {
  const open = row.roles === "all";
  const allowed: readonly Role[] = row.roles === "all" ? roles : row.roles;

  for (const role of roles) {
    if (allowed.includes(role)) {
      test(`answers ${role} what the file says`, async () => {
        expectAnswer(await ask(row, { token: people[role].token }), row, role);
      });
    } else {
      test(`refuses ${role}`, async () => {
        const { hint } = expectRefusal(await refused(row, { token: people[role].token }), 403, "forbidden");
        expect(hint).toBe(`Rôle attendu : ${allowed.join(" ou ")}.`);
      });
    }
  }

  if (open) {
    test("answers everybody else the public catalogue", async () => {
      expectAnswer(await ask(row), row, "public");
      expectAnswer(await ask(row, { token: people.stranger.token }), row, "public");
    });
  } else {
    test("refuses somebody without a role, and without a token", async () => {
      expectRefusal(await refused(row, { token: people.stranger.token }), 403, "forbidden");
      const anonymous = await refused(row);
      expectRefusal(anonymous, 401, "authentication_required");
      expect(anonymous.headers.get("www-authenticate")).toBe("Bearer");
    });
  }

  test("refuses a token that is none", async () => {
    expectRefusal(await refused(row, { token: "garbage" }), 401, "invalid_token");
  });

  test("refuses a suspended member at once, and takes him back at once", async () => {
    const { token } = people.member;
    expect((await ask(row, { token })).status).toBe(200);
    await setStatus(people.member, "suspended");
    expectRefusal(await refused(row, { token }), 403, "account_suspended");
    await setStatus(people.member, "active");
    expect((await ask(row, { token })).status).toBe(200);
  });
});

describe("a token", () => {
  const row = rows.find(({ path }) => path === "/api/stats/global") as Row;
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = (head: object, claims: object, secret: string) => {
    const text = `${encode(head)}.${encode(claims)}`;
    return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
  };
  const hs256 = { alg: "HS256", typ: "JWT" };
  const claims = () => claimsOf(people.admin.token);

  test("of our own making is taken if it is signed with the project's secret, as the tests below suppose", async () => {
    expect((await ask(row, { token: signed(hs256, claims(), stack.jwtSecret) })).status).toBe(200);
  });

  test("that is expired says so", async () => {
    const expired = { ...claims(), iat: 1_700_000_000, exp: 1_700_003_600 };
    const answer = await refused(row, { token: signed(hs256, expired, stack.jwtSecret) });
    expectRefusal(answer, 401, "token_expired");
  });

  test("signed by somebody else is refused, whatever it claims", async () => {
    const forged = signed(hs256, { ...claims(), role: "service_role" }, "another-secret-of-thirty-two-characters");
    expectRefusal(await refused(row, { token: forged }), 401, "invalid_token");
  });

  test("that says it needs no signature is refused", async () => {
    const unsigned = `${encode({ alg: "none", typ: "JWT" })}.${encode(claims())}.`;
    expectRefusal(await refused(row, { token: unsigned }), 401, "invalid_token");
  });

  test("whose claims were changed is refused", async () => {
    const [head, , signature] = people.agent.token.split(".");
    const changed = `${head}.${encode({ ...claimsOf(people.agent.token), sub: people.admin.id })}.${signature}`;
    expectRefusal(await refused(row, { token: changed }), 401, "invalid_token");
  });

  test("gives no role by what the person wrote about himself", async () => {
    const metadata = { user_metadata: { role: "admin", system: "leads" }, app_metadata: { role: "admin" } };
    const token = signed(hs256, { ...claimsOf(people.stranger.token), ...metadata }, stack.jwtSecret);
    expectRefusal(await refused(row, { token }), 403, "forbidden");
  });

  test("of a role of the database does not count as an admin's", async () => {
    const answer = await refused(row, { token: signed(hs256, { ...claims(), role: "postgres" }, stack.jwtSecret) });
    expect(answer.status).toBeGreaterThanOrEqual(401);
    expect(answer.status).toBeLessThanOrEqual(403);
  });

  test("is wanted, not a key: the secret key opens nothing here", async () => {
    for (const headers of [{ Authorization: `Bearer ${stack.secretKey}` }, { apikey: stack.secretKey }]) {
      expectRefusal(await refused(row, { headers }), 401, "authentication_required");
    }
  });
});
