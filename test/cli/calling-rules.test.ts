import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { linesByLaw, setLines } from "../support/calling.ts";
import { db, stack } from "../support/stack.ts";
import { runCli } from "./run-cli.ts";

// leads-cli calling-rules: the rules of calling on the command line, by the same SQL as PUT /api/admin/calling-rules.

const env = { SUPABASE_URL: stack.apiUrl, SUPABASE_SECRET_KEY: stack.secretKey };
const rules = (args: string[], stdin?: string) =>
  runCli(["calling-rules", ...args], { env, ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin) }) });
const salon = [{ supplier: "F-001", source: "Salon" }];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "calling-rules-"));
  await setLines(db(), linesByLaw);
});
afterEach(() => setLines(db(), linesByLaw));
afterAll(() => rm(folder, { recursive: true }));

test("show prints what is in force, as a table or as JSON", async () => {
  await setLines(db(), { sourcesWithoutConsent: salon });
  expect((await rules(["show"])).stdout.split("\n")).toEqual([
    "rule\tvalue",
    "days\tMon, Tue, Wed, Thu, Fri",
    "hours\t10:00–13:00, 14:00–20:00",
    "on holidays\tno",
    "calls per day\tno limit",
    "calls per 30 days\t4",
    "days after a refusal\t60",
    "without consent\tF-001: Salon",
    "",
  ]);
  expect(JSON.parse((await rules(["show", "--json"])).stdout)).toEqual({ ...linesByLaw, sourcesWithoutConsent: salon });
});

test("set changes what a file or stdin names, and nothing else", async () => {
  const file = join(folder, "rules.json");
  await writeFile(file, JSON.stringify({ callsPerDay: 1 }));
  expect((await rules(["set", file])).stdout).toContain("calls per day\t1\n");
  const run = await rules(["set", "-", "--json"], JSON.stringify({ sourcesWithoutConsent: salon }));
  expect(run.code, run.stderr).toBe(0);
  expect(JSON.parse(run.stdout)).toEqual({ ...linesByLaw, callsPerDay: 1, sourcesWithoutConsent: salon });
});

test.each([
  ['{"sourcesWithoutConsent": ["Salon"]}', /sourcesWithoutConsent : Une source vaut pour un fournisseur/],
  ['{"sourcesWithoutConsent": [{"supplier": "F-999", "source": "Salon"}]}', /Aucun fournisseur n'a la référence F-999/],
  ['{"callsPerWeek": 2}', /callsPerWeek : Ce champ n'existe pas/],
  ["[1]", /Des règles d'appel sont attendues/],
  ["no JSON", /- is no JSON/],
])("set refuses %s, and changes nothing", async (given, reason) => {
  const run = await rules(["set", "-"], given);
  expect([run.code, run.stdout]).toEqual([1, ""]);
  expect(run.stderr).toMatch(reason);
  expect(JSON.parse((await rules(["show", "--json"])).stdout)).toEqual(linesByLaw);
});

test("set refuses a file that is not there, and help has an example", async () => {
  expect(await rules(["set", join(folder, "none.json")])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/cannot read/),
  });
  const help = await rules(["--help"]);
  expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("$ leads-cli calling-rules set rules.json")]);
});
