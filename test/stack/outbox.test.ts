import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { projectRoot } from "../../scripts/stack/project.ts";
import { runCli } from "../cli/run-cli.ts";
import { mailsTo, newEmail } from "../support/accounts.ts";
import { db, stack } from "../support/stack.ts";

// The worker over the real stack: what it is given by SQL arrives in the catcher, or at a server that stands for a receiver.

type Call = { path: string; headers: IncomingHttpHeaders; body: string };
const calls: Call[] = [];
const hung: ServerResponse[] = [];
let answers: (path: string) => number | "hang" = () => 204;
const receiver = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (part) => (body += part));
  request.on("end", () => {
    const path = request.url ?? "";
    calls.push({ path, headers: request.headers, body });
    const status = answers(path);
    if (status === "hang") return void hung.push(response);
    response
      .writeHead(status, status === 302 ? { Location: `${base}/elsewhere` } : {})
      .end("Zoé Blanc, zoe@example.test");
  });
});
receiver.listen(0, "127.0.0.1");
await once(receiver, "listening");
const base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;

const clean = async () => {
  await db()`delete from platform.webhook_endpoints`;
  await db()`delete from platform.deliveries`;
  await db()`delete from platform.outbox`;
};
beforeEach(async () => {
  calls.length = 0;
  answers = () => 204;
  await clean();
});
afterAll(async () => {
  for (const response of hung) response.destroy();
  receiver.closeAllConnections();
  receiver.close();
  await clean();
});

const env = {
  SUPABASE_URL: stack.apiUrl,
  SUPABASE_SECRET_KEY: stack.secretKey,
  SUPABASE_DB_URL: stack.dbUrl,
  SECRETS_ENCRYPTION_KEY: stack.secretsEncryptionKey,
};
const cli = (...args: string[]) => runCli(args, { env });
const run = (headers: Record<string, string> = { apikey: stack.secretKey }) =>
  fetch(`${stack.apiUrl}/functions/v1/outbox`, { method: "POST", headers });
const counts = async () => (await (await run()).json()) as Record<string, number>;
const emit = (topic: string) => db()`select platform.emit('leads', ${topic}, '{"order": "CMD-001"}')`;
const send = (kind: string, payload: object) =>
  db()`select platform.send_message(${kind}, 'leads', 'test', ${db().json(payload as never)})`;
const rows =
  () => db()`select topic, kind, attempts, error, payload, delivered_at is not null as delivered, failed_at is not null as failed
  from platform.deliveries order by id`;

async function addEndpoint(path: string, ...events: string[]): Promise<{ id: string; secret: string }> {
  const chosen = events.length > 0 ? ["--events", ...events] : [];
  const added = await cli("webhooks", "add", `${base}${path}`, "--system", "leads", ...chosen, "--json");
  expect(added.code, added.stderr).toBe(0);
  return JSON.parse(added.stdout);
}

/** As a receiver checks a call, by the text of Standard Webhooks. */
function signatureOf({ headers, body }: Call, secret: string): string {
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}

describe("the function", () => {
  it.each([
    ["nobody", {}],
    ["the publishable key", { apikey: stack.publishableKey }],
    ["another key", { apikey: "sb_secret_other" }],
    ["another token", { authorization: `Bearer ${stack.publishableKey}` }],
  ])("refuses %s", async (_, headers) => {
    await emit("order.paid");
    const answer = await run(headers as Record<string, string>);
    expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ code: "forbidden" })]);
    expect(await db()`select from platform.outbox where delivered_at is null`).toHaveLength(1);
  });

  it("answers how much it has done", async () => {
    expect(await counts()).toEqual({ delivered: 0, retried: 0, failed: 0, removed: expect.any(Object) });
  });
});

describe("a mail and an SMS", () => {
  it("arrive in the catcher as they were written, and leave no address behind", async () => {
    const to = newEmail();
    await send("mail", { to, subject: "Échéance à J−3", text: "Bonjour Zoé,\n\n<b>12 345</b> FCFA\n" });
    await send("sms", { to: "+2290197123456", text: "Votre loyer de mars : 12 345 FCFA" });
    expect(await counts()).toMatchObject({ delivered: 2, retried: 0, failed: 0 });
    const [mail] = await mailsTo(to);
    expect(mail).toMatchObject({ subject: "Échéance à J−3" });
    expect(mail?.text.trim()).toBe("Bonjour Zoé,\n\n<b>12 345</b> FCFA");
    expect((await mailsTo("+2290197123456"))[0]).toMatchObject({
      subject: "SMS",
      text: "Votre loyer de mars : 12 345 FCFA",
    });
    expect((await rows()).map(({ payload }) => payload)).toEqual([{}, {}]);
  });

  it("of another shape have failed at once", async () => {
    await send("mail", { to: "nobody", subject: "x", text: "x" });
    await send("sms", { to: "97123456", text: "x" });
    expect(await counts()).toMatchObject({ delivered: 0, failed: 2 });
    expect((await rows()).map(({ error }) => error)).toEqual(["invalid_payload", "invalid_payload"]);
  });
});

describe("a webhook", () => {
  it("gets the events that it wants, signed so that the receiver can tell", async () => {
    const { secret } = await addEndpoint("/orders", "order.paid");
    await emit("order.paid");
    await emit("lead.created");
    expect(await counts()).toMatchObject({ delivered: 1 });
    const [call] = calls as [Call];
    expect(JSON.parse(call.body)).toEqual({
      type: "order.paid",
      timestamp: expect.any(String),
      data: { order: "CMD-001" },
    });
    expect(call.headers).toMatchObject({ "content-type": "application/json" });
    expect(call.headers["webhook-signature"]).toBe(signatureOf(call, secret));
    expect(Math.abs(Number(call.headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(10);
  });

  it("that fails is called again later, under the same id", async () => {
    await addEndpoint("/flaky");
    await emit("order.paid");
    answers = () => 500;
    expect(await counts()).toMatchObject({ delivered: 0, retried: 1 });
    expect(await rows()).toMatchObject([{ attempts: 1, error: "http_500", delivered: false, failed: false }]);
    expect(await counts()).toMatchObject({ delivered: 0, retried: 0 });
    answers = () => 200;
    await db()`update platform.deliveries set available_at = now()`;
    expect(await counts()).toMatchObject({ delivered: 1 });
    expect(calls.map(({ headers }) => headers["webhook-id"])).toEqual(Array(2).fill(calls[0]?.headers["webhook-id"]));
  });

  it("is not followed elsewhere", async () => {
    await addEndpoint("/moved");
    await emit("order.paid");
    answers = () => 302;
    expect(await counts()).toMatchObject({ retried: 1 });
    expect(await rows()).toMatchObject([{ error: "redirected" }]);
    expect(calls).toHaveLength(1);
  });

  it("that hangs holds up no other", async () => {
    await addEndpoint("/hangs");
    await addEndpoint("/fine");
    for (let event = 0; event < 20; event++) await emit("order.paid");
    answers = (path) => (path === "/hangs" ? "hang" : 204);
    const begun = Date.now();
    const running = counts();
    await expect.poll(() => calls.filter(({ path }) => path === "/fine").length, { timeout: 8_000 }).toBe(20);
    expect(Date.now() - begun).toBeLessThan(8_000);
    answers = () => 204;
    await running;
    expect(await db()`select distinct error from platform.deliveries where error is not null`).toEqual([
      { error: "timeout" },
    ]);
  }, 40_000);

  it("whose worker is killed on the way is called by the next one", async () => {
    await addEndpoint("/killed");
    await emit("order.paid");
    answers = () => "hang";
    const worker = spawn(process.execPath, ["--import", "tsx", join(projectRoot, "test/support/outbox-worker.ts")], {
      env: { ...process.env, ...env, WEBHOOKS_TO_THIS_MACHINE: "true" },
      cwd: projectRoot,
    });
    await expect.poll(() => calls.length, { timeout: 20_000 }).toBe(1);
    worker.kill("SIGKILL");
    await once(worker, "exit");
    answers = () => 204;
    expect(await rows()).toMatchObject([{ attempts: 1, error: null, delivered: false, failed: false }]);
    expect(await counts()).toMatchObject({ delivered: 0 });
    await db()`update platform.deliveries set available_at = now()`;
    expect(await counts()).toMatchObject({ delivered: 1 });
    expect(calls[1]?.headers["webhook-id"]).toBe(calls[0]?.headers["webhook-id"]);
  }, 40_000);

  it("is called once by two workers at once", async () => {
    await addEndpoint("/once");
    for (let event = 0; event < 30; event++) await emit("order.paid");
    const both = await Promise.all([counts(), counts()]);
    expect((both[0]?.delivered ?? 0) + (both[1]?.delivered ?? 0)).toBe(30);
    expect(new Set(calls.map(({ headers }) => headers["webhook-id"])).size).toBe(30);
    expect(calls).toHaveLength(30);
  });
});

describe("an operator", () => {
  it("adds, tests, pauses and removes an endpoint, whose secret is shown once and kept sealed", async () => {
    const { id, secret } = await addEndpoint("/tested");
    expect(await cli("webhooks", "test", id)).toMatchObject({ code: 0 });
    expect(calls[0]).toMatchObject({ path: "/tested", body: expect.stringContaining("webhook.test") });
    const listed = await cli("webhooks", "list", "--json");
    expect(JSON.parse(listed.stdout)).toMatchObject([{ id, system: "leads", events: ["*"], status: "active" }]);
    expect(await cli("webhooks", "pause", id)).toMatchObject({ code: 0 });
    const kept = JSON.stringify([
      ...(await db()`select * from platform.webhook_endpoints e join platform.webhook_secrets s on s.endpoint_id = e.id`),
      ...(await db()`select after from platform.audit_log where relation = 'platform.webhook_endpoints'`),
    ]);
    for (const text of [listed.stdout, kept]) expect(text).not.toContain(secret.replace("whsec_", ""));
    expect(await cli("webhooks", "remove", id)).toMatchObject({ code: 0 });
    expect(await cli("webhooks", "test", id)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("n'existe pas"),
    });
  });

  it("is told by a test why an endpoint is not reached", async () => {
    const { id } = await addEndpoint("/broken");
    answers = () => 503;
    expect(await cli("webhooks", "test", id)).toMatchObject({ code: 1, stderr: expect.stringContaining("http_503") });
  });

  it("sees what has failed, without what it says or to whom, and has it delivered again", async () => {
    await send("mail", { to: "zoe@example.test", subject: "x", text: "secret" });
    await db()`update platform.deliveries set failed_at = now(), error = 'smtp_554', attempts = 8`;
    const listed = await cli("outbox", "list", "--status", "failed", "--json");
    expect(JSON.parse(listed.stdout)).toMatchObject([{ kind: "mail", status: "failed", error: "smtp_554" }]);
    expect(listed.stdout).not.toMatch(/zoe|secret/);
    expect(await cli("outbox", "retry", "--failed")).toMatchObject({ code: 0, stdout: "1 to be delivered again\n" });
    expect(await counts()).toMatchObject({ delivered: 1 });
    expect(await cli("outbox", "retry")).toMatchObject({ code: 1 });
    expect(await cli("outbox", "schedule")).toMatchObject({ code: 1, stderr: expect.stringContaining("pg_cron") });
  });
});
