import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type postgres from "postgres";
import { z } from "zod";
import { Refusal } from "../output.ts";
import { byClientNames } from "./client-names.ts";
import { checkFiles } from "./read-folder.ts";
import { type SeedFiles, type SeedKey, seedFileNames, seedSchema } from "./schema.ts";

type Role = "admin" | "fournisseur" | "agent" | "acheteur";
type Reading = readonly [Role, string];
type Parts = { [Name: string]: Reading };

/** What each file is read from, by the account that may: a list, or an object of parts. */
const sources: Record<SeedKey, Reading | Parts> = {
  leads: ["admin", "leads"],
  users: {
    fournisseur: ["fournisseur", "users_fournisseur()"],
    agent: ["agent", "users_agent()"],
    acheteur: ["acheteur", "users_acheteur()"],
  },
  billing: {
    creditPacks: ["acheteur", "billing_credit_packs"],
    payments: ["acheteur", "billing_payments"],
    notifications: ["acheteur", "billing_notifications"],
  },
  stats: {
    global: ["admin", "stats_global()"],
    monthly: ["admin", "stats_monthly()"],
    sectors: ["admin", "stats_sectors()"],
    regions: ["admin", "stats_regions()"],
    scoreExplanations: ["admin", "stats_score_explanations"],
  },
  adminImports: ["admin", "admin_imports"],
  agentImports: ["agent", "agent_imports"],
  audios: ["admin", "admin_audios"],
  transactions: {
    transactions: ["admin", "admin_transactions"],
    monthlyRevenue: ["admin", "admin_transactions_monthly_revenue()"],
  },
  creditConfig: { packs: ["admin", "admin_credits_packs"], rules: ["admin", "admin_credits_rules"] },
  fournisseurGains: { gains: ["admin", "admin_gains"], monthly: ["admin", "admin_gains_monthly()"] },
  virements: {
    virements: ["fournisseur", "fournisseur_virements"],
    monthly: ["fournisseur", "fournisseur_virements_monthly()"],
  },
};

/** These have one row, which stands for itself. */
const single = new Set(["users.fournisseur", "users.agent", "users.acheteur", "stats.global"]);

/**
 * Writes the eleven files of the front end out of what the endpoints answer to the first account of each role, by the
 * document's names or the front end's. Throws a Refusal where an account is missing, or a database has grown beyond what
 * a folder of mock files can say.
 */
export async function exportFolder(
  sql: postgres.Sql,
  folder: string,
  names: "document" | "client",
): Promise<SeedFiles> {
  const read = (await sql.begin("isolation level repeatable read read only", readFiles)) as Record<SeedKey, unknown>;
  const checked = checkFiles(read);
  if ("problems" in checked) {
    const [first] = checked.problems;
    throw new Refusal(
      `a folder of mock files cannot say what is in this database: ${first?.file} ${first?.path} : ${first?.reason}`,
    );
  }
  await mkdir(folder, { recursive: true });
  for (const key of Object.keys(seedFileNames) as SeedKey[]) {
    const content = names === "client" ? byClientNames(key, read[key]) : read[key];
    await writeFile(join(folder, seedFileNames[key]), `${JSON.stringify(content, null, 2)}\n`);
  }
  return checked.files;
}

async function readFiles(sql: postgres.TransactionSql): Promise<Record<string, unknown>> {
  const accounts = await firstAccounts(sql);
  const read = async (key: SeedKey, reading: Reading, part?: string) => {
    const rows = await rowsFor(sql, accounts, reading);
    const schema = part ? (seedSchema.shape[key] as unknown as z.ZodObject).shape[part] : seedSchema.shape[key];
    const kept = rows.map((row) => known(row, schema as z.ZodType));
    return single.has(`${key}.${part}`) ? kept[0] : kept;
  };
  const files: Record<string, unknown> = {};
  for (const [key, source] of Object.entries(sources) as [SeedKey, Reading | Parts][]) {
    if (isReading(source)) files[key] = await read(key, source);
    else {
      const parts: Record<string, unknown> = {};
      for (const [part, reading] of Object.entries(source)) parts[part] = await read(key, reading, part);
      files[key] = parts;
    }
  }
  return files;
}

function isReading(source: Reading | Parts): source is Reading {
  return Array.isArray(source);
}

async function firstAccounts(sql: postgres.TransactionSql): Promise<Map<string, string>> {
  const rows = await sql<{ role: string; id: string }[]>`
    select distinct on (m.role) m.role, m.user_id as id from platform.memberships m
    where m.system = 'leads' and m.status = 'active' order by m.role, m.created_at, m.user_id`;
  return new Map(rows.map(({ role, id }) => [role, id]));
}

async function rowsFor(
  sql: postgres.TransactionSql,
  accounts: Map<string, string>,
  [role, object]: Reading,
): Promise<Record<string, unknown>[]> {
  const sub = accounts.get(role);
  if (!sub) throw new Refusal(`there is no active account with the role ${role}: seed the database first`);
  await sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub, role: "authenticated" })}, true)`;
  await sql`set local role authenticated`;
  const [row] = await sql.unsafe<{ rows: Record<string, unknown>[] }[]>(
    `select coalesce(json_agg(answer), '[]') as rows from (select * from public.${object}) answer`,
  );
  await sql`reset role`;
  return row?.rows ?? [];
}

/** The fields that a mock file has: answers may have more, and a null where the file has a text. */
function known(row: Record<string, unknown>, schema: z.ZodType): Record<string, unknown> {
  const object = schema instanceof z.ZodArray ? schema.element : schema;
  const fields = Object.entries((object as z.ZodObject).shape).filter(([name]) => name in row);
  return Object.fromEntries(
    fields.map(([name, field]) => [name, row[name] === null && !field.safeParse(null).success ? "" : row[name]]),
  );
}
