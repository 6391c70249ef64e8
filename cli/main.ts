import { Command, CommanderError } from "commander";
import { registerAudit } from "./commands/audit.ts";
import { registerExport } from "./commands/export.ts";
import { registerGdpr } from "./commands/gdpr.ts";
import { registerImport } from "./commands/import.ts";
import { registerImports } from "./commands/imports.ts";
import { registerLedger } from "./commands/ledger.ts";
import { registerPay } from "./commands/pay.ts";
import { registerSeed } from "./commands/seed.ts";
import { registerStats } from "./commands/stats.ts";
import { registerStatus } from "./commands/status.ts";
import { registerUsers } from "./commands/users.ts";
import { printError } from "./output.ts";
import { addTargetOptions } from "./target.ts";

const help = `
Where it works: on what --url, --key and --db-url name, else SUPABASE_URL, SUPABASE_SECRET_KEY and SUPABASE_DB_URL,
else on the running stack (npm start). The one used is said on stderr.

Exit codes: 0 done, 1 refused, 2 wrong usage.`;

/** Runs one command line; answers the exit code: 0 done, 1 refused, 2 wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  const program = new Command("leads-cli")
    .description("Looks after a Leads Provider platform: its data, imports and checks.")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("(see --help)")
    .addHelpText("after", help)
    .exitOverride();
  addTargetOptions(program);
  registerStatus(program);
  registerSeed(program);
  registerImport(program);
  registerImports(program);
  registerExport(program);
  registerAudit(program);
  registerLedger(program);
  registerStats(program);
  registerUsers(program);
  registerGdpr(program);
  registerPay(program);

  // Whoever reads may have seen enough: `leads-cli … | head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });

  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has printed its own message: help and version are no error, anything else is wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    printError(error);
    return 1;
  }
}
