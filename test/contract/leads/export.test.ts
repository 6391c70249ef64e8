import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { read, utils } from "xlsx";
import { stack } from "../../support/stack.ts";
import { askApi } from "../http.ts";
import { type Person, setStatus, signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { type People, signInPeople } from "./demo-people.ts";
import { expectRefusal } from "./expectations.ts";
import { addLeads, addSupplier, removeSuppliers, type Supplier } from "./market.ts";

// GET /api/leads as a file: what the caller sees of the list, all of it.

let people: People;
let owner: Person;
let supplier: Supplier;
const many = 2500;

beforeAll(async () => {
  people = await signInPeople();
  owner = await signUp("leads", "fournisseur");
  supplier = await addSupplier(owner);
  await addLeads(
    supplier,
    Array.from({ length: many }, (_, index) => ({
      ...{
        lastName: `Nom ${index}`,
        phone: "+33 6 12 34 56 78",
        email: `n${index}@export.test`,
        status: "new" as const,
      },
    })),
  );
});
afterAll(() => removeSuppliers(supplier));

type Lead = Record<string, unknown>;
const ask = (query: string, person?: Person) => askApi("leads", `/api/leads?${query}`, { token: person?.token });
const rowsOf = (text: string): Lead[] => parse(text, { columns: true, record_delimiter: "\r\n" });
/** A lead of the JSON list as its CSV row has it. */
const asText = (lead: Lead) =>
  Object.fromEntries(Object.entries(lead).map(([name, value]) => [name, String(value ?? "")]));

describe("csv", () => {
  test.each(["admin", "fournisseur", "agent", "acheteur", "public"] as const)(
    "is to %s what the list is, masked or not",
    async (role) => {
      const person = role === "public" ? undefined : people[role];
      const list = await ask("sector=Isolation&minScore=60&limit=1000", person);
      const file = await ask("sector=Isolation&minScore=60&limit=1000&format=csv", person);
      expect(file.status, file.text).toBe(200);
      expect(file.headers.get("content-type")).toBe("text/csv; charset=utf-8");
      expect(file.headers.get("content-disposition")).toMatch(/^attachment; filename="leads-\d{4}-\d\d-\d\d\.csv"$/);
      expect(rowsOf(file.text)).toEqual((list.body as Lead[]).map(asText));
      expect((list.body as Lead[]).length).toBeGreaterThan(0);
    },
  );

  test("is the whole list, over many pages, each lead once", async () => {
    const rows = rowsOf((await ask("format=csv", owner)).text);
    expect(rows.map(({ lastName }) => lastName)).toEqual(Array.from({ length: many }, (_, index) => `Nom ${index}`));
    expect(rows[0]).toMatchObject({ phone: "+33 6 12 34 56 78", email: "n0@export.test", company: supplier.company });
  });

  test("is as much of it as `limit` says, from `cursor` on", async () => {
    const page = await ask("limit=2", owner);
    const cursor = new URL(/<(.*)>/.exec(page.headers.get("link") ?? "")?.[1] ?? "").searchParams.get("cursor");
    const rows = rowsOf((await ask(`format=csv&limit=3&cursor=${cursor}`, owner)).text);
    expect(rows.map(({ lastName }) => lastName)).toEqual(["Nom 2", "Nom 3", "Nom 4"]);
  });

  test("with `excel` is what a French spreadsheet opens", async () => {
    const response = await fetch(`${stack.systems.leads?.apiBase}/leads?format=csv&excel=true&limit=1`, {
      headers: { Authorization: `Bearer ${owner.token}` },
    });
    const text = Buffer.from(await response.arrayBuffer()).toString();
    expect(text).toMatch(/^\ufeffidentifiant;prénom;nom;e-mail;téléphone;/);
    expect(text).toContain(";Zoé;Nom 0;n0@export.test;'+33 6 12 34 56 78;");
    expect(text).toMatch(/;25;non;non;;;\r\n$/);
  });
});

test("xlsx is the same list as a workbook", async () => {
  const response = await fetch(`${stack.systems.leads?.apiBase}/leads?format=xlsx`, {
    headers: { Authorization: `Bearer ${owner.token}` },
  });
  expect(response.headers.get("content-type")).toBe(
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  );
  const { Sheets } = read(Buffer.from(await response.arrayBuffer()));
  const rows = utils.sheet_to_json<Lead>(Sheets.Leads as never);
  expect(rows.map((row) => row.nom)).toEqual(Array.from({ length: many }, (_, index) => `Nom ${index}`));
  expect(rows[0]).toMatchObject({ téléphone: "+33 6 12 34 56 78", prix: 25, exclusif: false });
});

test("json is the list as it always is", async () => {
  expect((await ask("format=json&limit=2", owner)).body).toEqual((await ask("limit=2", owner)).body);
});

test("HEAD answers a file's head", async () => {
  const answer = await askApi("leads", "/api/leads?format=xlsx", { token: owner.token, method: "HEAD" });
  expect([answer.status, answer.text, answer.headers.get("content-disposition")?.slice(-6)]).toEqual([
    200,
    "",
    '.xlsx"',
  ]);
});

describe("what the list refuses, the file refuses", () => {
  test.each([
    ["format=pdf", "format"],
    ["format=csv&excel=peut-être", "excel"],
    ["format=csv&minScore=200", "minScore"],
    ["format=csv&cursor=nowhere", "cursor"],
    ["format=xlsx&status=lost", "status"],
  ])("%s", async (query, field) => {
    const answer = await unchanged(() => ask(query, owner));
    expect(expectRefusal(answer, 400, "invalid_parameter").details).toMatchObject([{ field }]);
  });

  test("a token that is none, and a suspended account", async () => {
    const answer = await unchanged(() => askApi("leads", "/api/leads?format=csv", { token: "garbage" }));
    expectRefusal(answer, 401, "invalid_token");
    await setStatus(owner, "suspended");
    expectRefusal(await unchanged(() => ask("format=csv", owner)), 403, "account_suspended");
    await setStatus(owner, "active");
  });
});
