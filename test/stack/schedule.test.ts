import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, expect, it } from "vitest";
import { startStackOn } from "../support/start-stack.ts";

// A stack that is started as people start it works its outbox off by itself.

const folder = mkdtempSync(join(tmpdir(), "schedule-test-"));
const stack = await startStackOn(join(folder, "data"), ["--ephemeral", "--no-seed"]);
const sql = postgres(stack.info.dbUrl, { max: 1, onnotice: () => undefined });
afterAll(async () => {
  await sql.end();
  stack.process.kill("SIGTERM");
  await stack.exited;
  rmSync(folder, { recursive: true, force: true });
});

it("a mail goes out within seconds, and nobody has called for it", async () => {
  const mail = { to: "zoe@example.test", subject: "Bonjour", text: "Texte" };
  await sql`select platform.send_message('mail', 'any', 'test', ${sql.json(mail)})`;
  const caught = async () =>
    (await (await fetch(`${stack.info.mailUrl}/api/messages?to=${mail.to}`)).json()) as { subject: string }[];
  await expect.poll(caught, { timeout: 15_000, interval: 200 }).toMatchObject([{ subject: "Bonjour" }]);
  for (const secret of [stack.info.secretKey, stack.info.secretsEncryptionKey]) {
    expect(stack.output().split(secret).length - 1).toBe(secret === stack.info.secretKey ? 1 : 0);
  }
});
