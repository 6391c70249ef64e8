import process from "node:process";
import postgres from "postgres";
import { serviceUnavailable } from "./problem.ts";

let opened: postgres.Sql | undefined;

/**
 * The project's database as its owner, for what PostgREST has no way to do: COPY, and work that goes on after the
 * answer. Who may ask for it is to be found out before. Throws a Problem (503) where the project does not name it.
 */
export function database(): postgres.Sql {
  opened ??= connect();
  return opened;
}

function connect(): postgres.Sql {
  const url = process.env.SUPABASE_DB_URL;
  if (!url) {
    console.error("The environment variable SUPABASE_DB_URL is not set");
    throw serviceUnavailable();
  }
  return postgres(url, {
    max: 4,
    idle_timeout: 20,
    connect_timeout: 10,
    // A pooler shares connections between transactions; named statements do not survive there.
    prepare: false,
    onnotice: () => {},
  });
}
