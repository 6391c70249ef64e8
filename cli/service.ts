import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { WebSocket } from "ws";

/** supabase-js with the secret key: the operators' own, who are admins of every system. */
export function serviceClient(apiUrl: string, secretKey: string): SupabaseClient {
  return createClient(apiUrl, secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    // Node 20 has no WebSocket of its own, and supabase-js does not start without one.
    realtime: { transport: WebSocket as never },
  });
}
