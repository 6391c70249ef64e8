import { beforeAll, expect, test, vi } from "vitest";
import type * as z from "zod";
import { importDetail, importUploadTarget } from "../../../functions/leads/imports/import-inputs.ts";
import { descendantsOf } from "../../../scripts/stack/processes.ts";
import { type OwnStack, ownStack } from "../../support/own-stack.ts";
import { workbookOf } from "../../support/workbook.ts";
import type { Person } from "../people.ts";

// Large files where a function may take little: each invocation stages a slice and calls the next.

// Each slice is a call of its own.
vi.setConfig({ testTimeout: 60_000 });

let stack: OwnStack;
let owner: Person;

beforeAll(async () => {
  // A slice is what comes at once, and no more.
  stack = await ownStack({ IMPORT_SLICE_MS: "0" });
  owner = await stack.person("fournisseur");
  await stack.sql`insert into leads.suppliers (user_id, contact_name, company, email, status)
    values (${owner.id}, 'Contact', 'Tranches SARL', ${owner.email}, 'active')
    on conflict (user_id) do update set status = 'active'`;
  await stack.sql`create table public.seen_slices (import_id uuid, rows bigint)`;
  await stack.sql`create function public.see_slice() returns trigger language plpgsql security definer as $$
    begin insert into public.seen_slices values (new.import_id, new.staged_rows); return null; end $$`;
  await stack.sql`create trigger see_slice after update of staged_rows on leads.import_files for each row execute function public.see_slice()`;
});

const count = 4000;
const notes = "à rappeler ".repeat(20);
const rowsOf = (name: string) => [
  ["nom", "email", "secteur", "région", "commentaires"],
  ...Array.from({ length: count }, (_, n) => [
    `${name}${n}`,
    n % 100 === 7 ? "pas d'adresse" : `${name}${n % 100 === 8 ? n - 2 : n}@slices.test`,
    ...["PV", "PACA", `${notes}${n}`],
  ]),
];
const csv = (name: string) =>
  rowsOf(name)
    .map((cells) => cells.join(";"))
    .join("\n");
const figures = { read: count, inserted: count - 80, duplicates: { total: 40 }, invalid: 40 };

type Detail = z.infer<typeof importDetail>;
const read = async (id: string): Promise<Detail> =>
  importDetail.parse((await stack.ask("GET", `/imports/${id}`, owner)).body);

/** Puts a file where it may be put, and names it. */
async function send(content: BlobPart): Promise<string> {
  const place = importUploadTarget.parse((await stack.ask("POST", "/imports/upload", owner, { body: {} })).body);
  const headers = { "Content-Type": place.contentType };
  expect((await fetch(place.url, { method: "PUT", headers, body: new Blob([content]) })).status).toBe(200);
  const body = new FormData();
  body.set("upload", place.path);
  const sent = { method: "POST", headers: { Authorization: `Bearer ${owner.token}` }, body };
  const answer = await fetch(`${stack.info.systems.leads?.apiBase}/imports`, sent);
  expect(answer.status).toBe(202);
  return importDetail.parse(await answer.json()).id;
}

async function until<Found>(look: () => Promise<Found | undefined | false>): Promise<Found> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const ended = (id: string) =>
  until(async () => {
    const detail = await read(id);
    return detail.status !== "processing" && detail;
  });

/** How many rows were staged after each slice. */
const slicesOf = async (id: string): Promise<number[]> =>
  (
    await stack.sql<{ rows: number }[]>`select s.rows::int from public.seen_slices s
      join leads.imports i on i.id = s.import_id where i.reference = ${id} order by s.rows`
  ).map(({ rows }) => rows);

async function expectWhole(id: string): Promise<void> {
  expect(await ended(id)).toMatchObject({ status: "completed", ...figures });
  const slices = await slicesOf(id);
  expect(slices.length).toBeGreaterThan(3);
  // None was staged twice: there is no number that comes again, but for the last, after which nothing was left.
  expect(new Set(slices.slice(0, -1)).size).toBe(slices.length - 1);
  expect(slices.at(-1)).toBe(count);
}

function functionProcess(): number {
  const found = descendantsOf(stack.info.pid).find(({ command }) => command.endsWith("leads/index.ts"));
  if (!found) throw new Error("the function does not run");
  return found.pid;
}

test("a text and a workbook come in slice by slice, each of another invocation", async () => {
  await expectWhole(await send(csv("texte")));
  await expectWhole(await send(workbookOf(rowsOf("classeur"))));
});

test("a turn is for the function alone, and is there for nobody else", async () => {
  const url = `${stack.info.systems.leads?.apiBase.replace(/\/api$/, "")}/imports/turn`;
  const turn = async (headers: Record<string, string>) => (await fetch(url, { method: "POST", headers })).status;
  expect(await turn({})).toBe(404);
  expect(await turn({ apikey: stack.info.publishableKey, Authorization: `Bearer ${owner.token}` })).toBe(404);
  expect(await turn({ apikey: stack.info.secretKey })).toBe(202);
});

test("turns that are called at the same time stage each slice once", async () => {
  const url = `${stack.info.systems.leads?.apiBase.replace(/\/api$/, "")}/imports/turn`;
  const id = await send(csv("foule"));
  let goesOn = true;
  const crowd = async () => {
    while (goesOn) {
      // As if whoever holds it were taken for gone.
      await stack.sql`update leads.import_files set held_until = now() where held_until > now()`;
      await fetch(url, { method: "POST", headers: { apikey: stack.info.secretKey } });
    }
  };
  const calls = [crowd(), crowd()];
  await ended(id);
  goesOn = false;
  await Promise.all(calls);
  await expectWhole(id);
});

test("a function that is killed between slices, and whose call is lost, goes on for who asks how far it is", async () => {
  const id = await send(csv("mort"));
  await until(async () => (await slicesOf(id)).length > 1);
  process.kill(functionProcess(), "SIGKILL");
  await stack.sql`update leads.import_files set held_until = now() + interval '1 hour'`;
  await until(async () => (await stack.ask("GET", "/health")).status === 200);
  const before = (await slicesOf(id)).length;
  await stack.sql`update leads.import_files set held_until = now()`;
  await expectWhole(id);
  expect((await slicesOf(id)).length).toBeGreaterThan(before);
});
