import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { inject } from "vitest";
import { memoryFolder } from "../../scripts/db/memory-folder.ts";
import type { StackInfo } from "../../scripts/stack/index.ts";
import { type Answer, type Ask, send } from "../contract/http.ts";
import type { Person } from "../contract/people.ts";
import { unchanged } from "../contract/unchanged.ts";
import { newAccount } from "./accounts.ts";
import { atEndOfThisFile } from "./at-end.ts";
import { client } from "./stack.ts";
import { startQuickStack } from "./start-stack.ts";

/** A stack that a test file has for itself, because it leaves there what cannot be removed, or wants other settings. */
export type OwnStack = {
  info: StackInfo;
  sql: postgres.Sql;
  /** All that it has printed so far. */
  output: () => string;
  /** Asks an endpoint below `/api`. */
  ask: (method: string, path: string, person?: Person, more?: Omit<Ask, "method" | "token">) => Promise<Answer>;
  /** Somebody who has just signed up, with roles in Leads Provider. */
  person: (...roles: string[]) => Promise<Person>;
  /** Does a call that is refused, and fails where it has changed anything. */
  refused: (work: () => Promise<Answer>) => Promise<Answer>;
};

/** Starts a stack with the demo data, whose functions have these settings; it is gone when the file is done. */
export async function ownStack(
  settings: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<OwnStack> {
  const folder = mkdtempSync(join(memoryFolder(), "own-stack-"));
  const stack = await startQuickStack(join(folder, "data"), [...inject("stackFlags"), ...flags], settings);
  const { info } = stack;
  const sql = postgres(info.dbUrl, { max: 4, onnotice: () => undefined });
  atEndOfThisFile(async () => {
    await sql.end();
    stack.process.kill("SIGTERM");
    await stack.exited;
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    ...{ info, sql, output: stack.output },
    ask: (method, path, person, more = {}) =>
      send(`${info.systems.leads?.apiBase}${path}`, { method, token: person?.token, ...more }),
    person: (...roles) => newPerson(info, sql, roles),
    refused: (work) => unchanged(work, sql),
  };
}

async function newPerson(info: StackInfo, sql: postgres.Sql, roles: string[]): Promise<Person> {
  const account = await newAccount(client(info.publishableKey, info.apiUrl), client(info.secretKey, info.apiUrl));
  const { id, email, session } = account;
  for (const role of roles) {
    await sql`insert into platform.memberships (user_id, system, role) values (${id}, 'leads', ${role})`;
  }
  await sql`update platform.profiles set first_name = 'Zoé', last_name = 'Blanc', company = 'Blanc SARL' where id = ${id}`;
  return { id, email, token: session.access_token, client: account.client };
}
