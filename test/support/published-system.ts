import { readFileSync } from "node:fs";
import type { Hono } from "hono";
import { beforeAll, vi } from "vitest";
import type { Answer } from "../contract/http.ts";
import { ownStack } from "./own-stack.ts";

/** Asks the function of a system that is not the product's, as one of its people or nobody. */
export type AskSystem = (
  method: string,
  path: string,
  role?: string,
  more?: { body?: unknown; headers?: Record<string, string> },
) => Promise<Answer>;

/**
 * A stack of its own with one more system: its SQL, its published schema, and its function, which runs in the test's own
 * process. `people` has somebody signed in for each of its roles.
 */
export async function publishedSystem(slug: string, sqlFile: string, app: Hono, roles: readonly string[]) {
  const stack = await ownStack({});
  await stack.sql.unsafe(readFileSync(sqlFile, "utf8"));
  await stack.sql.unsafe(`alter role authenticator set pgrst.db_schemas = 'public, platform_api, ${slug}_api'`);
  await stack.sql`notify pgrst, 'reload config'`;
  await stack.sql`notify pgrst, 'reload schema'`;
  const people = new Map<string, { id: string; email: string; token: string }>();
  for (const role of [...roles, "stranger"]) {
    const person = await stack.person();
    if (role !== "stranger")
      await stack.sql`insert into platform.memberships (user_id, system, role) values (${person.id}, ${slug}, ${role})`;
    people.set(role, person);
  }
  beforeAll(() => {
    vi.stubEnv("SUPABASE_URL", stack.info.apiUrl);
    vi.stubEnv("SUPABASE_ANON_KEY", stack.info.publishableKey);
    vi.stubEnv("SUPABASE_SERVICE_ROLE_KEY", stack.info.secretKey);
    vi.stubEnv("SUPABASE_DB_URL", stack.info.dbUrl);
  });
  const ask: AskSystem = async (method, path, role, { body, headers = {} } = {}) => {
    const token = role === undefined ? undefined : people.get(role)?.token;
    const response = await app.request(`http://function/${slug}${path}`, {
      method,
      headers: {
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text === "" ? text : JSON.parse(text) };
  };
  return { ...stack, ask, people };
}
