import { connect } from "node:net";
import { join } from "node:path";
import type { StackKeys } from "./keys.ts";
import { freePort } from "./ports.ts";
import { functionSlugs, projectRoot, resolvePackage } from "./project.ts";
import type { Log, Supervisor } from "./supervisor.ts";
import { until } from "./until.ts";

/** What every function gets, as a hosted project gives it. */
export type FunctionsOptions = {
  folder: string;
  dataDir: string;
  dbUrl: string;
  apiUrl: string;
  keys: StackKeys;
  /** Where mails and SMS are caught. */
  ports: { mail: number };
  smtpPort: number;
  /** Settings of the person's own, by variable: the payment provider's keys. */
  settings: Readonly<Record<string, string>>;
  log: Log;
};

/** The project's Edge Functions, each in a Deno process of its own. */
export type Functions = {
  slugs: string[];
  /** Port of a running function; undefined while it is down. */
  port: (slug: string) => number | undefined;
  /** Resolves when each function listens or has failed to. */
  started: Promise<void>;
};

type State = { port: number; listens: boolean };

const firstPauseMs = 200;
const longestPauseMs = 5_000;
/** A function that ran this long is restarted as if it had never failed. */
const healthyMs = 10_000;

/** Starts every function, and again whenever it ends. */
export async function startFunctions(supervisor: Supervisor, options: FunctionsOptions): Promise<Functions> {
  const states = new Map<string, State>();
  for (const slug of functionSlugs(options.folder)) states.set(slug, { port: await freePort(), listens: false });
  const started = [...states].map(([slug, state]) => keepRunning(supervisor, slug, state, options));
  return {
    slugs: [...states.keys()],
    port: (slug) => {
      const state = states.get(slug);
      return state?.listens ? state.port : undefined;
    },
    started: Promise.all(started).then(() => undefined),
  };
}

/** Resolves after the first attempt, whatever came of it. */
async function keepRunning(
  supervisor: Supervisor,
  slug: string,
  state: State,
  options: FunctionsOptions,
): Promise<void> {
  let pause = firstPauseMs;
  const runOnce = async (): Promise<void> => {
    const begun = Date.now();
    const child = supervisor.start({ name: slug, mayEnd: true, ...functionCommand(slug, state.port, options) });
    void child.exited.then((how) => {
      state.listens = false;
      if (supervisor.stopping()) return;
      pause = Date.now() - begun > healthyMs ? firstPauseMs : Math.min(pause * 2, longestPauseMs);
      options.log(`[${slug}] ended (${how}), starts again in ${pause} ms`);
      setTimeout(() => supervisor.stopping() || void runOnce(), pause).unref();
    });
    state.listens = await until(() => accepts(state.port), child).then(
      () => true,
      () => false,
    );
  };
  await runOnce();
}

/** What a function is started with: the command, its arguments and environment. */
export function functionCommand(slug: string, port: number, options: Omit<FunctionsOptions, "log">) {
  const { folder, dataDir, dbUrl, apiUrl, keys, ports, smtpPort, settings } = options;
  const readable = [folder, join(projectRoot, "node_modules")].join(",");
  return {
    command: join(resolvePackage("deno/package.json"), "..", process.platform === "win32" ? "deno.exe" : "deno"),
    args: [
      ...["run", "--quiet", "--no-prompt", "--no-remote", "--allow-net", "--allow-env", `--allow-read=${readable}`],
      join(folder, slug, "index.ts"),
    ],
    env: {
      ...basics(),
      PAYMENT_PROVIDER: "manual",
      MAIL_URL: `smtp://127.0.0.1:${smtpPort}`,
      MAIL_FROM: "noreply@localhost",
      SMS_URL: `http://127.0.0.1:${ports.mail}/api/sms`,
      WEBHOOKS_TO_THIS_MACHINE: "true",
      ...settings,
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
      DENO_DIR: join(dataDir, "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      SUPABASE_URL: apiUrl,
      SUPABASE_DB_URL: dbUrl,
      SUPABASE_ANON_KEY: keys.anonToken,
      SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleToken,
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
      IBAN_ENCRYPTION_KEY: keys.ibanEncryptionKey,
      SECRETS_ENCRYPTION_KEY: keys.secretsEncryptionKey,
    },
  };
}

// A function reads any variable that it is given; what the person's shell holds is not for it.
function basics(): NodeJS.ProcessEnv {
  const names = ["PATH", "HOME", "TMPDIR", "TEMP", "SYSTEMROOT", "TZ", "NO_COLOR"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
