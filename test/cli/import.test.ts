import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { testDatabase } from "../support/sql.ts";
import { workbookOf, zipBomb } from "../support/workbook.ts";
import { runCli } from "./run-cli.ts";

const sample = fileURLToPath(new URL("../../samples/leads.csv", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "leads-cli-import-"));
const { sql, url } = await testDatabase();

afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Each test has a supplier of its own and a platform without leads of others.
let supplier: string;
let number = 0;
beforeEach(async () => {
  number += 1;
  supplier = `Supplier${number}@import.test`;
  await sql`delete from leads.leads`;
  await sql`insert into leads.suppliers (contact_name, company, email, status) values ('Contact', 'Société', ${supplier}, 'active')`;
});

function fileOf(text: string): string {
  const path = join(folder, "leads.csv");
  writeFileSync(path, text);
  return path;
}

const importOf = (file: string, ...options: string[]) =>
  runCli(["import", file, "--supplier", supplier.toLowerCase(), "--db-url", url, ...options]);
const importStdin = (stdin: Uint8Array) =>
  runCli(["import", "-", "--supplier", supplier.toLowerCase(), "--db-url", url], { stdin });

const countRows = async () => {
  const [row] = await sql`
    select (select count(*)::int from leads.leads) as leads, (select count(*)::int from leads.import_rows) as staged,
      (select count(*)::int from leads.imports i join leads.suppliers s on s.id = i.supplier_id where s.email = ${supplier}) as imports`;
  return { ...row };
};

describe("leads-cli import", () => {
  test("brings a file in by pieces, and sees across them who comes twice", async () => {
    const rows = Array.from({ length: 6000 }, (_, n) => {
      // The last thousand are people of the first piece; of a hundred rows one has an unknown sector.
      const person = n < 5000 ? n : n - 5000;
      return `Nom ${n};p${person}@pieces.test;${n % 100 === 50 ? "Lune" : "PV"};PACA`;
    });
    const file = fileOf(`nom;email;secteur;région\n${rows.join("\n")}\n`);
    const rejects = join(folder, "pieces-rejects.csv");
    const report = JSON.parse((await importOf(file, "--json", "--rejects", rejects)).stdout);
    expect(report).toMatchObject({
      ...{ status: "completed", read: 6000, inserted: 4950, invalid: 60 },
      duplicates: { total: 990, inFile: 990 },
      sectors: [{ name: "Énergie Solaire", leads: 4950 }],
    });
    expect(readFileSync(rejects, "utf8").trim().split("\n")).toHaveLength(61);
    const newest = await sql`
      select c.last_name from leads.leads l join leads.lead_contacts c on c.lead_id = l.id order by l.id desc limit 2`;
    expect(newest.map((row) => row.last_name)).toEqual(["Nom 0", "Nom 1"]);
    const checked = await sql`select from leads.import_checked`;
    expect({ ...(await countRows()), checked: checked.length }).toEqual({
      leads: 4950,
      staged: 0,
      imports: 1,
      checked: 0,
    });
  });

  test("takes back the pieces of a file with too many refused rows, which waits for an admin", async () => {
    const rows = Array.from({ length: 4000 }, (_, n) => `Nom ${n};w${n}@pieces.test;${n < 100 ? "PV" : "Lune"};PACA`);
    const run = await importOf(fileOf(`nom;email;secteur;région\n${rows.join("\n")}\n`), "--json");
    expect(JSON.parse(run.stdout)).toMatchObject({
      status: "pending_review",
      read: 4000,
      inserted: 100,
      invalid: 3900,
    });
    expect(await countRows()).toMatchObject({ leads: 0, staged: 0, imports: 1 });
  });

  test("brings the sample in, and says what became of each row", async () => {
    const run = await importOf(sample, "--json");
    expect(run.code).toBe(0);
    const report = JSON.parse(run.stdout);
    expect(report).toMatchObject({
      ...{ fileName: "leads.csv", status: "completed", dryRun: false },
      ...{ read: 39, inserted: 31, updated: 0, invalid: 6 },
      duplicates: { total: 2, inFile: 2, ofSupplier: 0, onPlatform: 0 },
      mapping: { Prénom: "firstName", "Prix (€)": "price", Origine: "source" },
      ignored: ["Réf. interne"],
    });
    expect(report.reasons).toContainEqual({
      ...{ field: "sector", code: "unknown_sector", rows: 1, example: "Le secteur « Voyance » est inconnu." },
    });
    expect(await countRows()).toEqual({ leads: 31, staged: 0, imports: 1 });
    const [kept] =
      await sql`select reference, total, valid, invalid, duplicates from leads.imports order by id desc limit 1`;
    expect(kept).toEqual({ reference: report.import, total: 39, valid: 31, invalid: 6, duplicates: 2 });
    const [reunion] = await sql`select c.phone from leads.lead_contacts c where c.last_name = 'Hoarau'`;
    expect(reunion).toEqual({ phone: "+262 693 98 97 22" });
  });

  test("the same file again adds nothing, and is told so before it is read", async () => {
    const { import: first } = JSON.parse((await importOf(sample, "--json")).stdout);
    const copy = join(folder, "copy.csv");
    copyFileSync(sample, copy);
    const again = await importOf(copy, "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ import: first, alreadyImported: true, read: 0, inserted: 0 });
    expect(again.stderr).not.toContain("rows read");
    expect((await importOf(sample)).stdout).toContain(`came in before, as ${first} (completed): nothing was added.`);
    expect(await countRows()).toEqual({ leads: 31, staged: 0, imports: 1 });
  });

  test("the same people in another file add nothing", async () => {
    const text = readFileSync(sample, "utf8");
    await importOf(sample);
    const again = JSON.parse((await importOf(fileOf(`${text}\r\n`), "--json")).stdout);
    expect(again).toMatchObject({
      ...{ read: 39, inserted: 0, invalid: 6 },
      duplicates: { total: 33, inFile: 2, ofSupplier: 31 },
    });
  });

  test("--on-duplicate report names the duplicates among the refused rows", async () => {
    const path = join(folder, "rejects.csv");
    const file = fileOf("nom,email,secteur,région\nA,a@b.fr,PV,PACA\nB,a@b.fr,PV,PACA\n");
    const run = await importOf(file, "--on-duplicate", "report", "--rejects", path, "--json");
    expect(JSON.parse(run.stdout)).toMatchObject({ inserted: 1, invalid: 0, duplicates: { inFile: 1 } });
    expect(readFileSync(path, "utf8")).toContain(
      "\r\n3,Cette ligne répète la personne de la ligne 2.,B,a@b.fr,PV,PACA",
    );
  });

  test("the report for people is on stdout, the progress on stderr", async () => {
    const run = await importOf(sample);
    expect(run.stdout).toMatch(/^IMP-\d+ leads.csv · \d+s\n {2}read +39\n {2}inserted +31\n/);
    expect(run.stdout).toContain("Ignored columns: Réf. interne\n");
    expect(run.stdout).toMatch(/Sectors\n {2}Énergie Solaire +█+ +7\n/);
    expect(run.stderr).toContain("39 rows read, merging them\n");
  });

  test("brings a workbook in as its CSV twin, telephones that are kept as numbers included", async () => {
    const path = join(folder, "leads.xlsx");
    const head = ["nom", "téléphone", "secteur", "région"];
    const rows = [
      ["Martin", 639980112, "PV", "PACA"],
      ["Petit", { t: "n" as const, v: 33639980113, z: "0.00E+00" }, "PV", "PACA"],
      ["Roy", "3.36E+10", "PV", "PACA"],
    ];
    writeFileSync(path, workbookOf([], [head, [], ...rows]));
    const rejects = join(folder, "rejects.csv");
    const run = await importOf(path, "--rejects", rejects, "--json");
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ fileName: "leads.xlsx", read: 3, inserted: 2, invalid: 1 });
    const kept = await sql`select c.phone from leads.lead_contacts c order by c.phone`;
    expect(kept.map(({ phone }) => phone)).toEqual(["+33 6 39 98 01 12", "+33 6 39 98 01 13"]);
    expect(readFileSync(rejects, "utf8")).toMatch(/\r\n5;.*;Roy;3\.36E\+10;PV;PACA\r\n$/);
  });

  test("says how the file was understood, and reads the standard input", async () => {
    const text = "Liste de mars\nNom;E-mail;Secteur;R\xe9gion\nMartin;martin@import.test;PV;PACA\n";
    const run = await importStdin(Buffer.from(text, "latin1"));
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toContain("stdin is CSV, Windows-1252, separated by semicolons, column names on line 2\n");
    expect(await countRows()).toEqual({ leads: 1, staged: 0, imports: 1 });
  });

  test("--encoding and --sheet name what is not to be guessed", async () => {
    const path = join(folder, "leads.xlsx");
    const rows = (name: string) => [
      ["nom", "email", "secteur", "région"],
      [name, `${name}@import.test`, "PV", "PACA"],
    ];
    writeFileSync(path, workbookOf(rows("mars"), rows("avril")));
    expect((await importOf(path, "--sheet", "2")).stderr).toContain('sheet "Feuille 2" of "Feuille 1", "Feuille 2"');
    expect([...(await sql`select last_name from leads.lead_contacts`)]).toEqual([{ last_name: "avril" }]);
    const unknown = await importOf(path, "--sheet", "Mai");
    expect(unknown).toMatchObject({ code: 1, stdout: "" });
    expect(unknown.stderr).toContain(
      "Pas de feuille « Mai » dans ce classeur. Feuilles : « Feuille 1 », « Feuille 2 ».",
    );
    const greek = await importOf(fileOf("nom,email,secteur,région\nA,a@b.fr,PV,PACA\n"), "--encoding", "klingon");
    expect(greek.stderr).toContain("L'encodage « klingon » est inconnu");
    expect(await countRows()).toMatchObject({ leads: 1, imports: 1 });
  });

  test("--dry-run reports the same and leaves nothing behind", async () => {
    const {
      import: _reference,
      processingTime: _time,
      ...rehearsed
    } = JSON.parse((await importOf(sample, "--dry-run", "--json")).stdout);
    expect(await countRows()).toEqual({ leads: 0, staged: 0, imports: 0 });
    const {
      import: _reference2,
      processingTime: _time2,
      ...done
    } = JSON.parse((await importOf(sample, "--json")).stdout);
    expect(rehearsed).toEqual({ ...done, dryRun: true });
  });

  test("--rejects writes the refused rows, which come in once they are corrected", async () => {
    const path = join(folder, "rejects.csv");
    expect((await importOf(sample, "--rejects", path)).stderr).toContain(`The refused rows are in ${path}.`);
    const rejects = readFileSync(path, "utf8");
    expect(rejects.split("\r\n")).toHaveLength(8);
    expect(rejects).toContain("\r\n38;Le secteur « Voyance » est inconnu.;Paul;Vidal;paul.vidal@example.com;");
    const corrected = fileOf(rejects.replace("Voyance;Normandie", "Assurance;Normandie"));
    const run = JSON.parse((await importOf(corrected, "--json")).stdout);
    expect(run).toMatchObject({ read: 6, inserted: 1, invalid: 5, ignored: ["Réf. interne"] });
  });

  test("--rejects that names the file itself is refused, and the file stays", async () => {
    const file = fileOf("nom,email,secteur,région\nA,a@b.fr,?,PACA\n");
    const run = await importOf(file, "--rejects", file);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(readFileSync(file, "utf8")).toContain("A,a@b.fr");
  });

  test("--map names a column, and --save-map keeps it for this supplier alone", async () => {
    const file = fileOf("Nom du client;Courriel;Secteur;Région\nMartin;martin@import.test;PV;PACA\n");
    const refused = await importOf(file);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain(
      "Il manque : nom (lastName). Colonnes trouvées : Nom du client, Courriel, Secteur, Région.",
    );
    expect(await countRows()).toEqual({ leads: 0, staged: 0, imports: 0 });

    expect((await importOf(file, "--map", "Nom du client=lastName", "--save-map")).code).toBe(0);
    expect((await importOf(file)).code).toBe(0);
    const [other] =
      await sql`select email from leads.suppliers where lower(email) <> lower(${supplier}) and email <> '' limit 1`;
    const run = await runCli(["import", file, "--supplier", other?.email ?? "", "--db-url", url]);
    expect(run.code).toBe(1);
  });

  test("--set says for all rows what the file does not, and is kept with the import", async () => {
    const file = fileOf(
      "full_name,phone_number,post_code,secteur\nNom Anna,p:+33639981401,z:29200,\nNom Zoé,p:+33639981402,06000,PV\n",
    );
    const refused = await importOf(file, "--map", "secteur=notes");
    expect(refused.stderr).toContain('--set "sector=…"');
    const run = await importOf(file, "--set", "sector=Isolation");
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toContain(
      "Columns: full_name = fullName, phone_number = phone, post_code = postcode, secteur = sector\n",
    );
    expect([...(await sql`select sector, region from leads.leads order by id desc`)]).toEqual([
      { sector: "Isolation", region: "Bretagne" },
      { sector: "Énergie Solaire", region: "PACA" },
    ]);
    const [kept] = await sql`select reading from leads.imports order by id desc limit 1`;
    expect(kept?.reading).toEqual({ mapping: {}, set: { sector: "Isolation" } });
    expect((await importOf(file, "--set", "sector=Isolation")).stdout).toContain("came in before");
  });

  test("the refused rows of a file with --set come in, corrected, with the same --set", async () => {
    const path = join(folder, "rejects.csv");
    const file = fileOf("Name;Email;Téléphone 1;Téléphone 2\nAnna Nom;n'importe quoi;-;0639981403\n");
    const set = ["--set", "sector=Isolation", "--set", "region=Bretagne"];
    await importOf(file, ...set, "--rejects", path);
    const rejects = readFileSync(path, "utf8");
    expect(rejects).toContain("ligne;motif;Name;Email;Téléphone 1;Téléphone 2\r\n");
    const corrected = fileOf(rejects.replace(";n'importe quoi;", ";anna@import.test;"));
    const run = JSON.parse((await importOf(corrected, ...set, "--json")).stdout);
    expect(run).toMatchObject({ read: 1, inserted: 1, ignored: [] });
  });

  test("--on-duplicate update brings the supplier's leads up to date", async () => {
    const head = "nom,email,secteur,région,société\n";
    await importOf(fileOf(`${head}Martin,martin@import.test,PV,PACA,Avant\n`));
    const run = await importOf(
      fileOf(`${head}Martin,martin@import.test,PV,PACA,Après\n`),
      "--on-duplicate",
      "update",
      "--json",
    );
    expect(JSON.parse(run.stdout)).toMatchObject({ read: 1, inserted: 0, updated: 1 });
    expect([...(await sql`select company from leads.leads`)]).toEqual([{ company: "Après" }]);
  });

  test("a file that breaks off half-way: exit 1, the import failed with its reason, no lead", async () => {
    const rows = Array.from({ length: 9000 }, (_, i) => `Martin,m${i}@import.test,PV,PACA,${"x".repeat(40)}\n`).join(
      "",
    );
    const run = await importOf(fileOf(`nom,email,secteur,région,notes\n${rows}"jamais fermé,x\n`));
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("Un guillemet ouvert n'est jamais refermé");
    expect(await countRows()).toEqual({ leads: 0, staged: 0, imports: 1 });
    const [failed] = await sql`select status, failure from leads.imports order by id desc limit 1`;
    expect(failed).toEqual({ status: "failed", failure: expect.stringContaining("guillemet") });
  });
});

describe("leads-cli import refuses (exit 1)", () => {
  test("a file that is not there", async () => {
    const run = await importOf(join(folder, "none.csv"));
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("no such file");
  });

  test("a workbook that unpacks to much more than it is", async () => {
    const path = join(folder, "bomb.xlsx");
    writeFileSync(path, zipBomb(20));
    const run = await importOf(path);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("trop gros une fois décompressé");
    expect(await countRows()).toEqual({ leads: 0, staged: 0, imports: 1 });
  });

  test("a supplier whom nobody knows", async () => {
    const run = await runCli(["import", sample, "--supplier", "nobody@import.test", "--db-url", url]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("fournisseur inconnu : nobody@import.test");
  });

  test("a supplier who is suspended", async () => {
    await sql`update leads.suppliers set status = 'suspended' where email = ${supplier}`;
    const run = await importOf(sample);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("est suspendu");
  });

  test("a folder for the refused rows that is not there, before anything is imported", async () => {
    const run = await importOf(sample, "--rejects", join(folder, "none", "rejects.csv"));
    expect(run.code).toBe(1);
    expect(await countRows()).toMatchObject({ leads: 0, imports: 0 });
  });
});

describe("leads-cli import, wrong usage (exit 2)", () => {
  test.each([
    ["no supplier", ["import", sample]],
    ["no file", ["import", "--supplier", "a@import.test"]],
    ["a map without a field", ["import", sample, "--supplier", "a@import.test", "--map", "Nom"]],
    ["a value without a field", ["import", sample, "--supplier", "a@import.test", "--set", "Isolation"]],
    ["a value for an unknown field", ["import", sample, "--supplier", "a@import.test", "--set", "age=40"]],
    ["an empty value", ["import", sample, "--supplier", "a@import.test", "--set", "sector="]],
    ["a map to an unknown field", ["import", sample, "--supplier", "a@import.test", "--map", "Nom=name"]],
    ["an unknown way with duplicates", ["import", sample, "--supplier", "a@import.test", "--on-duplicate", "replace"]],
  ])("%s", async (_what, args) => {
    expect(await runCli(args)).toMatchObject({ code: 2, stdout: "" });
  });
});
