import postgres from "postgres";
import { beforeAll, describe, expect, it } from "vitest";
import { type Actor, actors, emailOf, idOf, openMarket, openOrders } from "../support/market.ts";
import { asActor, become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// Every table, every actor, every verb. A table that is missing here fails the test, so that nobody adds one without
// saying who may do what with it.

/** `all` rows, rows named by the table's key, or `denied`: the role holds no right on the table. */
type Seen = "all" | "denied" | string[];

type TableRights = {
  /** SQL that names a row; a uuid that stands for a name is shown as the name. */
  key: string;
  /** Who reads what. Who is not listed reads nothing: signed in, no row; `anon`, denied; `service_role` reads all. */
  select: Partial<Record<Actor, Seen>>;
  /** Which columns of which rows may be changed. Nobody and none, if not listed. */
  update?: Partial<Record<Actor, { columns: "all" | string[]; rows: Seen }>>;
  /** Who may add rows. Nobody, if not listed. */
  insert?: Actor[];
  /** Who may remove rows. Nobody, if not listed. */
  delete?: Actor[];
};

const signedIn = actors.filter((actor) => actor !== "anon" && actor !== "service_role");
const forEach = <Value>(who: readonly Actor[], value: (actor: Actor) => Value) =>
  Object.fromEntries(who.map((actor) => [actor, value(actor)])) as Partial<Record<Actor, Value>>;
const onlyAdmin = { admin: "all" } as const;
const byOperators = {
  update: { service_role: { columns: "all", rows: "all" } },
  insert: ["service_role"],
  delete: ["service_role"],
} satisfies Partial<TableRights>;

const catalogue = ["on-sale-a", "on-sale-b", "shared-b"];
const broughtByA = ["on-sale-a", "sold-a", "new-a", "rejected-a", "withdrawn-a"];
const broughtByB = ["on-sale-b", "shared-b", "sold-b", "callback-b"];
const toQualify = ["new-a", "callback-b"];
const qualifiedByA = ["on-sale-a", "sold-a", "rejected-a", "withdrawn-a"];
const qualifiedByB = ["on-sale-b", "shared-b", "sold-b", "callback-b"];

const stagedRows: TableRights = {
  key: "import_id::text",
  select: onlyAdmin,
  insert: ["service_role"],
  delete: ["service_role"],
};
const rights: Record<string, TableRights> = {
  "platform.systems": { key: "system", select: forEach([...signedIn, "service_role"], () => "denied") },
  "platform.system_roles": {
    key: "system || ' ' || role",
    select: forEach(signedIn, () => "all"),
    ...byOperators,
  },
  "platform.profiles": {
    key: "email",
    select: {
      ...forEach(signedIn, (actor) => [emailOf(actor)]),
      admin: [
        "admin",
        "fournisseurA",
        "fournisseurB",
        "agentA",
        "agentB",
        "acheteurA",
        "acheteurB",
        "suspendedAcheteur",
      ].map(emailOf),
      otherAdmin: ["otherAdmin", "otherMember"].map(emailOf),
    },
    ...byOperators,
    update: {
      ...forEach(signedIn, (actor) => ({
        columns: ["first_name", "last_name", "company", "phone", "avatar", "display_name", "bio"],
        rows: [emailOf(actor)],
      })),
      service_role: { columns: "all", rows: "all" },
    },
  },
  "platform.memberships": {
    key: "user_id || ' ' || role",
    select: {
      admin: [
        "admin admin",
        "fournisseurA fournisseur",
        "fournisseurB fournisseur",
        "agentA agent",
        "agentB agent",
      ].concat(["acheteurA acheteur", "acheteurB acheteur", "suspendedAcheteur acheteur"]),
      fournisseurA: ["fournisseurA fournisseur"],
      fournisseurB: ["fournisseurB fournisseur"],
      agentA: ["agentA agent"],
      agentB: ["agentB agent"],
      acheteurA: ["acheteurA acheteur"],
      acheteurB: ["acheteurB acheteur"],
      suspendedAcheteur: ["suspendedAcheteur acheteur"],
      otherAdmin: ["otherAdmin admin", "otherMember member"],
    },
    ...byOperators,
  },
  "platform.registrations": { key: "role", select: forEach(signedIn, () => "denied") },
  "platform.audit_chains": { key: "chain", select: forEach(signedIn, () => "denied") },
  "platform.audit_log": { key: "chain || ' ' || position", select: forEach(signedIn, () => "denied") },
  "platform.row_versions": { key: "relation || ' ' || row_id", select: forEach(signedIn, () => "denied") },
  "platform.settings": { key: "system || ' ' || section", select: onlyAdmin },
  "platform.api_keys": { key: "name", select: forEach([...signedIn, "service_role"], () => "denied") },
  "platform.session_handles": {
    key: "user_id::text",
    select: forEach([...signedIn, "service_role"], () => "denied"),
  },
  "platform.idempotency_keys": {
    key: "operation || ' ' || key",
    select: forEach([...signedIn, "service_role"], () => "denied"),
  },
  "platform.ledger_account_kinds": { key: "kind", select: forEach(signedIn, () => "denied") },
  "platform.ledger_accounts": { key: "kind || ' ' || owner", select: forEach(signedIn, () => "denied") },
  "platform.ledger_balances": { key: "account_id || ' ' || slot", select: forEach(signedIn, () => "denied") },
  "platform.ledger_transfers": { key: "kind || ' ' || key", select: forEach(signedIn, () => "denied") },
  "platform.ledger_entries": { key: "transfer_id || ' ' || account_id", select: forEach(signedIn, () => "denied") },
  "platform.document_numbers": { key: "system || ' ' || series", select: onlyAdmin },
  "platform.notifications": {
    key: "reference",
    select: { acheteurA: ["to-acheteurA"], agentA: ["to-agentA"], suspendedAcheteur: ["to-suspendedAcheteur"] },
    ...byOperators,
    update: {
      ...forEach(signedIn, () => ({ columns: ["read"], rows: [] as string[] })),
      acheteurA: { columns: ["read"], rows: ["to-acheteurA"] },
      agentA: { columns: ["read"], rows: ["to-agentA"] },
      suspendedAcheteur: { columns: ["read"], rows: ["to-suspendedAcheteur"] },
      service_role: { columns: "all", rows: "all" },
    },
  },
  "platform.rate_limit_rules": { key: "system || ' ' || name", select: { ...onlyAdmin, otherAdmin: "all" } },
  "platform.rate_limit_attempts": {
    key: "bucket",
    select: forEach([...signedIn, "service_role"], () => "denied"),
  },
  "platform.known_devices": { key: "device", select: forEach([...signedIn, "service_role"], () => "denied") },
  "platform.retention_rules": {
    key: "relation",
    select: forEach(signedIn, () => "denied"),
    update: { service_role: { columns: ["term"], rows: "all" } },
  },
  "platform.webhook_endpoints": { key: "url", select: onlyAdmin },
  "platform.webhook_secrets": {
    key: "endpoint_id::text",
    select: forEach([...signedIn, "service_role"], () => "denied"),
  },
  "platform.deliveries": { key: "topic", select: { admin: ["call"] } },
  "platform.outbox": { key: "topic", select: forEach([...signedIn, "service_role"], () => "denied") },

  "leads.leads": {
    key: "reference",
    select: {
      anon: catalogue,
      stranger: catalogue,
      otherAdmin: catalogue,
      admin: "all",
      fournisseurA: broughtByA,
      fournisseurB: broughtByB,
      agentA: [...toQualify, ...qualifiedByA],
      agentB: [...new Set([...toQualify, ...qualifiedByB])],
      acheteurA: [...catalogue, "sold-a"],
      acheteurB: [...catalogue, "sold-b"],
    },
  },
  "leads.lead_contacts": {
    key: "lead_id::text",
    select: {
      anon: [],
      admin: "all",
      fournisseurA: broughtByA,
      fournisseurB: broughtByB,
      agentA: qualifiedByA,
      agentB: qualifiedByB,
      acheteurA: ["sold-a", "shared-b"],
      acheteurB: ["sold-b"],
    },
  },
  "leads.sales": {
    key: "buyer_id || ' ' || lead_id",
    select: {
      anon: [],
      admin: "all",
      fournisseurA: ["acheteurA sold-a"],
      fournisseurB: ["acheteurB sold-b", "acheteurA shared-b", "suspendedAcheteur shared-b"],
      acheteurA: ["acheteurA sold-a", "acheteurA shared-b"],
      acheteurB: ["acheteurB sold-b"],
      suspendedAcheteur: ["suspendedAcheteur shared-b"],
    },
  },
  "leads.returns": { key: "reference", select: { admin: "all", acheteurA: ["return-a"] } },
  "leads.outcomes": {
    key: "buyer_id || ' ' || lead_id",
    select: { admin: "all", acheteurB: ["acheteurB sold-b"] },
  },
  "leads.suppliers": {
    key: "reference",
    select: { admin: "all", agentA: "all", agentB: "all", fournisseurA: ["supplier-a"], fournisseurB: ["supplier-b"] },
  },
  "leads.buyers": {
    key: "user_id::text",
    select: { admin: "all", acheteurA: ["acheteurA"], acheteurB: ["acheteurB"] },
  },
  "leads.sectors": { key: "name", select: { anon: "all", ...forEach(signedIn, () => "all") } },
  "leads.departments": { key: "code", select: { anon: "all", ...forEach(signedIn, () => "all") } },
  "leads.regions": { key: "name", select: { anon: "all", ...forEach(signedIn, () => "all") } },
  "leads.spellings": { key: "kind || ' ' || folded", select: onlyAdmin },
  "leads.imports": {
    key: "reference",
    select: {
      ...{ admin: "all", agentA: "all", agentB: "all", fournisseurB: ["import-b"] },
      fournisseurA: ["import-a", "import-completed", "import-pending_review"],
    },
  },
  "leads.import_rows": stagedRows,
  "leads.import_form_rows": stagedRows,
  "leads.import_file_rows": stagedRows,
  "leads.import_checked": { key: "import_id::text", select: onlyAdmin },
  "leads.import_rejects": {
    key: "import_id::text",
    select: { admin: "all", fournisseurA: ["import-a"], fournisseurB: ["import-b"] },
  },
  "leads.import_files": { key: "path", select: onlyAdmin },
  "leads.import_held_rows": { key: "import_id::text", select: onlyAdmin },
  "leads.import_changes": { key: "lead_id::text", select: onlyAdmin },
  "leads.import_mappings": {
    key: "header",
    select: { admin: "all", fournisseurA: ["mail"], fournisseurB: ["courriel"] },
    ...byOperators,
  },
  "leads.calls": { key: "reference", select: { admin: "all", agentA: ["call-a"], agentB: ["call-b"] } },
  "leads.score_features": { key: "feature", select: onlyAdmin },
  "leads.lead_consents": {
    key: "lead_id::text",
    select: {
      admin: "all",
      fournisseurA: ["sold-a"],
      fournisseurB: ["on-sale-b"],
      acheteurA: ["sold-a"],
    },
  },
  "leads.called_people": { key: "call_id::text", select: forEach([...signedIn, "service_role"], () => "denied") },
  "leads.people_at_agents": { key: "lead_id::text", select: forEach([...signedIn, "service_role"], () => "denied") },
  "leads.person_pepper": { key: "singleton", select: forEach([...signedIn, "service_role"], () => "denied") },
  "leads.oppositions": { key: "reason", select: onlyAdmin },
  "leads.erasures": { key: "counts", select: onlyAdmin },
  "leads.qualifications": {
    key: "lead_id::text",
    select: { admin: "all", agentA: ["on-sale-a"], agentB: ["on-sale-b"] },
  },
  "leads.transactions": { key: "reference", select: onlyAdmin },
  "leads.payments": {
    key: "reference",
    select: {
      admin: "all",
      acheteurA: ["payment-acheteurA"],
      acheteurB: ["payment-acheteurB"],
      suspendedAcheteur: ["payment-suspended"],
    },
  },
  "leads.pack_orders": { key: "reference", select: { admin: "all", suspendedAcheteur: ["order"] } },
  "leads.refunds": { key: "reference", select: { admin: "all", suspendedAcheteur: ["refund"] } },
  "leads.billing_details": { key: "name", select: { admin: "all", acheteurA: ["Société A"] } },
  "leads.invoices": { key: "series", select: { admin: "all", suspendedAcheteur: ["FA"] } },
  "leads.payment_events": { key: "id", select: onlyAdmin },
  "leads.payouts": {
    key: "reference",
    select: { admin: "all", fournisseurA: ["payout-a"], fournisseurB: ["payout-b", "payout-c"] },
  },
  "leads.payout_lines": {
    key: "(select p.reference from leads.payouts p where p.id = payout_id)",
    select: { admin: "all", fournisseurA: ["payout-a"], fournisseurB: ["payout-b", "payout-c"] },
  },
  "leads.payout_accounts": { key: "holder", select: forEach(signedIn, () => "denied") },
  "leads.payout_exports": { key: "message_id", select: onlyAdmin },
  "leads.held_accounts": { key: "sealed_iban", select: forEach(signedIn, () => "denied") },
  "leads.supplier_accounts": { key: "sealed_iban", select: forEach(signedIn, () => "denied") },
  "leads.credit_packs": { key: "reference", select: onlyAdmin },
  "leads.credit_offers": { key: "reference", select: { admin: "all", acheteurA: "all", acheteurB: "all" } },
  "leads.rule_kinds": { key: "kind", select: onlyAdmin },
  "leads.self_dealing": { key: "reference", select: onlyAdmin },
  "leads.party_signs": { key: "kind", select: forEach(signedIn, () => "denied") },
  "platform.shared_mail_domains": { key: "domain", select: forEach(signedIn, () => "denied") },
  "leads.bonus_budgets": { key: "month", select: onlyAdmin },
  "leads.credit_rules": { key: "reference", select: onlyAdmin },
  "leads.earnings": {
    key: "(select s.reference from leads.suppliers s where s.id = supplier_id) || ' ' || kind",
    select: { admin: "all", fournisseurA: ["supplier-a opening"], fournisseurB: ["supplier-b opening"] },
  },
  "platform.rollups": {
    key: "metric || ' ' || subject || ' ' || month || ' ' || slot",
    select: forEach(signedIn, () => "denied"),
  },
  "platform.opening_figures": { key: "figure", select: forEach(signedIn, () => "denied") },
  "leads.seeds": { key: "fingerprint", select: onlyAdmin },
  "leads.seeded_rows": { key: "relation", select: onlyAdmin },
};

const { sql } = await testDatabase();

const tables = await sql<{ name: string; columns: string[] }[]>`
  select n.nspname || '.' || c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where n.nspname in ('platform', 'leads', 'public') and c.relkind in ('r', 'p') group by 1 order by 1`;

it("every table is in the matrix", () => {
  expect(Object.keys(rights).sort()).toEqual(tables.map(({ name }) => name));
});

it.each(tables)("$name is granted to whom the matrix says", async ({ name, columns }) => {
  const table = rights[name] as TableRights;
  for (const [role, who] of Object.entries({
    anon: ["anon"],
    authenticated: signedIn,
    service_role: ["service_role"],
  })) {
    const some = (holds: (actor: Actor) => boolean) => who.some((actor) => holds(actor as Actor));
    const changed = columns.filter((column) => some((actor) => mayChange(table, actor, column)));
    expect(await heldBy(role, name), role).toEqual({
      select: some((actor) => wantedOf(table, actor) !== "denied"),
      insert: some((actor) => table.insert?.includes(actor) ?? false),
      update: changed,
      delete: some((actor) => table.delete?.includes(actor) ?? false),
    });
  }
});

describe("by actor", () => {
  beforeAll(async () => {
    await openMarket(sql);
    await openOrders(sql);
  });

  it("every table has a row that could be seen", async () => {
    for (const { name } of tables) expect(await sql.unsafe(`select from ${name} limit 1`), name).toHaveLength(1);
  });

  describe.each(tables)("$name", ({ name, columns }) => {
    const table = rights[name] as TableRights;
    describe.each(actors)("%s", (actor) => {
      it("reads what he may", async () => {
        const wanted = wantedOf(table, actor);
        const all = await keysOf(sql, `select ${table.key} as key from ${name}`);
        const found = await asActor(sql, actor, (transaction) =>
          keysOf(transaction, `select ${table.key} as key from ${name}`),
        ).catch(denied);
        expect(found).toEqual(wanted === "all" ? all : wanted === "denied" ? wanted : [...wanted].sort());
      });

      it("changes what he may", async () => {
        const allowed = table.update?.[actor] ?? { columns: [], rows: [] };
        const may = (column: string) => mayChange(table, actor, column);
        await expectDenied(
          actor,
          name,
          columns.filter((column) => !may(column)).map((column) => `update ${name} set ${column} = default`),
        );
        const all = await keysOf(sql, `select ${table.key} as key from ${name}`);
        for (const column of columns.filter(may)) {
          const changed = await asActor(sql, actor, (transaction) =>
            keysOf(transaction, `update ${name} set ${column} = ${column} returning ${table.key} as key`),
          );
          const rows = allowed.rows === "all" ? all : allowed.rows;
          expect(changed, column).toEqual(rows);
          if (allowed.rows !== "all") expect(await changedUnseen(actor, name, column), column).toBe(rows.length);
        }
      });

      it("adds, removes and empties what he may", async () => {
        const writes: [string, boolean][] = [
          [`insert into ${name} default values`, table.insert?.includes(actor) ?? false],
          [`delete from ${name}`, table.delete?.includes(actor) ?? false],
          [`truncate ${name} cascade`, false],
        ];
        await expectDenied(
          actor,
          name,
          writes.filter(([, allowed]) => !allowed).map(([statement]) => statement),
        );
        for (const [statement] of writes.filter(([, allowed]) => allowed)) {
          // What is allowed may still be refused for what the row is, which is no matter of rights.
          const found = await asActor(sql, actor, (transaction) => outcome(transaction, statement));
          expect(["denied", "42501"], statement).not.toContain(found);
        }
      });
    });
  });
});

/** What the matrix says an actor reads. */
function wantedOf(table: TableRights, actor: Actor): Seen {
  return table.select[actor] ?? (actor === "service_role" ? "all" : actor === "anon" ? "denied" : []);
}

function mayChange({ update }: TableRights, actor: Actor, column: string): boolean {
  const allowed = update?.[actor]?.columns ?? [];
  return allowed === "all" || allowed.includes(column);
}

async function heldBy(role: string, table: string): Promise<Record<string, unknown>> {
  const [held] = await sql`
    select has_table_privilege(${role}, c.oid, 'select') as select, has_table_privilege(${role}, c.oid, 'insert') as insert,
      array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and has_column_privilege(${role}, c.oid, a.attnum, 'update') order by a.attnum) as update,
      has_table_privilege(${role}, c.oid, 'delete') as delete
    from pg_class c where c.oid = ${table}::regclass`;
  return { ...held };
}

/** How many rows the actor changes by a statement that reads none, which the policies for reading have no say in. */
async function changedUnseen(actor: Actor, table: string, column: string): Promise<number> {
  const [value] = await sql.unsafe<{ literal: string }[]>(
    `select quote_nullable(${column}) as literal from ${table} limit 1`,
  );
  const { count } = await asActor(sql, actor, (transaction) =>
    transaction.unsafe(`update ${table} set ${column} = ${value?.literal}`),
  );
  return count;
}

// Two locks: where a right is given by mistake, the policies still hold.
describe("with a right that nobody meant to give", () => {
  const closed = tables.filter(({ name }) => rights[name]?.select.admin === "denied").map(({ name }) => name);
  it.each(closed)("%s shows nothing", async (name) => {
    for (const actor of signedIn) {
      const found = await rolledBack(sql, async (transaction) => {
        await transaction.unsafe(`grant select on ${name} to authenticated`);
        await become(transaction, actor);
        return transaction.unsafe(`select from ${name}`);
      });
      expect(found, actor).toHaveLength(0);
    }
  });

  it.each([
    ["platform.notifications", "user_id"],
    ["platform.profiles", "id"],
  ])("%s is not handed to somebody else", async (name, owner) => {
    const handed = rolledBack(sql, async (transaction) => {
      await transaction.unsafe(`grant update on ${name} to authenticated`);
      await become(transaction, "acheteurA");
      await transaction.unsafe(`update ${name} set ${owner} = '${idOf("elsewhere")}'`);
    });
    expect(await refusal(handed)).toMatchObject({
      code: "42501",
      message: expect.stringMatching(/row-level security/),
    });
  });
});

/** Each statement is refused to the actor for want of rights, and afterwards the table is as it was. */
async function expectDenied(actor: Actor, table: string, statements: string[]): Promise<void> {
  await rolledBack(sql, async (transaction) => {
    const before = await contentOf(transaction, table);
    await become(transaction, actor);
    for (const statement of statements) expect(await outcome(transaction, statement), statement).toBe("denied");
    await transaction`reset role`;
    expect(await contentOf(transaction, table)).toBe(before);
  });
}

/** `done`, `denied` for want of a right (a policy's refusal is another), or the SQLSTATE of another refusal. */
async function outcome(transaction: postgres.TransactionSql, statement: string): Promise<string> {
  try {
    await transaction.savepoint((savepoint) => savepoint.unsafe(statement));
    return "done";
  } catch (error) {
    if (error instanceof postgres.PostgresError)
      return error.message.startsWith("permission denied") ? "denied" : error.code;
    throw error;
  }
}

async function contentOf(from: Sql, table: string): Promise<string> {
  const [row] = await from.unsafe<{ content: string }[]>(
    `select md5(string_agg(t::text, ',' order by t::text)) as content from ${table} t`,
  );
  return row?.content ?? "";
}

const namesById = new Map(
  [...actors, "otherMember", ...broughtByA, ...broughtByB, "import-a", "import-b"].map((name) => [idOf(name), name]),
);

async function keysOf(sql: Sql, query: string): Promise<string[]> {
  const rows = await sql.unsafe<{ key: unknown }[]>(query);
  return rows.map(({ key }) => String(key).replace(/[0-9a-f-]{36}/g, (id) => namesById.get(id) ?? id)).sort();
}

function denied(error: unknown): "denied" {
  if (error instanceof postgres.PostgresError && error.code === "42501") return "denied";
  throw error;
}
