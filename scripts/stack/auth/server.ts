import { fstatSync } from "node:fs";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import { createAuthApp } from "./auth-app.ts";
import { readConfig } from "./config.ts";
import { createMailApp } from "./mail-app.ts";
import { createMailbox } from "./mailbox.ts";
import { listenForMails } from "./smtp.ts";
import { createStorageApp } from "./storage-app.ts";
import { createStudioApp } from "./studio-app.ts";

// The process that stands in for Supabase's auth and storage services, its mail catcher and Studio.

type Server = ReturnType<typeof serve>;

function listen(app: Pick<Hono, "fetch">, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => resolve(server));
    server.once("error", reject);
  });
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const mailbox = createMailbox();
  // With a binary in its place, Auth is another process, and what it mails comes by SMTP.
  const auth = config.otherAuth ? undefined : createAuthApp(config, mailbox);
  const mails = await listenForMails(mailbox, config.smtpPort);
  const studio = createStudioApp(config);
  const storage = await createStorageApp(config);
  const api = (request: Request) =>
    new URL(request.url).pathname.startsWith("/storage/v1/") || !auth
      ? storage.app.fetch(request)
      : auth.app.fetch(request);

  const servers = await Promise.all([
    listen({ fetch: api }, config.litePort),
    listen(studio.app, config.studioPort),
    listen(createMailApp(mailbox, config.auth.mails), config.mailPort),
  ]);
  console.log("listening");

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    // Open keep-alive connections must not hold the process; nor must a database that is gone already.
    setTimeout(() => process.exit(0), 2000).unref();
    for (const server of [...servers, mails]) server.close();
    Promise.all([auth?.close(), storage.close(), studio.close()]).finally(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  // The parent holds the other end of stdin: when it goes, however it goes, so does this process.
  const stdin = fstatSync(0);
  if (stdin.isFIFO() || stdin.isSocket()) process.stdin.resume().once("end", stop).once("close", stop);
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop(), 1000).unref();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
