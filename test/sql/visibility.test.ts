import { describe, expect, it } from "vitest";
import { type Actor, actors, idOf, openMarket } from "../support/market.ts";
import { asActor, become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

const { sql } = await testDatabase();
await openMarket(sql);

type Lead = { id: string; lastName: string; email: string; phone: string; notes: string };

// On sale, his own, his to qualify or bought; withdrawn leads are in no list.
const catalogue = ["on-sale-a", "on-sale-b", "shared-b"];
const seen: Record<Actor, string[]> = {
  anon: catalogue,
  stranger: catalogue,
  otherAdmin: catalogue,
  fournisseurA: ["new-a", "on-sale-a", "rejected-a", "sold-a"],
  fournisseurB: ["callback-b", "on-sale-b", "shared-b", "sold-b"],
  agentA: ["callback-b", "new-a", "on-sale-a", "rejected-a", "sold-a"],
  agentB: ["callback-b", "new-a", "on-sale-b", "shared-b", "sold-b"],
  acheteurA: [...catalogue, "sold-a"],
  acheteurB: [...catalogue, "sold-b"],
  suspendedAcheteur: [],
  admin: ["callback-b", "new-a", "on-sale-a", "on-sale-b", "rejected-a", "shared-b", "sold-a", "sold-b"],
  service_role: ["callback-b", "new-a", "on-sale-a", "on-sale-b", "rejected-a", "shared-b", "sold-a", "sold-b"],
};

// Whose last name, e-mail, telephone and notes are shown as they are.
const known: Record<Actor, string[]> = {
  ...seen,
  anon: [],
  stranger: [],
  otherAdmin: [],
  agentA: ["on-sale-a", "rejected-a", "sold-a"],
  agentB: ["callback-b", "on-sale-b", "shared-b", "sold-b"],
  acheteurA: ["shared-b", "sold-a"],
  acheteurB: ["sold-b"],
};

const everybody = actors.filter((actor) => actor !== "suspendedAcheteur");
const ids = (rows: Iterable<Lead>) => [...rows].map(({ id }) => id).sort();
const read = (actor: Actor, query: string, ...parameters: string[]) =>
  asActor(sql, actor, (transaction) => transaction.unsafe<Lead[]>(query, parameters));

describe.each(everybody)("%s", (actor) => {
  it("sees his leads, in the view and by the search", async () => {
    expect(ids(await read(actor, "select * from public.leads"))).toEqual(seen[actor]);
    expect(ids(await read(actor, "select * from public.leads_search()"))).toEqual(seen[actor]);
  });

  it("reads the contacts that are his, and the masks of the others", async () => {
    for (const { id, lastName, email, phone, notes } of await read(actor, "select * from public.leads")) {
      const shown = known[actor].includes(id)
        ? [`Secret ${id}`, `zoe@${id}.test`, "+33 6 12 34 56 78", "Rappeler au 06 12 34 56 78"]
        : ["S.", "z•••@•••", "+33 6 •• •• •• 78", "Projet à court terme"];
      expect([lastName, email, phone, notes], id).toEqual(shown);
    }
  });

  it("finds by what identifies a person the leads whose contact he reads, and no others", async () => {
    expect(ids(await read(actor, "select * from public.leads_search(search => 'secret')"))).toEqual(known[actor]);
    expect(ids(await read(actor, `select * from public.leads where "lastName" like 'Secret%'`))).toEqual(known[actor]);
    expect(ids(await read(actor, "select * from public.leads where email like '%.test'"))).toEqual(known[actor]);
    expect(ids(await read(actor, "select * from public.leads where phone like '%34%'"))).toEqual(known[actor]);
    expect(ids(await read(actor, "select * from public.leads where notes like '%06 12%'"))).toEqual(known[actor]);
  });

  it("counts what he finds, exactly or roughly", async () => {
    expect(await contentRange(actor, "exact", "secret")).toBe(rangeOf(known[actor].length));
    expect(await contentRange(actor, "exact")).toBe(rangeOf(seen[actor].length));
    expect(await contentRange(actor, "planned", "no such name")).toMatch(/^\*\/\d+$/);
  });

  it("sorts by what he reads", async () => {
    for (const column of ['"lastName"', "email"]) {
      const rows = await read(actor, `select * from public.leads order by ${column}, id`);
      const sorted = [...rows].map((row) => (column === "email" ? row.email : row.lastName));
      expect(sorted).toEqual([...sorted].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    }
  });
});

it("a rough count says nothing about people whom the caller may not see", async () => {
  await rolledBack(sql, async (transaction) => {
    await transaction`
      with added as (
        insert into leads.leads (reference, supplier_id, first_name, last_name_mask, sector, region, status)
        select 'many-' || n, ${idOf("supplierA")}, 'Zoé', 'D.', 'Isolation', 'Bretagne', 'qualified' from generate_series(1, 2000) n
        returning id, supplier_id)
      insert into leads.lead_contacts (lead_id, supplier_id, last_name) select id, supplier_id, 'Durand' from added`;
    await transaction.unsafe("analyze leads.leads, leads.lead_contacts");
    await become(transaction, "acheteurB");
    const roughly = async (search: string) => {
      await transaction`select set_config('request.headers', '{"prefer": "count=planned"}', true)`;
      await transaction`select * from public.leads_search(search => ${search})`;
      return (await responseHeaders(transaction))["Content-Range"];
    };
    expect(await roughly("durand")).toBe(await roughly("unheard of"));
    expect(await roughly("zoe")).not.toBe(await roughly("durand"));
  });
});

it("who is suspended is refused, also what is public", async () => {
  for (const query of ["select * from public.leads", "select * from public.leads_search()"]) {
    expect(await refusal(read("suspendedAcheteur", query))).toMatchObject({ code: "PT403", slug: "account_suspended" });
  }
});

describe("the filters", () => {
  const search = async (args: string, actor: Actor = "admin") =>
    ids(await read(actor, `select * from public.leads_search(${args})`));

  it.each([
    ["search => 'SOCIETE new'", ["new-a"]],
    ["search => 'zoe isolation'", ["new-a", "on-sale-a", "rejected-a", "sold-a"]],
    ["search => 'secret new'", ["new-a"]],
    ["search => '%'", []],
    ["search => '  '", seen.admin],
    ["sector => 'isolation'", ["new-a", "on-sale-a", "rejected-a", "sold-a"]],
    ["sector => 'Unknown'", []],
    ["sector => 'all', region => '', status => 'all'", seen.admin],
    ["region => 'BRETAGNE'", seen.admin],
    ["region => 'Corse'", []],
    ["status => 'sold'", ["sold-a", "sold-b"]],
    ["min_score => 0", seen.admin],
    ["min_score => 1", []],
  ])("%s", async (args, found) => {
    expect(await search(args)).toEqual([...found].sort());
  });

  it.each([
    ["min_score => 101", "minScore"],
    ["min_score => -1", "minScore"],
    ["status => 'lost'", "status"],
    ["page_size => 0", "limit"],
    ["page_size => 1001", "limit"],
    ["cursor => 'nothing'", "cursor"],
    ["search => repeat('a', 201)", "search"],
  ])("%s is refused with the name of the field", async (args, field) => {
    expect(await refusal(search(args))).toMatchObject({ code: "PT400", slug: "invalid_parameter", hint: field });
  });

  it("go through all pages, each lead once", async () => {
    const found: string[] = [];
    let cursor = "";
    do {
      const page = await asActor(sql, "admin", async (transaction) => {
        const rows = await transaction<Lead[]>`select * from public.leads_search(page_size => 3, cursor => ${cursor})`;
        return { rows: [...rows], next: (await responseHeaders(transaction))["X-Next-Cursor"] ?? "" };
      });
      found.push(...page.rows.map(({ id }) => id));
      cursor = page.next;
    } while (cursor !== "");
    expect(found).toHaveLength(8);
    expect(found.sort()).toEqual(seen.admin);
  });
});

function contentRange(actor: Actor, mode: string, search = ""): Promise<string> {
  return asActor(sql, actor, async (transaction) => {
    await transaction`select set_config('request.headers', ${JSON.stringify({ prefer: `count=${mode}` })}, true)`;
    await transaction`select * from public.leads_search(search => ${search})`;
    return (await responseHeaders(transaction))["Content-Range"] ?? "";
  });
}

async function responseHeaders(transaction: Sql): Promise<Record<string, string>> {
  const [row] = await transaction<{ headers: string | null }[]>`
    select nullif(current_setting('response.headers', true), '') as headers`;
  return Object.assign({}, ...(JSON.parse(row?.headers ?? "[]") as Record<string, string>[]));
}

function rangeOf(rows: number): string {
  return rows === 0 ? "*/0" : `0-${rows - 1}/${rows}`;
}
