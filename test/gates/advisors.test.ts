import { expect, it } from "vitest";
import { supabaseCli } from "../../scripts/db/supabase-cli.ts";
import { testDatabase } from "../support/sql.ts";

type Finding = { name: string; level: string; detail: string };

const excepted = [
  // A database that nobody has used yet has used no index.
  { name: "unused_index", detail: "" },
  // A key would cost a third of the staging (leads.import_rows).
  { name: "no_primary_key", detail: "`leads.import_file_rows`" },
];
const database = await testDatabase();

async function findings(): Promise<string[]> {
  const output = await supabaseCli("db", "advisors", `--remote=${database.url}`, "--type", "all", "--level", "info");
  const found = output.trim().startsWith("[") ? (JSON.parse(output) as Finding[]) : [];
  return found
    .filter(({ name, detail }) => !excepted.some((each) => each.name === name && detail.includes(each.detail)))
    .map(({ level, name, detail }) => `${level} ${name}: ${detail}`);
}

it("the advisors for security and performance find nothing, and say so when there is something", async () => {
  expect(await findings()).toEqual([]);
  await database.sql.unsafe("create table public.open_table (id integer); grant select on public.open_table to anon");
  expect((await findings()).join("\n")).toMatch(/rls_disabled_in_public.*public\.open_table/);
}, 60_000);
