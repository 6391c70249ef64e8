import { spawn } from "node:child_process";
import { join } from "node:path";
import { functionCommand } from "../../scripts/stack/functions.ts";
import { loadKeys } from "../../scripts/stack/keys.ts";
import { freePort } from "../../scripts/stack/ports.ts";
import { projectRoot } from "../../scripts/stack/project.ts";
import { atEndOfThisFile } from "./at-end.ts";
import { stack } from "./stack.ts";

/**
 * Starts a function of the shared stack once more, with these settings and no others; it is gone when the file is done.
 * Returns the address of its `/api`.
 */
export async function ownFunction(slug: string, settings: Readonly<Record<string, string>> = {}): Promise<string> {
  const port = await freePort();
  const { apiUrl, dbUrl, dataDir } = stack;
  const folder = join(projectRoot, "functions");
  const keys = loadKeys(dataDir);
  // Mails go nowhere: the stack's own functions send them.
  const catcher = { ports: { mail: Number(new URL(stack.mailUrl).port) }, smtpPort: 9 };
  const started = functionCommand(slug, port, { folder, dataDir, dbUrl, apiUrl, keys, ...catcher, settings });
  const child = spawn(started.command, started.args, { env: started.env, stdio: ["ignore", "ignore", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  atEndOfThisFile(async () => {
    child.kill();
    await ended;
  });
  const address = `http://127.0.0.1:${port}/${slug}/api`;
  while (!(await answers(`${address}/health`))) {
    if (child.exitCode !== null) throw new Error(`The function ${slug} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return address;
}

async function answers(address: string): Promise<boolean> {
  return fetch(address).then(
    ({ ok }) => ok,
    () => false,
  );
}
