import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { type Io, io, withIo } from "./io.ts";
import { printError } from "./output.ts";
import { addTargetOptions } from "./target.ts";

/** One file of commands/ each, in the order in which --help lists them. */
const names = [
  "status",
  "seed",
  "import",
  "imports",
  "export",
  "audit",
  "ledger",
  "stats",
  "users",
  "calling-rules",
  "gdpr",
  "pay",
  "outbox",
  "webhooks",
];

const help = `
Where it works: on what --url, --key and --db-url name, else SUPABASE_URL, SUPABASE_SECRET_KEY and SUPABASE_DB_URL,
else on the running stack (npm start). The one used is said on stderr.

Exit codes: 0 done, 1 refused, 2 wrong usage.`;

/** Runs one command line, on the process's own streams if none are given; answers the exit code: 0 done, 1 refused, 2 wrong usage. */
export function main(argv: readonly string[], streams: Io = process): Promise<number> {
  return withIo(streams, () => run(argv));
}

async function run(argv: readonly string[]): Promise<number> {
  const program: Command = new Command("leads-cli")
    .description("Looks after a Leads Provider platform: its data, imports and checks.")
    .configureHelp({
      showGlobalOptions: true,
      visibleGlobalOptions: ({ parent }) => (parent ? [...program.options] : []),
    })
    .showHelpAfterError("(see --help)")
    .addHelpText("after", help)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io().stdout.write(text),
      writeErr: (text) => void io().stderr.write(text),
    });
  addTargetOptions(program);
  for (const name of wanted(argv)) commandModule(name).register(program);
  for (const command of program.commands) command.hook("preSubcommand", refuseForeignOptions);

  // Whoever reads may have seen enough: `leads-cli … | head`.
  io().stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });

  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    // Commander has printed its own message: help and version are no error, anything else is wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    printError(error);
    return 1;
  }
}

/** The commands that a line may mean. The others are left alone: their libraries take longer to load than most commands. */
function wanted(argv: readonly string[]): readonly string[] {
  const named = names.filter((name) => argv.includes(name));
  return named.length > 0 ? named : names;
}

/** Commander takes a command's options below it as well, where they mean nothing: `pay export --dry-run` would write. */
function refuseForeignOptions(command: Command, below: Command): void {
  const known = below.options.map((option) => option.attributeName());
  const foreign = command.options.find((option) => {
    const name = option.attributeName();
    return command.getOptionValueSource(name) === "cli" && !known.includes(name);
  });
  if (foreign) below.error(`error: ${foreign.long} is no option of leads-cli ${command.name()} ${below.name()}`);
}

function commandModule(name: string): { register: (program: Command) => void } {
  return createRequire(import.meta.url)(`./commands/${name}.ts`);
}
