import { cpSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { brokenMonthRun, monthNumber, monthPeriods, newestDay } from "../../cli/seed/months.ts";
import { describeProblem } from "../../cli/seed/problems.ts";
import { readSeedFolder, type SeedFolder } from "../../cli/seed/read-folder.ts";

const ownFolder = fileURLToPath(new URL("../../supabase/seed/leads", import.meta.url));

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "leads-cli-seed-"));
  cpSync(ownFolder, folder, { recursive: true });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noExplicitAny: a test breaks the files in ways that no type allows
type Loose = any;

function edit(file: string, change: (content: Loose) => unknown): void {
  const path = join(folder, file);
  const content = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify(change(content) ?? content));
}

/** The content with one value replaced; undefined takes the field away. */
function replaced(content: Loose, [key, ...rest]: (string | number)[], value: unknown): Loose {
  if (key === undefined) return value;
  const copy = Array.isArray(content) ? [...content] : { ...content };
  copy[key] = replaced(copy[key], rest, value);
  return copy;
}

async function problems(): Promise<string[]> {
  const result = await readSeedFolder(folder);
  return result.ok ? [] : result.problems.map(describeProblem);
}

async function accepted(): Promise<Extract<SeedFolder, { ok: true }>> {
  const result = await readSeedFolder(folder);
  if (!result.ok) throw new Error(result.problems.map(describeProblem).join("\n"));
  return result;
}

describe("our own folder", () => {
  test("fits, with the counts of the document", async () => {
    const { files } = await accepted();
    const counts = {
      leads: files.leads.length,
      users: Object.keys(files.users),
      adminImports: files.adminImports.length,
      agentImports: files.agentImports.length,
      audios: files.audios.length,
      transactions: [files.transactions.transactions.length, files.transactions.monthlyRevenue.length],
      creditConfig: [files.creditConfig.packs.length, files.creditConfig.rules.length],
      gains: [files.fournisseurGains.gains.length, files.fournisseurGains.monthly.length],
      virements: [files.virements.virements.length, files.virements.monthly.length],
    };
    expect(counts).toEqual({
      leads: 50,
      users: ["fournisseur", "agent", "acheteur"],
      adminImports: 10,
      agentImports: 8,
      audios: 10,
      transactions: [12, 6],
      creditConfig: [4, 6],
      gains: [6, 6],
      virements: [8, 6],
    });
  });

  test("begins with the examples of the document", async () => {
    const { files } = await accepted();
    expect(files.leads[0]).toMatchObject({ id: "lead-001", lastName: "Dupont", price: 25, notes: /6kWc/ });
    expect(files.users.acheteur).toMatchObject({ email: "pierre@renovation-plus.fr", credits: 145 });
    expect(files.transactions.transactions[0]).toMatchObject({ id: "TRX-001", amount: 199, credits: 50 });
    expect(files.virements.virements[0]).toMatchObject({ id: "VIR-001", amount: 2450, leadsCount: 35 });
  });

  test("is newest first in every dated list", async () => {
    const { files } = await accepted();
    const lists = [
      files.leads.map((row) => row.createdAt),
      files.billing.payments.map((row) => row.date),
      files.billing.notifications.map((row) => row.createdAt),
      files.adminImports.map((row) => row.uploadDate),
      files.agentImports.map((row) => row.uploadDate),
      files.audios.map((row) => row.date),
      files.transactions.transactions.map((row) => row.date),
      files.virements.virements.map((row) => row.date),
    ];
    for (const dates of lists) expect(dates).toEqual([...dates].sort().reverse());
  });

  test("tells one story: qualification follows status, recordings belong to leads, sums add up", async () => {
    const { files } = await accepted();
    const qualification = { new: "pending", qualified: "qualified", sold: "qualified", rejected: "not_qualified" };
    for (const lead of files.leads) {
      if (lead.status !== "pending") expect(lead.qualificationStatus, lead.id).toBe(qualification[lead.status]);
      expect(lead.createdAt <= lead.updatedAt, lead.id).toBe(true);
    }
    const recorded = files.leads.filter((lead) => lead.hasAudioRecording);
    expect(files.audios.map((audio) => audio.leadName).sort()).toEqual(
      recorded.map((lead) => `${lead.firstName} ${lead.lastName}`).sort(),
    );
    for (const row of files.adminImports) expect(row.valid + row.invalid + row.duplicates, row.id).toBe(row.totalLeads);
    for (const row of files.fournisseurGains.gains) {
      expect(row.pendingAmount + row.paidAmount, row.id).toBe(row.totalEarnings);
    }
    const months = files.stats.monthly.reduce((sum, month) => sum + month.leads, 0);
    expect(months).toBe(files.stats.global.totalLeads);
  });

  test("gives every month its period, counted back from the newest date", async () => {
    const { files, newest } = await accepted();
    const periods = ["2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"];
    expect(newest).toBe("2026-02-11");
    for (const months of [
      files.stats.monthly,
      files.transactions.monthlyRevenue,
      files.fournisseurGains.monthly,
      files.virements.monthly,
    ]) {
      expect(months.map((row) => (row as { period?: string }).period)).toEqual(periods);
    }
    expect(files.stats.monthly[3]?.month).toBe("Déc");
  });
});

describe("any folder of the form is accepted", () => {
  test("whatever the figures", async () => {
    edit("users.json", (users) => {
      users.fournisseur.totalLeadsUploaded = 999_999;
      users.agent.qualificationRate = 12.25;
    });
    edit("stats.json", (stats) => {
      stats.global.totalLeads = 0;
      stats.monthly = [];
    });
    edit("transactions.json", (file) => {
      file.transactions[0].amount = -199.99;
      file.transactions[0].credits = -50;
    });
    await accepted();
  });

  test("with empty lists, and with what the documents leave out", async () => {
    edit("leads.json", (leads) => {
      delete leads[0].notes;
      leads[1].notes = null;
    });
    edit("users.json", (users) => {
      users.agent.avatar = null;
      users.fournisseur.avatar = "https://example.com/sophie.png";
      delete users.fournisseur.credits;
    });
    edit("audios.json", () => []);
    await accepted();
  });

  test("with times that have no zone", async () => {
    edit("leads.json", (leads) => {
      leads[0].createdAt = "2026-02-10T14:30:00";
    });
    expect(await readSeedFolder(folder)).toMatchObject({ ok: true });
  });

  test("saved by an editor that puts a byte order mark in front", async () => {
    const path = join(folder, "users.json");
    writeFileSync(path, `\uFEFF${readFileSync(path, "utf8")}`);
    await accepted();
  });
});

describe("what does not fit is refused with file, path and reason", () => {
  const cases: [string, string, (string | number)[], unknown, string][] = [
    [
      "an unknown value word",
      "leads.json",
      [3, "status"],
      "foo",
      "leads.json [3].status : valeur « foo » inconnue (attendu : new, qualified, sold, rejected, pending)",
    ],
    ["an unknown field", "leads.json", [0, "nom"], "x", "leads.json [0] : champ inconnu « nom »"],
    ["a missing field", "users.json", ["agent", "phone"], undefined, "users.json agent.phone : champ manquant"],
    ["another type", "leads.json", [2, "price"], "18", "leads.json [2].price : « 18 » au lieu d'un nombre"],
    [
      "null where there is always a value",
      "leads.json",
      [0, "city"],
      null,
      "leads.json [0].city : null au lieu d'un texte",
    ],
    [
      "half a lead",
      "stats.json",
      ["global", "soldLeads"],
      1.5,
      "stats.json global.soldLeads : 1.5 au lieu d'un nombre entier",
    ],
    ["a score above 100", "leads.json", [0, "score"], 101, "leads.json [0].score : 101 est trop grand (maximum 100)"],
    [
      "a negative count",
      "audios.json",
      [0, "durationSeconds"],
      -1,
      "audios.json [0].durationSeconds : -1 est trop petit (minimum 0)",
    ],
    [
      "a third of a cent",
      "virements.json",
      ["virements", 0, "amount"],
      0.333,
      "virements.json virements[0].amount : plus de deux décimales",
    ],
    [
      "a negative price",
      "billing.json",
      ["creditPacks", 0, "price"],
      -1,
      "billing.json creditPacks[0].price : -1 est trop petit (minimum 0)",
    ],
    [
      "a day that no calendar has",
      "audios.json",
      [0, "date"],
      "2026-02-30",
      "audios.json [0].date : valeur « 2026-02-30 » illisible (attendu : une date « AAAA-MM-JJ »)",
    ],
    [
      "an instant that is none",
      "leads.json",
      [0, "createdAt"],
      "10/02/2026 14:30",
      "leads.json [0].createdAt : valeur « 10/02/2026 14:30 » illisible (attendu : un instant « AAAA-MM-JJTHH:MM:SSZ », sans Z à l'heure de Paris)",
    ],
    [
      "an instant of another age",
      "leads.json",
      [0, "createdAt"],
      "1926-02-10T14:30:00Z",
      "leads.json [0].createdAt : une année trop lointaine",
    ],
    [
      "a day that is far away",
      "audios.json",
      [0, "date"],
      "9999-12-31",
      "audios.json [0].date : une année trop lointaine",
    ],
    [
      "an e-mail that is none",
      "leads.json",
      [0, "email"],
      "jean",
      "leads.json [0].email : valeur « jean » illisible (attendu : une adresse e-mail)",
    ],
    ["an empty id", "leads.json", [0, "id"], "", "leads.json [0].id : texte vide"],
    ["an id twice", "leads.json", [4, "id"], "lead-001", "leads.json [4].id : « lead-001 » est déjà en [0]"],
    ["a list where an object belongs", "users.json", [], [], "users.json : une liste au lieu d'un objet"],
    [
      "text that Postgres cannot hold",
      "leads.json",
      [0, "notes"],
      "a\0b",
      "leads.json [0].notes : texte illisible (caractère nul ou Unicode incomplet)",
    ],
    [
      "an import that the admin does not have",
      "agent-imports.json",
      [7, "id"],
      "IMP-099",
      "agent-imports.json [7].id : « IMP-099 » n'est pas dans admin-imports.json",
    ],
    [
      "two views of an import that differ",
      "agent-imports.json",
      [0, "company"],
      "X",
      "agent-imports.json [0].company : « X » ici, mais « Agence Ads Paris » dans admin-imports.json",
    ],
    [
      "one e-mail for two people",
      "users.json",
      ["agent", "email"],
      "Sophie@agence-ads.fr",
      "users.json agent.email : « Sophie@agence-ads.fr » appartient déjà à « fournisseur »",
    ],
    [
      "the administrator's e-mail",
      "users.json",
      ["agent", "email"],
      "admin@leads-provider.fr",
      "users.json agent.email : « admin@leads-provider.fr » appartient déjà au compte administrateur",
    ],
    [
      "an unknown month",
      "stats.json",
      ["monthly", 1, "month"],
      "Xyz",
      "stats.json monthly[1].month : mois « Xyz » inconnu (attendu : Sep, Oct, Nov, Déc, …)",
    ],
    [
      "a month left out",
      "virements.json",
      ["monthly", 2, "month"],
      "Déc",
      "virements.json monthly[2].month : le mois « Déc » ne suit pas « Oct »",
    ],
  ];

  test.each(cases)("%s", async (_case, file, path, value, message) => {
    edit(file, (content) => replaced(content, path, value));
    expect(await problems()).toEqual([message]);
  });

  test("everything at once, and the broken row does not hide the double one", async () => {
    edit("leads.json", (leads) => {
      leads[0].status = "foo";
      leads[1].id = leads[0].id;
    });
    edit("stats.json", (stats) => void delete stats.regions);
    unlinkSync(join(folder, "audios.json"));
    writeFileSync(join(folder, "billing.json"), "{");
    const found = await problems();
    expect(found).toHaveLength(5);
    expect(found.join("\n")).toMatch(/^audios\.json : fichier manquant ou illisible$/m);
    expect(found.join("\n")).toMatch(/^billing\.json : JSON invalide \(.+\)$/m);
    expect(found.join("\n")).toMatch(/^leads\.json \[0\]\.status : /m);
    expect(found.join("\n")).toMatch(/^leads\.json \[1\]\.id : /m);
    expect(found.join("\n")).toMatch(/^stats\.json regions : champ manquant$/m);
  });

  test("a folder that is not there", async () => {
    rmSync(folder, { recursive: true });
    expect(await problems()).toEqual([`${folder} : dossier introuvable`]);
  });
});

describe("months without a year", () => {
  test.each([
    ["Sep", 9],
    ["Déc", 12],
    ["dec", 12],
    ["Fév", 2],
    ["FEB", 2],
    ["févr.", 2],
    ["Aoû", 8],
    ["août", 8],
    ["Juin", 6],
    ["Juil", 7],
    ["Mai", 5],
    ["Avr", 4],
    ["Ju", undefined],
    ["", undefined],
  ])("%s is month %s", (label, number) => {
    expect(monthNumber(label)).toBe(number);
  });

  test("the last one is the month of the newest date, if it is that month", () => {
    expect(monthPeriods(["Déc", "Jan", "Fév"], "2026-02-11")).toEqual(["2025-12", "2026-01", "2026-02"]);
  });

  test("else the latest one before it", () => {
    expect(monthPeriods(["Nov", "Dec"], "2026-02-11")).toEqual(["2025-11", "2025-12"]);
    expect(monthPeriods(["Feb", "Mar"], "2026-02-28")).toEqual(["2025-02", "2025-03"]);
  });

  test("six of them may cross a year", () => {
    const labels = ["Sep", "Oct", "Nov", "Déc", "Jan", "Fév"];
    expect(brokenMonthRun(labels)).toBeUndefined();
    const periods = monthPeriods(labels, "2026-02-01");
    expect(periods.at(0)).toBe("2025-09");
    expect(periods.at(-1)).toBe("2026-02");
  });

  test("a seventh is refused, because the endpoints answer six", () => {
    const labels = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul"];
    expect(brokenMonthRun(labels)).toEqual({ index: 6, reason: "plus de six mois" });
  });

  test("none is none", () => {
    expect(monthPeriods([], "2026-02-11")).toEqual([]);
  });

  test("the newest date is found at any depth, and only where a whole value is a date", () => {
    const value = { a: [{ on: "2025-01-31" }, { at: "2026-02-11T09:15:00Z" }], note: "avant le 2027-01-01" };
    expect(newestDay(value)).toBe("2026-02-11");
    expect(newestDay(["Sep", 3, null])).toBeUndefined();
  });
});
