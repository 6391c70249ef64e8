import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type OwnStack, ownStack } from "../support/own-stack.ts";
import { workbookOf } from "../support/workbook.ts";
import { runCli } from "./run-cli.ts";

// leads-cli import where there is an address and a key, but no way to the database.

vi.setConfig({ testTimeout: 60_000 });
const folder = mkdtempSync(join(tmpdir(), "leads-cli-upload-"));
const supplier = "depot@import.test";
let stack: OwnStack;

beforeAll(async () => {
  stack = await ownStack({ IMPORT_SLICE_MS: "0" });
  await stack.sql`insert into leads.suppliers (contact_name, company, email, status) values ('Contact', 'Dépôt SARL', ${supplier}, 'active')`;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const remote = () => ["--url", stack.info.apiUrl, "--key", stack.info.secretKey];
const direct = () => ["--db-url", stack.info.dbUrl];
const importOf = (file: string, ...options: string[]) => runCli(["import", file, "--supplier", supplier, ...options]);
const fileOf = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const notes = "à rappeler ".repeat(20);
const rowsOf = (name: string, rows: number) => [
  ["nom", "email", "secteur", "région", "commentaires"],
  ...Array.from({ length: rows }, (_, n) => [
    `${name}${n}`,
    n % 100 === 7 ? "pas d'adresse" : `${name}${n % 100 === 8 ? n - 2 : n}@import.test`,
    ...["PV", "PACA", `${notes}${n}`],
  ]),
];
const csv = (rows: string[][]) => rows.map((cells) => cells.join(";")).join("\n");

/** What is the same whichever road a file has come by. */
const withoutNumber = (json: string) => ({ ...JSON.parse(json), import: "", fileName: "", processingTime: "" });

test("a large file comes in slice by slice, with the report and the refused rows that a session in the database has", async () => {
  const rejects = [join(folder, "a.csv"), join(folder, "b.csv")] as const;
  const far = await importOf(fileOf("far.csv", csv(rowsOf("a", 3000))), ...remote(), "--json", "--rejects", rejects[0]);
  expect(far.code, far.stderr).toBe(0);
  expect(far.stderr).toContain("rows read, merging them");
  const near = await importOf(
    fileOf("near.csv", csv(rowsOf("b", 3000))),
    ...direct(),
    "--json",
    "--rejects",
    rejects[1],
  );
  expect(near.code, near.stderr).toBe(0);
  const report = withoutNumber(far.stdout);
  expect(report).toMatchObject({ read: 3000, inserted: 2940, invalid: 30, duplicates: { total: 30, inFile: 30 } });
  expect(report).toEqual(withoutNumber(near.stdout));
  const [first, second] = rejects.map((path) => readFileSync(path, "utf8"));
  expect(first?.split("\n")).toHaveLength(32);
  expect(first).toBe(second?.replaceAll(/\bb(?=\d)/g, "a"));
});

test("a workbook is put there as well, with what the command says of it; the same file again adds nothing", async () => {
  const rows = rowsOf("c", 500).map(([name = "", email = "", , region = "", note = ""]) => [name, email, region, note]);
  const file = fileOf(
    "classeur.xlsx",
    workbookOf([["Bonjour"]], [["Client", "email", "région", "commentaires"], ...rows.slice(1)]),
  );
  const options = [...remote(), "--set", "sector=Isolation", "--map", "Client=lastName", "--sheet", "2"];
  const first = await importOf(file, ...options);
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toMatch(/inserted +490/);
  expect(first.stdout).toContain("Client = lastName");
  expect(first.stderr).toContain('classeur.xlsx is a workbook (.xlsx), sheet "Feuille 2"');
  const again = await importOf(file, ...options);
  expect(again.code, again.stderr).toBe(0);
  expect(again.stdout).toContain("came in before");
});

test("what is refused exits with 1 and says why", async () => {
  const good = fileOf("bon.csv", csv(rowsOf("d", 3)));
  const refused = async (file: string, options: string[], reason: string) => {
    const run = await importOf(file, ...options);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(reason);
  };
  await refused(fileOf("sans.csv", "nom;email\nA;a@b.fr\n"), remote(), "secteur");
  await refused(fileOf("binaire.csv", new Uint8Array([0, 1, 2, 3])), remote(), "binary_file");
  const late = Buffer.concat([Buffer.from(csv(rowsOf("e", 2000))), Buffer.from([0x0a, 0xff, 0xfe])]);
  await refused(fileOf("tard.csv", late), remote(), "UTF-8");
  await refused(good, [...remote().slice(0, 3), "sb_secret_of_somebody_else"], "do not know this key");
  await refused(good, [...remote(), "--dry-run"], "--db-url");
  await refused(good, [...remote(), "--save-map"], "--db-url");
  await refused(good, ["--url", "http://127.0.0.1:1", "--key", stack.info.secretKey], "cannot reach");
  const unknown = await runCli(["import", good, "--supplier", "personne@import.test", ...remote()]);
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("fournisseur") });
});

test("the operators' endpoints are there for nobody without their key", async () => {
  const base = stack.info.systems.leads?.apiBase.replace(/\/api$/, "");
  const admin = await stack.person("admin");
  for (const headers of [{}, { apikey: stack.info.publishableKey }, { Authorization: `Bearer ${admin.token}` }]) {
    for (const path of ["/operators/api/imports", "/operators/api/imports/IMP-001", "/operators/imports/IMP-001"]) {
      expect((await fetch(`${base}${path}`, { headers })).status).toBe(404);
    }
  }
  // Beside the key nobody else's token counts, and only imports are there.
  const own = { apikey: stack.info.secretKey, Authorization: "Bearer nonsense" };
  expect((await fetch(`${base}/operators/api/imports`, { headers: own })).status).toBe(200);
  expect((await fetch(`${base}/operators/api/leads`, { headers: own })).status).toBe(404);
  expect((await fetch(`${base}/api/imports`, { headers: { apikey: stack.info.secretKey } })).status).toBe(401);
});
