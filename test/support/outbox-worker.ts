import process from "node:process";
import postgres from "postgres";
import { deliverers } from "../../functions/_shared/outbox/settings.ts";
import { workOff } from "../../functions/_shared/outbox/worker.ts";

// A worker as a process of its own, to be killed.
const sql = postgres(process.env.SUPABASE_DB_URL ?? "", { max: 2, onnotice: () => undefined });
await workOff(sql, deliverers());
await sql.end();
