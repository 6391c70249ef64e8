import type postgres from "postgres";
import type { AuthServerConfig } from "./config.ts";
import type { Mailbox } from "./mailbox.ts";

/** What every auth route works with. */
export interface AuthContext {
  config: AuthServerConfig;
  /** Connected as the owner of schema auth. */
  sql: postgres.Sql;
  /** Connected as the service role, for the project's own functions. */
  limits: postgres.Sql;
  mailbox: Mailbox;
}
