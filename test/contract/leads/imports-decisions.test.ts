import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { importDetail, supplierImport, undoneImport } from "../../../functions/leads/imports/import-inputs.ts";
import { db, serviceClient, stack } from "../../support/stack.ts";
import { type Answer, askApi } from "../http.ts";
import { type Person, signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { type People, signInPeople } from "./demo-people.ts";
import { expectRefusal } from "./expectations.ts";
import { addSupplier, removeSuppliers, type Supplier } from "./market.ts";

// What an admin decides about a file over HTTP, and what everybody sees of it until then.

let people: People;
let owner: Person;
let supplier: Supplier;

const setRule = (percent: number) =>
  db()`update platform.settings set value = ${String(percent)}::jsonb where system = 'leads' and section = 'import_invalid_percent'`;
const forget = async () => {
  await db()`delete from leads.leads where supplier_id = ${supplier.id}`;
  await db()`delete from leads.imports where supplier_id = ${supplier.id}`;
};

beforeAll(async () => {
  people = await signInPeople();
  owner = await signUp("leads", "fournisseur");
  supplier = await addSupplier(owner);
});
beforeEach(async () => {
  await forget();
  await setRule(40);
});
afterAll(async () => {
  await setRule(90);
  await db()`delete from platform.notifications where title = 'Import à vérifier'`;
  const storage = serviceClient().storage.from("imports");
  const { data } = await storage.list(supplier.id, { limit: 1000 });
  if (data && data.length > 0) await storage.remove(data.map(({ name }) => `${supplier.id}/${name}`));
  await forget();
  await removeSuppliers(supplier);
});

const header = "Prénom;Nom;E-mail;Téléphone;Secteur;Région";
const row = (sector = "Isolation") => `Zoé;Durand;zoe-${randomUUID()}@example.test;;${sector};Bretagne`;

/** Sends a file and follows it until it has ended, or waits. */
async function bring(fields: Record<string, string>, ...rows: string[]): Promise<z.infer<typeof importDetail>> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("file", new File([`${[header, ...rows].join("\r\n")}\r\n`], "leads.csv"));
  const init = { method: "POST", headers: { Authorization: `Bearer ${owner.token}` }, body: form };
  const sent = await fetch(`${stack.systems.leads?.apiBase}/imports`, init);
  expect(sent.status).toBe(202);
  const { id } = importDetail.parse(await sent.json());
  for (;;) {
    const { body } = await askApi("leads", `/api/imports/${id}`, { token: owner.token });
    if (importDetail.parse(body).status !== "processing") return importDetail.parse(body);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const decide = (id: string, decision: string, person?: Person): Promise<Answer> =>
  askApi("leads", `/api/admin/imports/${id}/${decision}`, { method: "POST", token: person?.token });
const leadsSeenBy = async (person: Person) => {
  const { body } = await askApi("leads", "/api/leads?limit=10", { token: person.token });
  return (body as { lastName: string }[]).filter(({ lastName }) => lastName === "Durand").length;
};

describe("a file with too many refused rows", () => {
  test("waits, and is in no list and no queue", async () => {
    const detail = await bring({}, row(), row("Lune"));
    expect(detail).toMatchObject({ status: "pending_review", read: 2, inserted: 1, invalid: 1 });
    for (const person of [people.admin, owner, people.agent, people.acheteur])
      expect(await leadsSeenBy(person)).toBe(0);
    expect(await db()`select from leads.leads where supplier_id = ${supplier.id}`).toHaveLength(0);
    const mine = await askApi("leads", "/api/imports", { token: owner.token });
    expect(z.array(supplierImport).parse(mine.body)).toMatchObject([{ id: detail.id, status: "pending_review" }]);
    const all = await askApi("leads", "/api/admin/imports?limit=1", { token: people.admin.token });
    expect(all.body).toMatchObject([{ id: detail.id, status: "pending_review", totalLeads: 2, valid: 1, invalid: 1 }]);
    const agents = await askApi("leads", "/api/agent/imports", { token: people.agent.token });
    expect((agents.body as { id: string }[]).map(({ id }) => id)).not.toContain(detail.id);
    const rejects = await askApi("leads", `/api/imports/${detail.id}/rejects`, { token: owner.token });
    expect(rejects.text).toContain("3;Le secteur « Lune » est inconnu.;Zoé;Durand;");
    const notes = await askApi("leads", "/api/notifications?limit=1", { token: people.admin.token });
    expect(notes.body).toMatchObject([{ type: "warning", title: "Import à vérifier" }]);
  });

  test("comes in when an admin accepts it", async () => {
    const { id } = await bring({}, row(), row("Lune"));
    const answer = await decide(id, "accept", people.admin);
    expect(answer.status, answer.text).toBe(200);
    expect(importDetail.parse(answer.body)).toMatchObject({
      id,
      status: "completed",
      read: 2,
      inserted: 1,
      invalid: 1,
    });
    expect(await leadsSeenBy(owner)).toBe(1);
    for (const decision of ["accept", "discard"]) {
      expectRefusal(await unchanged(() => decide(id, decision, people.admin)), 409, "import_not_pending");
    }
  });

  test("ends as failed when an admin discards it, and may be sent again", async () => {
    const { id } = await bring({}, row(), row("Lune"));
    const answer = await decide(id, "discard", people.admin);
    expect(importDetail.parse(answer.body)).toMatchObject({
      ...{ status: "failed", failure: "Écarté par un administrateur : 1 lignes refusées sur 2.", read: 0, inserted: 0 },
    });
    expect(await leadsSeenBy(owner)).toBe(0);
  });
});

test("an import is taken back but for what was touched since, which is named", async () => {
  const detail = await bring({}, row(), row());
  const [touched] = await db()`update leads.leads set company = 'Autre'
    where id = (select id from leads.leads where supplier_id = ${supplier.id} order by id limit 1) returning reference`;
  const answer = await decide(detail.id, "undo", people.admin);
  expect(answer.status, answer.text).toBe(200);
  expect(undoneImport.parse(answer.body)).toEqual({
    ...{ import: detail.id, removed: 1, restored: 0, kept: [{ lead: touched?.reference, reason: "changed" }] },
  });
  expect(await leadsSeenBy(owner)).toBe(1);
  const shown = await askApi("leads", `/api/imports/${detail.id}`, { token: owner.token });
  expect(importDetail.parse(shown.body).undoneAt).not.toBeNull();
});

test("duplicates are named among the refused rows on request", async () => {
  const twice = row();
  const detail = await bring({ onDuplicate: "report" }, twice, twice);
  expect(detail).toMatchObject({ status: "completed", read: 2, inserted: 1, invalid: 0, duplicates: { inFile: 1 } });
  expect(detail.reasons).toMatchObject([{ field: "ligne", code: "duplicate_file", rows: 1 }]);
  const rejects = await askApi("leads", `/api/imports/${detail.id}/rejects`, { token: owner.token });
  expect(rejects.text).toContain("\r\n3;Cette ligne répète la personne de la ligne 2.;Zoé;Durand;");
});

test("an import that waits is discarded, not taken back", async () => {
  const { id } = await bring({}, row(), row("Lune"));
  expectRefusal(await unchanged(() => decide(id, "undo", people.admin)), 409, "import_not_completed");
});

test.each(["accept", "discard", "undo"])("%s is an admin's, of an import that there is", async (decision) => {
  const { id } = await bring({}, row(), row("Lune"));
  for (const person of [owner, people.agent, people.acheteur, people.stranger]) {
    expectRefusal(await unchanged(() => decide(id, decision, person)), 403, "forbidden");
  }
  expectRefusal(await unchanged(() => decide(id, decision)), 401, "authentication_required");
  expectRefusal(await unchanged(() => decide("IMP-999999", decision, people.admin)), 404, "import_not_found");
});
