import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres, { type Sql } from "postgres";
import { inject } from "vitest";
import WebSocket from "ws";
import type { StackInfo } from "../../scripts/stack/index.ts";
import { atEndOfFiles } from "./at-end.ts";

/** Addresses and keys of the stack that the test files of this worker share, one after the other. */
export const stack = inject("stacks")[Number(process.env.VITEST_POOL_ID) - 1] as StackInfo;

/** Whether Auth is the embedded one; where AUTH_BINARY names another, it does not keep what only the embedded one promises. */
export const isAuthEmbedded = !process.env.AUTH_BINARY;

/** Password of the demo accounts. */
const demoPassword = "demo-Password-1";

/** supabase-js with the secret key: it sees and may do everything. */
export function serviceClient(): SupabaseClient {
  return client(stack.secretKey);
}

/** supabase-js as somebody who is not signed in. */
export function anonClient(): SupabaseClient {
  return client(stack.publishableKey);
}

/** supabase-js, signed in. Throws where the account or password is wrong. */
export async function clientFor(email: string, password: string = demoPassword): Promise<SupabaseClient> {
  const signedIn = anonClient();
  const { error } = await signedIn.auth.signInWithPassword({ email, password });
  if (error) throw new Error(`${email} could not sign in: ${error.message}`);
  return signedIn;
}

const connections: Sql[] = [];

/** The database as its superuser, one connection for each test file. */
export function db(): Sql {
  connections[0] ??= postgres(stack.dbUrl, { max: 4, onnotice: () => undefined });
  return connections[0];
}

atEndOfFiles(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.end()));
});

/** supabase-js with a key of a stack, the shared one if none is named. */
export function client(key: string, apiUrl: string = stack.apiUrl): SupabaseClient {
  return createClient(apiUrl, key, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    // Node 20 has no WebSocket of its own.
    realtime: { transport: WebSocket as never },
  });
}
