import { beforeAll, describe, expect, it } from "vitest";
import { type Actor, idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What the platform publishes for who administers a system: its settings, its API keys, and what was changed in it.

const { sql } = await testDatabase();

beforeAll(async () => {
  await openMarket(sql);
  await sql.unsafe(`
    create function leads.size_problems(value jsonb) returns jsonb language sql immutable set search_path = ''
      as $$ select case when platform.is_number(value, 1, 9, 0) then '[]' else platform.field_problem('size', 'invalid_value', 'De 1 à 9.') end; $$;
    insert into platform.settings (system, section, value, description, problems, is_open)
      values ('leads', 'size', '3', 'Taille', 'leads.size_problems', true)`);
});

/** What a statement answers to an actor, by its first column; the transaction ends as it would with a request. */
const asked = (to: Sql, statement: string) =>
  to.unsafe(`select to_jsonb(x) as answer from ${statement} x`).then((rows) => rows.map(({ answer }) => answer));

const calls = [
  "platform_api.settings('leads')",
  "platform_api.setting('leads', 'size')",
  "platform_api.setting_change('leads', 'size', '4')",
  "platform_api.api_keys('leads')",
  "platform_api.api_key_make('leads', 'Site', '{orders:read}')",
  `platform_api.api_key_revoke('leads', (select id from platform.api_keys limit 1))`,
  "platform_api.audit('leads')",
];

describe.each(calls)("%s", (call) => {
  const who: [Actor, number][] = [
    ["anon", 401],
    ["stranger", 403],
    ["otherAdmin", 403],
    ["agentA", 403],
    ["fournisseurA", 403],
    ["acheteurA", 403],
    ["suspendedAcheteur", 403],
  ];
  // Nobody but the owner sees a key's row, so that its id is found before.
  const statement = async () => {
    const [key] = await sql`select id from platform.api_keys limit 1`;
    return call.replace(/\(select id .*?limit 1\)/, `'${key?.id}'`);
  };

  it.each(who)("is refused to %s", async (actor, status) => {
    await rolledBack(sql, async (to) => {
      await become(to, actor);
      const { code } = await refusal(to.savepoint(async (inner) => asked(inner, await statement())));
      expect(code === "42501" ? 401 : Number(code.replace("PT", ""))).toBe(status);
    });
  });

  it("is answered to who administers the system, and to the operators", async () => {
    for (const actor of ["admin", "service_role"] as const) {
      await rolledBack(sql, async (to) => {
        await become(to, actor);
        expect(await asked(to, await statement())).toBeDefined();
      });
    }
  });
});

describe("a setting", () => {
  it("has a next version with each change, all of them kept, and is audited", async () => {
    await rolledBack(sql, async (to) => {
      await become(to, "admin");
      const change = (value: string, version?: string) =>
        asked(to, `platform_api.setting_change('leads', 'size', '${value}', ${version ? `'"${version}"'` : "null"})`);
      expect(await change("4", "1")).toMatchObject([{ value: 4, version: 2, updatedBy: idOf("admin") }]);
      expect(await change("4", "2")).toMatchObject([{ value: 4, version: 2 }]);
      expect(await change("5")).toMatchObject([{ value: 5, version: 3 }]);
      await to`reset role`;
      await to`set constraints all immediate`;
      expect([
        ...(await to`select v.version, v.content -> 'value' as value, v.changed_by from platform.row_versions v
          join platform.settings s on s.id = v.row_id where s.section = 'size' order by 1`),
      ]).toEqual([
        { version: 1, value: 3, changed_by: null },
        { version: 2, value: 4, changed_by: idOf("admin") },
        { version: 3, value: 5, changed_by: idOf("admin") },
      ]);
      await become(to, "admin");
      const [[last]] = (await asked(to, "platform_api.audit('leads', 'platform.settings', 'size')")) as [
        [{ actor: string; before: object; after: object }],
      ];
      expect(last).toMatchObject({ actor: idOf("admin"), before: { value: 4 }, after: { value: 5 } });
    });
  });

  it.each([
    ["of another version", `'size', '4', '"7"'`, "PT412"],
    ["to what is none", "'size', '12'", "PT422"],
    ["to nothing", "'size', null", "PT422"],
    ["that there is not", "'weight', '4'", "PT404"],
    ["that is not open", "'seller', '{}'", "PT403"],
  ])("is not changed %s", async (_, given, code) => {
    await rolledBack(sql, async (to) => {
      await become(to, "admin");
      const refused = await refusal(
        to.savepoint((inner) => asked(inner, `platform_api.setting_change('leads', ${given})`)),
      );
      expect(refused).toMatchObject({ code });
    });
  });

  it("is changed by one of two who read the same version", async () => {
    const change = (value: number) =>
      sql
        .begin(async (to) => {
          await become(to, "admin");
          return asked(to, `platform_api.setting_change('leads', 'size', '${value}', '1')`);
        })
        .then(
          () => "done",
          ({ code }: { code: string }) => code,
        );
    expect((await Promise.all([change(7), change(8)])).sort()).toEqual(["PT412", "done"]);
  });
});

describe("an API key", () => {
  type Made = { id: string; key: string; prefix: string };
  const accepted = async (to: Sql, key: string, system = "leads") =>
    (await to`select platform.accept_api_key(${system}, ${key}) as holder`)[0]?.holder;

  it("is shown once, kept as its hash, and counts until it is revoked", async () => {
    await rolledBack(sql, async (to) => {
      await become(to, "admin");
      const [made] = (await asked(to, "platform_api.api_key_make('leads', ' Site ', '{orders:read}')")) as [Made];
      expect(made.key).toMatch(/^leads_[0-9a-f]{64}$/);
      const [listed] = await asked(to, "platform_api.api_keys('leads')");
      expect(listed).toMatchObject({
        id: made.id,
        name: "Site",
        prefix: made.key.slice(0, 12),
        createdBy: idOf("admin"),
      });
      await to`reset role`;
      expect([...(await to`select from platform.api_keys k where k::text like ${`%${made.key.slice(20)}%`}`)]).toEqual(
        [],
      );
      expect(await accepted(to, made.key)).toEqual({ id: made.id, name: "Site", scopes: ["orders:read"] });
      expect(
        await to`select last_used_on = current_date as today from platform.api_keys where id = ${made.id}`,
      ).toEqual([{ today: true }]);
      expect(await accepted(to, made.key, "other")).toBeNull();
      expect(await accepted(to, `${made.key.slice(0, -1)}g`)).toBeNull();
      await become(to, "admin");
      expect(await asked(to, `platform_api.api_key_revoke('leads', '${made.id}')`)).toMatchObject([
        { revokedBy: idOf("admin"), revokedAt: expect.any(String) },
      ]);
      await to`reset role`;
      expect(await accepted(to, made.key)).toBeNull();
    });
  });

  it("that is over counts no more", async () => {
    await rolledBack(sql, async (to) => {
      await to`insert into platform.api_keys (system, name, prefix, hash, scopes, created_at, expires_at)
        values ('leads', 'Ancienne', 'leads_', sha256('over'), '{orders:read}', now() - interval '2 days', now() - interval '1 day')`;
      expect(await accepted(to, "over")).toBeNull();
    });
  });

  it.each(["'', '{a}'", "'Site', '{}'", "'Site', '{A B}'", "'Site', '{null}'", "'Site', '{a}', '2001-01-01'"])(
    "is not made of %s",
    async (given) => {
      await rolledBack(sql, async (to) => {
        await become(to, "admin");
        const refused = await refusal(
          to.savepoint((inner) => asked(inner, `platform_api.api_key_make('leads', ${given})`)),
        );
        expect(refused.code).toBe("PT422");
      });
    },
  );
});

describe("what was changed", () => {
  const read = async (to: Sql, more = "") => (await asked(to, `platform_api.audit('leads'${more})`))[0];

  it("is read page by page, none twice and none left out, and of this system alone", async () => {
    await rolledBack(sql, async (to) => {
      await become(to, "admin");
      const all = (await read(to, ", entries => 1000")) as { relation: string; row: string; at: string }[];
      expect(all.length).toBeGreaterThan(20);
      expect(all.map(({ at }) => at)).toEqual(
        all
          .map(({ at }) => at)
          .sort()
          .reverse(),
      );
      const paged: unknown[] = [];
      let cursor = "null";
      do {
        await to`select set_config('response.headers', '', true)`;
        paged.push(...((await read(to, `, "cursor" => ${cursor}, entries => 7`)) as unknown[]));
        const [row] = await to`select current_setting('response.headers') as headers`;
        cursor = row?.headers ? `'${JSON.parse(row.headers)[0]["X-Next-Cursor"]}'` : "";
      } while (cursor);
      expect(paged).toEqual(all);
      await to`reset role`;
      await become(to, "otherAdmin");
      const [theirs] = (await asked(to, "platform_api.audit('other', entries => 1000)")) as { relation: string }[][];
      expect(new Set(theirs?.map(({ relation }) => relation))).toEqual(new Set(["platform.memberships"]));
    });
  });

  it("is narrowed by table, row and time", async () => {
    await rolledBack(sql, async (to) => {
      await become(to, "admin");
      expect(await read(to, ", relation => 'leads.sales', entries => 2")).toHaveLength(2);
      expect(await read(to, `, relation => 'leads.suppliers', "row" => '${idOf("supplierA")}'`)).toHaveLength(1);
      expect(await read(to, `, "to" => '2001-01-01'`)).toEqual([]);
      expect(await read(to, `, "from" => now() + interval '1 hour'`)).toEqual([]);
    });
  });

  it("shows no column that is hidden, not even where it was written before it was hidden", async () => {
    await rolledBack(sql, async (to) => {
      await to`insert into platform.audit_log (chain, position, at, role, relation, operation, row_key, after, hash)
        values (0, 1000000, now(), 'postgres', 'leads.suppliers', 'INSERT', 'x', '{"company": "Nom", "status": "active"}', '')`;
      await become(to, "admin");
      expect(await read(to, `, relation => 'leads.suppliers', "row" => 'x'`)).toMatchObject([
        { after: { status: "active" } },
      ]);
      expect(JSON.stringify(await read(to, ", entries => 1000"))).not.toMatch(/company|contact_name|sealed_iban/);
    });
  });

  it.each([`"cursor" => '1'`, `"cursor" => 'a.b.c'`, "entries => 0", "entries => 1001"])(
    "is not asked for by %s",
    async (given) => {
      await rolledBack(sql, async (to) => {
        await become(to, "admin");
        expect((await refusal(to.savepoint((inner) => read(inner, `, ${given}`)))).code).toBe("PT400");
      });
    },
  );
});
