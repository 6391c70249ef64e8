import { beforeEach, describe, expect, test } from "vitest";
import { rateLimit } from "../../../functions/_shared/accounts/shapes.ts";
import { type Answer, askApi, askShared } from "../http.ts";
import { signIn } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { forgetAttempts, login, newAddress, post, registered, registration, setLimits } from "./account-people.ts";
import { expectRefusal } from "./expectations.ts";

// How often somebody may try; the limits are rows that an admin changes.

beforeEach(forgetAttempts);

const wrong = (email: string, headers?: Record<string, string>) =>
  post("auth/login", { email, password: "wrong-Password-1" }, headers ? { headers } : {});
const times = <T>(count: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));
const withStatus = (answers: Answer[], status: number) => answers.filter((answer) => answer.status === status);

describe("login", () => {
  test("of 50 wrong passwords at once 5 reach Auth", async () => {
    const email = await registered();
    const answers = await times(50, () => wrong(email));
    expect(withStatus(answers, 401)).toHaveLength(5);
    expect(withStatus(answers, 429)).toHaveLength(45);
    const refused = expectRefusal(await login(email), 429, "too_many_attempts");
    expect(refused.message).toMatch(/^Trop de tentatives\. Réessayez dans 15 minutes\.$/);
    const seconds = Number((await login(email)).headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(880);
    expect(seconds).toBeLessThanOrEqual(900);
  });

  test("an unknown address is limited like a known one", async () => {
    const email = newAddress();
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await wrong(email)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test("who signs in uses nothing up", async () => {
    const email = await registered();
    for (let i = 0; i < 4; i++) await wrong(email);
    for (let i = 0; i < 6; i++) expect((await login(email)).status).toBe(200);
    expect((await wrong(email)).status).toBe(401);
    expect((await login(email)).status).toBe(429);
  });

  test("20 failures of one IP address are all, whatever it says of itself", async () => {
    const answers = await times(30, (i) =>
      wrong(newAddress(), {
        "X-Forwarded-For": `203.0.113.${i}`,
        Forwarded: `for=203.0.113.${i}`,
        "X-Real-IP": `203.0.113.${i}`,
      }),
    );
    expect(withStatus(answers, 401)).toHaveLength(20);
    expect(withStatus(answers, 429)).toHaveLength(10);
  });
});

describe("the other limits", () => {
  test("registrations of one IP address", async () => {
    await setLimits(2, "register_ip");
    const answers = await times(5, () => post("auth/register", registration(newAddress())));
    expect(withStatus(answers, 202)).toHaveLength(2);
    expect(withStatus(answers, 429)).toHaveLength(3);
  });

  test("links for one address, known or not", async () => {
    for (const email of ["sophie@agence-ads.fr", newAddress()]) {
      const answers = await times(5, () => post("auth/forgot-password", { email }));
      expect(withStatus(answers, 202)).toHaveLength(3);
      expect(withStatus(answers, 429)).toHaveLength(2);
    }
  });

  test("links that are none", async () => {
    const answers = await times(12, () =>
      post("auth/reset-password", { token: "x".repeat(64), password: "new-Password-1" }),
    );
    expect(withStatus(answers, 400)).toHaveLength(10);
    expect(withStatus(answers, 429)).toHaveLength(2);
  });
});

describe("the rows", () => {
  const path = "/api/admin/rate-limits";
  const put = (id: string, body: unknown, token?: string) =>
    askApi("leads", `${path}/${id}`, { method: "PUT", body, token });

  test("are read and changed by an admin, and hold from the next attempt on", async () => {
    const { token } = await signIn("admin@leads-provider.fr");
    await setLimits(5, "login_account");
    const changed = await put("login_account", { allowed: 2, periodSeconds: 900 }, token);
    expect(rateLimit.parse(changed.body)).toMatchObject({ id: "login_account", allowed: 2, periodSeconds: 900 });
    const answers = await times(4, () => wrong("sophie@agence-ads.fr"));
    expect(withStatus(answers, 401)).toHaveLength(2);
    const rows = rateLimit.array().parse((await askApi("leads", path, { token })).body);
    expect(rows.map(({ id }) => id)).toContain("register_ip");
  });

  test("are nobody else's", async () => {
    const admin = await signIn("admin@leads-provider.fr");
    const agent = await signIn("marc@leads-provider.fr");
    const body = { allowed: 1000, periodSeconds: 1 };
    expectRefusal(await unchanged(() => put("login_ip", body, agent.token)), 403, "forbidden");
    expectRefusal(await unchanged(() => put("login_ip", body)), 401, "authentication_required");
    expectRefusal(await unchanged(() => put("nothing", body, admin.token)), 404, "rate_limit_not_found");
    expectRefusal(await unchanged(() => put("login_ip", { ...body, allowed: 0 }, admin.token)), 400, "invalid_body");
    expectRefusal(await askApi("leads", path, { token: agent.token }), 403, "forbidden");
  });

  test("are counted by the functions alone", async () => {
    const { token } = await signIn("admin@leads-provider.fr");
    const body = { rules: ["login_account"], subjects: ["sophie@agence-ads.fr"] };
    for (const name of ["take_attempts", "release_attempts", "forget_attempts"]) {
      expect((await unchanged(() => askShared("auth", name, { method: "POST", body, token }))).status).toBe(403);
      expect((await unchanged(() => askShared("auth", name, { method: "POST", body }))).status).toBe(401);
    }
  });
});
