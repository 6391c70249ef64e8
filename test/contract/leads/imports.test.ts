import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { importDetail, importUploadTarget, supplierImport } from "../../../functions/leads/imports/import-inputs.ts";
import { descendantsOf } from "../../../scripts/stack/processes.ts";
import { db, serviceClient, stack } from "../../support/stack.ts";
import { workbookOf, zipBomb, zipOf } from "../../support/workbook.ts";
import { type Answer, askApi } from "../http.ts";
import { type Person, setStatus, signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { type People, signInPeople } from "./demo-people.ts";
import { expectRefusal } from "./expectations.ts";
import { addSupplier, removeSuppliers, type Supplier } from "./market.ts";

// Files of leads over HTTP: sent, followed until they are in, and what was refused taken back.

let people: People;
let owner: Person;
let other: Person;
let supplier: Supplier;
let others: Supplier;

beforeAll(async () => {
  people = await signInPeople();
  [owner, other] = await Promise.all([signUp("leads", "fournisseur"), signUp("leads", "fournisseur")]);
  [supplier, others] = await Promise.all([addSupplier(owner), addSupplier(other)]);
});

const forget = async (...suppliers: Supplier[]) => {
  const ids = suppliers.map(({ id }) => id);
  await db()`delete from leads.leads where supplier_id in ${db()(ids)}`;
  await db()`delete from leads.imports where supplier_id in ${db()(ids)}`;
};
beforeEach(() => forget(supplier, others));

const emptyFolder = async ({ id }: Supplier) => {
  const storage = serviceClient().storage.from("imports");
  const { data } = await storage.list(id);
  if (data && data.length > 0) await storage.remove(data.map(({ name }) => `${id}/${name}`));
};

afterAll(async () => {
  for (const each of [supplier, others]) await emptyFolder(each);
  await forget(supplier, others);
  await removeSuppliers(supplier, others);
});

const header = "Prénom;Nom;E-mail;Téléphone;Secteur;Région";
let written = 0;
/** A good row that no other test has. */
const row = (lastName = "Durand") =>
  `Zoé;${lastName};zoe-${written++}-${randomUUID()}@example.test;;Isolation;Bretagne`;
const csv = (...rows: string[]) => `${[header, ...rows].join("\r\n")}\r\n`;

type Fields = Record<string, string>;

/** Sends a file as a browser's form does. */
async function upload(
  person: Person | undefined,
  content: BlobPart,
  fields: Fields = {},
  name = "leads.csv",
): Promise<Answer> {
  const form = new FormData();
  form.set("file", new File([content], name, { type: "text/csv" }));
  for (const [field, value] of Object.entries(fields)) form.set(field, value);
  return post(person, form);
}

async function post(person: Person | undefined, body: BodyInit, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(`${stack.systems.leads?.apiBase}/imports`, {
    method: "POST",
    headers: { ...(person ? { Authorization: `Bearer ${person.token}` } : {}), ...headers },
    body,
    // Node wants it for a body that is streamed.
    ...({ duplex: "half" } as object),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text), text };
}

const read = (path: string, person?: Person) => askApi("leads", `/api/imports${path}`, { token: person?.token });

type Detail = z.infer<typeof importDetail>;

/** The import of an upload that must be accepted. */
function accepted(answer: Answer): Detail {
  expect(answer.status, answer.text).toBe(202);
  return importDetail.parse(answer.body);
}

/** Follows an import, as a front end does, until it has ended. */
async function ended(id: string, person: Person): Promise<Detail> {
  for (;;) {
    const answer = await read(`/${id}`, person);
    const detail = importDetail.parse(answer.body);
    if (detail.status !== "processing") return detail;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("POST /api/imports", () => {
  test("accepts a file at once, and brings its leads in while it is followed", async () => {
    const answer = await upload(owner, csv(row("Durand"), row("Petit")));
    const opened = accepted(answer);
    expect(opened).toMatchObject({ fileName: "leads.csv", status: "processing", company: supplier.company });
    expect(answer.headers.get("location")).toBe(`/functions/v1/leads/api/imports/${opened.id}`);

    const detail = await ended(opened.id, owner);
    expect(detail).toMatchObject({ status: "completed", read: 2, inserted: 2, updated: 0, invalid: 0, reasons: [] });
    const leads = await askApi("leads", "/api/leads?limit=10", { token: owner.token });
    expect((leads.body as { lastName: string }[]).map(({ lastName }) => lastName)).toEqual(["Durand", "Petit"]);
  });

  test("tells new, repeated and refused rows apart, and why they were refused", async () => {
    const twice = row();
    const { id } = accepted(
      await upload(
        owner,
        csv(twice, twice, "A;;a@example.test;;Isolation;Bretagne", "B;C;pas d'e-mail;;Lune;Bretagne"),
      ),
    );
    const detail = await ended(id, owner);
    expect(detail).toMatchObject({
      read: 4,
      inserted: 1,
      invalid: 2,
      duplicates: { total: 1, inFile: 1, ofSupplier: 0, onPlatform: 0 },
    });
    expect(detail.reasons.map(({ field, code, rows }) => [field, code, rows])).toEqual([
      ["email", "invalid_email", 1],
      ["lastName", "required", 1],
    ]);
  });

  test("adds nothing when the same file comes twice, and brings leads up to date on request", async () => {
    const line = row("Durand");
    await ended(accepted(await upload(owner, csv(line))).id, owner);
    const again = await upload(owner, csv(line));
    expect(again).toMatchObject({ status: 200, body: { status: "completed", inserted: 1 } });
    const renamedFile = await upload(owner, csv(line), {}, "autre.csv");
    expect((renamedFile.body as Detail).id).toBe((again.body as Detail).id);
    expect(await db()`select from leads.leads where supplier_id = ${supplier.id}`).toHaveLength(1);
    const more = await ended(accepted(await upload(owner, csv(line, line))).id, owner);
    expect(more).toMatchObject({ inserted: 0, updated: 0, duplicates: { inFile: 1, ofSupplier: 1 } });
    const renamed = csv(line.replace("Durand", "Martin"));
    const update = await ended(accepted(await upload(owner, renamed, { onDuplicate: "update" })).id, owner);
    expect(update).toMatchObject({ inserted: 0, updated: 1 });
  });

  test("reads the columns that the mapping names", async () => {
    const file = csv(row()).replace("Nom;", "Qui;");
    const mapping = JSON.stringify({ Qui: "lastName" });
    expect(await ended(accepted(await upload(owner, file, { mapping })).id, owner)).toMatchObject({ inserted: 1 });
  });

  test("says how it understood the file, and takes for all rows what the file does not say", async () => {
    const file =
      "Nom;Prénom;E-mail;Téléphone fixe;Mobile;CP;Montant\r\nDurand;Zoé;zoe.set@example.test;0199001810;0639981810;29200;15000\r\n";
    const set = JSON.stringify({ sector: "Isolation" });
    const answer = await upload(owner, file, { set });
    const { id, understood } = accepted(answer);
    expect(understood).toEqual({
      ...{ format: "csv", encoding: "utf-8", sheet: null, ignored: ["Montant"] },
      columns: {
        ...{ Nom: "lastName", Prénom: "firstName", "E-mail": "email", "Téléphone fixe": "phone" },
        ...{ Mobile: "phone2", CP: "postcode" },
      },
    });
    expect(await ended(id, owner)).toMatchObject({ read: 1, inserted: 1, invalid: 0 });
    const [lead] = await db()`
      select l.sector, l.region, l.price_cents, c.phone, c.phone2 from leads.leads l join leads.lead_contacts c on c.lead_id = l.id
      where l.supplier_id = ${supplier.id}`;
    expect(lead).toEqual({
      ...{ sector: "Isolation", region: "Bretagne", price_cents: 0 },
      ...{ phone: "+33 1 99 00 18 10", phone2: "+33 6 39 98 18 10" },
    });
    // Asked for otherwise it is another import, of people that are known.
    const other = accepted(await upload(owner, file, { set: JSON.stringify({ sector: "Assurance" }) }));
    expect(await ended(other.id, owner)).toMatchObject({ read: 1, inserted: 0, duplicates: { ofSupplier: 1 } });
  });

  test("reads what Macintoshes and MS-DOS write, and asks where it is in doubt", async () => {
    const plain = "Nom;Prenom;Email;Secteur;Region\r\nLef\x8fvre;Zo\x8e;mac.up@example.test;Isolation;Bretagne\r\n";
    const { id } = accepted(await upload(owner, Buffer.from(plain, "latin1")));
    expect(await ended(id, owner)).toMatchObject({ inserted: 1 });
    const unclear = Buffer.from(plain.replace("Lef\x8fvre", "CORR\xd4T").replace("Zo\x8e", "X"), "latin1");
    const answer = await unchanged(() => upload(owner, unclear));
    const { details } = expectRefusal(answer, 422, "invalid_fields");
    expect(details).toMatchObject([{ field: "file", code: "encoding_unclear" }]);
    expect(answer.text).toContain("« CORRÔT » en windows-1252");
    expect(answer.text).not.toContain("--encoding");
    await ended(accepted(await upload(owner, unclear, { encoding: "ANSI" })).id, owner);
  });

  test("tells the supplier when the file is in", async () => {
    await ended(accepted(await upload(owner, csv(row()))).id, owner);
    const notes = await askApi("leads", "/api/notifications?limit=1", { token: owner.token });
    expect(notes.body).toMatchObject([{ type: "success", title: "Import terminé" }]);
  });

  test("takes an admin's file for the supplier that he names by e-mail or reference", async () => {
    for (const fournisseur of [owner.email, supplier.reference]) {
      const { id } = accepted(await upload(people.admin, csv(row()), { fournisseur }));
      expect(await ended(id, owner)).toMatchObject({ inserted: 1, company: supplier.company });
    }
  });

  test("is for suppliers and admins", async () => {
    for (const person of [people.agent, people.acheteur, people.stranger]) {
      expectRefusal(await unchanged(() => upload(person, csv(row()))), 403, "forbidden");
    }
    expectRefusal(await unchanged(() => upload(undefined, csv(row()))), 401, "authentication_required");
  });

  test("refuses a suspended account, and a suspended supplier", async () => {
    await setStatus(owner, "suspended");
    expectRefusal(await unchanged(() => upload(owner, csv(row()))), 403, "account_suspended");
    await setStatus(owner, "active");
    await db()`update leads.suppliers set status = 'suspended' where id = ${supplier.id}`;
    expectRefusal(await unchanged(() => upload(owner, csv(row()))), 403, "supplier_not_active");
    const fournisseur = supplier.reference;
    expectRefusal(await unchanged(() => upload(people.admin, csv(row()), { fournisseur })), 403, "supplier_not_active");
    await db()`update leads.suppliers set status = 'active' where id = ${supplier.id}`;
  });

  test("brings leads to nobody but oneself", async () => {
    const refused = async (person: Person, fields: Fields, code: string) => {
      const answer = await unchanged(() => upload(person, csv(row()), fields));
      expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject([{ field: "fournisseur", code }]);
    };
    await refused(owner, { fournisseur: others.reference }, "not_allowed");
    await refused(people.admin, {}, "required");
    await refused(people.admin, { fournisseur: "F-999999" }, "unknown_supplier");
  });

  test.each<[string, string, Fields, string]>([
    ["an unknown choice", csv(row()), { onDuplicate: "replace" }, "onDuplicate"],
    ["a mapping that is no JSON", csv(row()), { mapping: "Qui=lastName" }, "mapping"],
    ["a mapping to a field that is none", csv(row()), { mapping: '{"Qui": "age"}' }, "mapping"],
    ["a value for a field that is none", csv(row()), { set: '{"age": "40"}' }, "set"],
    ["a value that is empty", csv(row()), { set: '{"sector": " "}' }, "set"],
    ["values that are no JSON", csv(row()), { set: "sector=Isolation" }, "set"],
    ["a field that is none", csv(row()), { colour: "red" }, "colour"],
  ])("refuses %s", async (_, content, fields, field) => {
    const answer = await unchanged(() => upload(owner, content, fields));
    expect(expectRefusal(answer, 400, "invalid_body").details).toMatchObject([{ field }]);
  });

  test.each([
    ["an empty file", "", "vide"],
    ["a header without rows", csv().trim(), "n'a pas de ligne"],
    ["a required column that is missing", "Nom;E-mail\r\nDurand;a@example.test\r\n", "Il manque : secteur"],
    ["a mapped column that is not there", csv(row()), "pas de colonne « qui »"],
  ])("says what is wrong with %s", async (what, content, message) => {
    const fields: Fields = what.startsWith("a mapped") ? { mapping: '{"Qui": "lastName"}' } : {};
    const answer = await unchanged(() => upload(owner, content, fields));
    const { details } = expectRefusal(answer, 422, "invalid_fields");
    expect(details).toMatchObject([{ field: "file", message: expect.stringContaining(message) }]);
    expect(answer.text).not.toMatch(/--(map|set)/);
  });

  test("takes a workbook by what it is, whatever it is called, and gives its refused rows back as CSV", async () => {
    for (const name of ["leads.xlsx", "leads.csv"]) {
      const rows = [row(), `=Zoé;Durand;;639980112;Isolation;Bretagne`, row().replace("Isolation", "Voyance")];
      const workbook = workbookOf([[], ...[header, ...rows].map((line) => line.split(";"))]);
      const { id, fileName } = accepted(await upload(owner, workbook, {}, name));
      expect(fileName).toBe(name);
      expect(await ended(id, owner)).toMatchObject({ status: "completed", read: 3, inserted: 2, invalid: 1 });
      const rejects = await read(`/${id}/rejects`, owner);
      expect(rejects.text.split("\r\n")[1]).toMatch(/^5;Le secteur « Voyance » est inconnu\.;Zoé;Durand;/);
      await forget(supplier);
    }
  });

  test.each([
    "list.csv.gz",
    "list.zip",
    "old-workbook.xls",
    "open-document.ods",
    "windows-1252.csv",
    "late-header.csv",
  ])("takes %s, as the command line does", async (name) => {
    const content = readFileSync(new URL(`../../import/files/${name}`, import.meta.url));
    const { id } = accepted(await upload(owner, content, {}, name));
    expect(await ended(id, owner)).toMatchObject({ status: "completed", read: 2, invalid: 0 });
  });

  test("refuses what is no list of a kind that it knows, whatever it is called", async () => {
    const list = { name: "leads.csv", content: new TextEncoder().encode(csv(row())) };
    const archive = zipOf(list, { ...list, name: "others.csv" });
    for (const content of [archive, "%PDF-1.7", "<!doctype html><table></table>"]) {
      for (const name of ["leads.xlsx", "leads.csv"]) {
        expectRefusal(await unchanged(() => upload(owner, content, {}, name)), 415, "unsupported_file_format");
      }
    }
  });

  test.each([
    ["a workbook that unpacks to much more than it is", zipBomb(20), "trop gros une fois décompressé"],
    ["a workbook that hides how much it unpacks to", zipBomb(20, 1000), "endommagé"],
    ["a workbook that lacks a column", workbookOf([["Nom"], ["Durand"]]), "Il manque : secteur"],
  ])("says what is wrong with %s", async (_, content, message) => {
    const answer = await unchanged(() => upload(owner, content, {}, "leads.xlsx"));
    const { details } = expectRefusal(answer, 422, "invalid_fields");
    expect(details).toMatchObject([{ field: "file", message: expect.stringContaining(message) }]);
  });

  test("refuses what is no form, and a form without a file", async () => {
    const json = { "Content-Type": "application/json" };
    expectRefusal(await unchanged(() => post(owner, "{}", json)), 415, "unsupported_media_type");
    const form = { "Content-Type": "multipart/form-data; boundary=x" };
    expectRefusal(await unchanged(() => post(owner, "nothing", form)), 400, "invalid_body");
    const answer = await unchanged(() => post(owner, new URLSearchParams() as never, form));
    expectRefusal(answer, 400, "invalid_body");
  });

  test("refuses more than 50 MB, told or not, without keeping it", async () => {
    const before = await memoryOf(functionProcess());
    const part = new Uint8Array(1024 * 1024).fill(97);
    const megabytes = 300;
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => (sent++ < megabytes ? controller.enqueue(part) : controller.close()),
    });
    const form = { "Content-Type": "multipart/form-data; boundary=x" };
    expectRefusal(await unchanged(() => post(owner, endless, form)), 413, "file_too_large");
    expect(sent).toBeGreaterThan(megabytes);
    const big = new Blob(Array.from({ length: 51 }, () => part));
    expectRefusal(await unchanged(() => upload(owner, big)), 413, "file_too_large");
    expect((await memoryOf(functionProcess())) - before).toBeLessThan(250);
  });

  test("says who may not send a file, also when he is still sending", async () => {
    const big = new Uint8Array(20 * 1024 * 1024);
    expectRefusal(await upload(people.agent, big), 403, "forbidden");
    expectRefusal(await upload(undefined, big), 401, "authentication_required");
  });

  test("loses nothing when the function dies in the middle of it", async () => {
    const { id } = accepted(await upload(owner, csv(...Array.from({ length: 20_000 }, () => row()))));
    process.kill(functionProcess(), "SIGKILL");
    await notAnswering();
    const [left] = await db()`select status from leads.imports where reference = ${id}`;
    expect(left).toEqual({ status: "processing" });
    // Who died holds it for a minute more; nobody waits for that here.
    await db()`update leads.import_files set held_until = now() where import_id = (select id from leads.imports where reference = ${id})`;
    await untilItAnswers();
    expect(await ended(id, owner)).toMatchObject({ status: "completed", read: 20_000, inserted: 20_000 });
  });
});

/** The process of the function that answers here. */
function functionProcess(): number {
  const found = descendantsOf(stack.pid).find(({ command }) => command.endsWith("leads/index.ts"));
  if (!found) throw new Error("the function does not run");
  return found.pid;
}

/** What a process holds of the machine's memory, in megabytes. */
async function memoryOf(pid: number): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Its connections have ended with it, and nothing of it is under way any more. */
async function notAnswering(): Promise<void> {
  const busy = () =>
    db()`select from pg_stat_activity where query like '%leads.merge_import%' and state = 'active' and pid <> pg_backend_pid()`;
  while ((await busy()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function untilItAnswers(): Promise<void> {
  while ((await askApi("leads", "/api/health")).status !== 200) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe("what became of a file", () => {
  let id: string;
  beforeEach(async () => {
    id = accepted(await upload(owner, csv(row(), `=Zoé;Durand;"a;b@example.test";;Isolation;Bretagne`))).id;
    await ended(id, owner);
  });

  test("is listed for its supplier, the newest first, and for admins", async () => {
    const { id: second } = accepted(await upload(owner, csv(row())));
    await ended(second, owner);
    await ended(accepted(await upload(other, csv(row()))).id, other);
    const listed = z.array(supplierImport).parse((await read("", owner)).body);
    expect(listed.map((each) => each.id)).toEqual([second, id]);
    expect(z.array(supplierImport).parse((await read("?limit=1&offset=1", owner)).body)).toEqual([listed[1]]);
    const all = z.array(supplierImport).parse((await read("?limit=3", people.admin)).body);
    expect(all.slice(1)).toEqual(listed);
  });

  test("is shown to its supplier and to admins", async () => {
    for (const person of [owner, people.admin]) expect((await read(`/${id}`, person)).status).toBe(200);
    for (const path of [`/${id}`, `/${id}/rejects`]) {
      expectRefusal(await read(path, other), 404, "import_not_found");
      for (const person of [people.agent, people.acheteur, people.stranger]) {
        expectRefusal(await read(path, person), 403, "forbidden");
      }
      expectRefusal(await read(path), 401, "authentication_required");
    }
    expectRefusal(await read("", people.agent), 403, "forbidden");
    // The file itself is shown to nobody.
    for (const { client } of [owner, people.admin]) {
      expect((await client.storage.from("imports").list(supplier.id)).data).toEqual([]);
    }
    expectRefusal(await read("/IMP-999999", owner), 404, "import_not_found");
  });

  test("gives the refused rows as a file, without formulas, that can be corrected and sent again", async () => {
    const rejects = await read(`/${id}/rejects`, owner);
    expect(rejects.status).toBe(200);
    expect(rejects.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(rejects.headers.get("content-disposition")).toBe(`attachment; filename="${id}-refus.csv"`);
    const lines = rejects.text
      .replace(/^\ufeff/, "")
      .trim()
      .split("\r\n");
    expect(lines).toEqual([
      `ligne;motif;${header}`,
      `3;« a;b@example.test » n'est pas une adresse e-mail.;'=Zoé;Durand;"a;b@example.test";;Isolation;Bretagne`.replace(
        /(« .*? e-mail\.)/,
        '"$1"',
      ),
    ]);
    const corrected = rejects.text.replaceAll("a;b@", `ab-${randomUUID()}@`);
    const again = await ended(accepted(await upload(owner, corrected)).id, owner);
    expect(again).toMatchObject({ read: 1, inserted: 1, invalid: 0 });
    const [lead] =
      await db()`select first_name from leads.leads where supplier_id = ${supplier.id} order by id desc limit 1`;
    expect(lead).toEqual({ first_name: "=Zoé" });
  });

  test("is not given before the file is in, or where it did not come in here", async () => {
    await db()`update leads.imports set status = 'processing' where reference = ${id}`;
    expectRefusal(await read(`/${id}/rejects`, owner), 409, "import_not_completed");
    await db()`update leads.imports set status = 'completed' where reference = ${id}`;
    await db()`delete from leads.import_files where import_id = (select id from leads.imports where reference = ${id})`;
    expectRefusal(await read(`/${id}/rejects`, owner), 404, "file_not_kept");
  });
});

describe("a large file, which goes straight into Storage", () => {
  type Place = z.infer<typeof importUploadTarget>;
  const placeFor = (person: Person | undefined, body: Fields = {}) =>
    askApi("leads", "/api/imports/upload", { method: "POST", body, ...(person ? { token: person.token } : {}) });
  const put = async (content: string, person = owner): Promise<Place> => {
    const answer = await placeFor(person);
    expect(answer.status, answer.text).toBe(201);
    const place = importUploadTarget.parse(answer.body);
    const headers = { "Content-Type": place.contentType };
    expect((await fetch(place.url, { method: "PUT", headers, body: content })).status).toBe(200);
    return place;
  };
  const name = (person: Person | undefined, fields: Fields) => {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.set(field, value);
    return post(person, form);
  };
  beforeEach(() => emptyFolder(supplier));
  afterAll(() => emptyFolder(supplier));
  const waiting = async () =>
    (await db()`select path from leads.unnamed_uploads() where path like ${`${supplier.id}/%`}`).map(
      ({ path }) => path,
    );

  test("is named by its import, which is that of any other file", async () => {
    const content = csv(row("Durand"), row("Petit"));
    const { path } = await put(content);
    expect(await waiting()).toEqual([path]);
    const opened = accepted(await name(owner, { upload: path, fileName: "C:\\listes\\grande.csv" }));
    expect(opened).toMatchObject({ fileName: "grande.csv", understood: { format: "csv" } });
    expect(await ended(opened.id, owner)).toMatchObject({ status: "completed", read: 2, inserted: 2 });
    expect(await waiting()).toEqual([]);

    // Asked again, or put there once more, it is the same import, and the second file is not kept.
    for (const upload of [path, (await put(content)).path]) {
      expect(await name(owner, { upload })).toMatchObject({ status: 200, body: { id: opened.id } });
    }
    expect(await waiting()).toEqual([]);
    const rejects = await read(`/${opened.id}/rejects`, owner);
    expect(rejects.status, rejects.text).toBe(200);
  });

  test("by supabase-js, and by an admin for a supplier", async () => {
    const { body } = await placeFor(people.admin, { fournisseur: supplier.reference });
    const { bucket, path, token } = importUploadTarget.parse(body);
    const { error } = await owner.client.storage
      .from(bucket)
      .uploadToSignedUrl(path, token, new Blob([csv(row())], { type: "text/csv" }));
    expect(error).toBeNull();
    const { id } = accepted(await name(people.admin, { upload: path, fournisseur: supplier.reference }));
    expect(await ended(id, owner)).toMatchObject({ status: "completed", inserted: 1, fileName: "import.csv" });
  });

  test("is nobody else's, is there or is refused, and comes alone", async () => {
    expectRefusal(await placeFor(undefined), 401, "authentication_required");
    expectRefusal(await placeFor(people.agent), 403, "forbidden");
    expectRefusal(await placeFor(owner, { fournisseur: others.reference }), 422, "invalid_fields");
    const { path, url } = await put(csv(row()));
    const unknown = [
      [other, path],
      [owner, `${supplier.id}/${randomUUID()}`],
      [owner, `${supplier.id}/../${randomUUID()}`],
      [owner, "x"],
    ] as const;
    for (const [person, upload] of unknown) {
      const answer = await unchanged(() => name(person, { upload }));
      expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject([
        { field: "upload", code: "unknown_upload" },
      ]);
    }
    const both = await unchanged(() => upload(owner, csv(row()), { upload: path }));
    expectRefusal(both, 400, "invalid_body");
    expect((await fetch(url, { method: "PUT", headers: { "Content-Type": "text/csv" }, body: "x" })).ok).toBe(false);
    expect(await waiting()).toEqual([path]);
  });

  test("has one import, however often and otherwise it is named", async () => {
    const { path } = await put(csv(row()));
    const set = JSON.stringify({ city: "Brest" });
    const answers = await Promise.all([
      name(owner, { upload: path }),
      name(owner, { upload: path, set }),
      name(owner, { upload: path }),
    ]);
    expect(answers.map(({ status }) => status).filter((status) => status === 409).length).toBeGreaterThan(0);
    const [opened] = answers.filter(({ status }) => status === 202);
    expect(await ended((opened as Answer & { body: Detail }).body.id, owner)).toMatchObject({ inserted: 1 });
    expect(await db()`select from leads.imports where supplier_id = ${supplier.id}`).toHaveLength(1);
  });

  test("is not asked for by who may send no large one, nor while twenty wait; and goes after a day", async () => {
    await db()`update leads.suppliers set status = 'pending_validation' where id = ${supplier.id}`;
    expectRefusal(await placeFor(owner), 413, "file_too_large_unvalidated");
    await db()`update leads.suppliers set status = 'active' where id = ${supplier.id}`;
    await put(csv(row()));
    const left = 20 - (await waiting()).length;
    await db()`insert into storage.objects (bucket_id, name) select 'imports', ${`${supplier.id}/`} || gen_random_uuid() from generate_series(1, ${left})`;
    expectRefusal(await placeFor(owner), 429, "too_many_uploads");
    await db()`delete from storage.objects where bucket_id = 'imports' and name like ${`${supplier.id}/%`} and metadata is null`;
    await db()`update storage.objects set created_at = now() - interval '25 hours' where bucket_id = 'imports' and name in ${db()(await waiting())}`;
    const outdated =
      await db()`select id, path from leads.outdated_uploads() where id is null and path like ${`${supplier.id}/%`}`;
    expect(outdated.map(({ path }) => path).sort()).toEqual((await waiting()).sort());
  });

  test("addresses that nobody has filled count as well", async () => {
    const allow = (count: number) =>
      db()`update platform.rate_limit_rules set allowed = ${count} where name = 'upload_account'`;
    await db()`delete from platform.rate_limit_attempts`;
    await allow(2);
    try {
      const asked = await Promise.all(Array.from({ length: 6 }, () => placeFor(owner)));
      expect(asked.map(({ status }) => status).sort()).toEqual([201, 201, 429, 429, 429, 429]);
    } finally {
      await allow(40);
      await db()`delete from platform.rate_limit_attempts`;
    }
  });
});

test("a file that turns out to be unreadable ends as failed, says why, and leaves no lead", async () => {
  const broken = new Blob([csv(...Array.from({ length: 20_000 }, () => row())), new Uint8Array([0xff, 0xfe])]);
  const { id } = accepted(await upload(owner, broken));
  const detail = await ended(id, owner);
  expect(detail).toMatchObject({ status: "failed", failure: expect.stringContaining("UTF-8"), inserted: 0 });
  expect(await db()`select from leads.leads where supplier_id = ${supplier.id}`).toHaveLength(0);
});

test("a file that was kept long enough is taken away by the next that starts", async () => {
  const { id } = accepted(await upload(owner, csv(row())));
  await ended(id, owner);
  const stored = async () =>
    (await serviceClient().storage.from("imports").list(supplier.id, { limit: 1000 })).data?.length ?? 0;
  const before = await stored();
  await db()`update leads.import_files set keep_until = now()
    where import_id = (select id from leads.imports where reference = ${id})`;
  process.kill(functionProcess(), "SIGKILL");
  await untilItAnswers();
  expectRefusal(await read(`/${id}/rejects`, owner), 404, "file_not_kept");
  while ((await stored()) === before) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await stored()).toBe(before - 1);
});

test("a file that cannot be had is tried three times, and then given up", async () => {
  const [{ id, reference }] = (await db()`
    insert into leads.imports (supplier_id, file_name) values (${supplier.id}, 'perdu.csv') returning id, reference`) as unknown as [
    { id: string; reference: string },
  ];
  await db()`insert into leads.import_files (import_id, path) values (${id}, 'nowhere.csv')`;
  for (const attempts of [1, 2]) {
    // Whoever sends a file sets the work going.
    await ended(accepted(await upload(owner, csv(row()))).id, owner);
    expect(await db()`select attempts from leads.import_files where import_id = ${id}`).toEqual([{ attempts }]);
    expect((await read(`/${reference}`, owner)).body).toMatchObject({ status: "processing" });
    await db()`update leads.import_files set held_until = now() where import_id = ${id}`;
  }
  const { id: last } = accepted(await upload(owner, csv(row())));
  await ended(last, owner);
  expect(await ended(reference, owner)).toMatchObject({
    status: "failed",
    failure: expect.stringContaining("technique"),
  });
});
