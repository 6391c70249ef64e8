import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rolledBack } from "../../functions/_shared/rolled-back.ts";
import { runImport } from "../import/reading.ts";
import { hostedDatabase } from "../support/hosted.ts";
import { expectLedgerHolds } from "../support/ledger.ts";
import { addUsers, emailOf, idOf, openMarket } from "../support/market.ts";
import { become, refusal, type Sql, testDatabase } from "../support/sql.ts";

// What hosted Supabase's `postgres` may not do no migration does, and no function that runs with its owner's rights.

const urls = await hostedDatabase();
const connected = (url: string) => postgres(url, { max: 2, onnotice: () => undefined });
const [admin, owner, api] = [connected(urls.admin), connected(urls.postgres), connected(urls.authenticator)];

beforeAll(() => openMarket(owner));
afterAll(() => Promise.all([admin, owner, api].map((sql) => sql.end())));

/** As the service that keeps accounts, which is no member of anything of ours. */
const asAuth = <Result>(work: (sql: Sql) => Promise<Result>) =>
  admin.begin(async (sql) => {
    await sql`set local role supabase_auth_admin`;
    return work(sql);
  }) as Promise<Result>;

/** As PostgREST runs a request: the role, the claims, and what it asks before. */
const request = <Result>(who: "anon" | "acheteurA", session: string | null, work: (sql: Sql) => Promise<Result>) =>
  rolledBack(api, async (sql) => {
    await become(sql, who);
    if (session) {
      const claims = { role: "authenticated", sub: idOf(who), session_id: session };
      await sql`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
    }
    await sql`select platform.check_request()`;
    return work(sql);
  });

describe("the migrations, pushed by a `postgres` who is no superuser", () => {
  it("make what they make its own, and nothing in the services' schemas but triggers and policies", async () => {
    const [role] = await admin`select rolsuper, rolbypassrls from pg_roles where rolname = 'postgres'`;
    expect(role).toEqual({ rolsuper: false, rolbypassrls: true });
    const foreign = await admin`
      select distinct n.nspname, pg_get_userbyid(c.relowner) as owner from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'leads', 'platform', 'auth', 'storage') and c.relkind in ('r', 'v') order by 1, 2`;
    expect([...foreign]).toEqual(
      [
        { nspname: "auth", owner: "supabase_auth_admin" },
        { nspname: "auth", owner: "supabase_admin" },
        ...["leads", "platform", "public"].map((nspname) => ({ nspname, owner: "postgres" })),
        { nspname: "storage", owner: "supabase_storage_admin" },
      ].sort((a, b) => (a.nspname + a.owner < b.nspname + b.owner ? -1 : 1)),
    );
  });

  it("give the API's roles what they give them here, table by table and function by function", async () => {
    const here = await testDatabase();
    const rights = (sql: postgres.Sql) => sql`
      select * from (
        select c.oid::regclass::text as object, a.grantee::regrole::text as grantee, a.privilege_type
        from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a where c.relnamespace = any ('{public,leads,platform,platform_api}'::regnamespace[]) and c.relkind in ('r', 'v')
        union all
        select p.oid::regprocedure::text, a.grantee::regrole::text, a.privilege_type
        from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where p.pronamespace = any ('{public,leads,platform,platform_api}'::regnamespace[])
      ) r where grantee in ('-', 'anon', 'authenticated', 'service_role') order by 1, 2, 3`;
    const [there, expected] = await Promise.all([rights(admin), rights(here.sql)]);
    expect(expected.length).toBeGreaterThan(500);
    expect([...there]).toEqual([...expected]);
  });

  it("set what PostgREST asks before a request, and the short limit of who is not signed in", async () => {
    const settings = await admin`
      select r.rolname, unnest(s.setconfig) as setting from pg_db_role_setting s join pg_roles r on r.oid = s.setrole
      where r.rolname in ('anon', 'authenticator') order by 1, 2`;
    expect(settings.map(({ rolname, setting }) => `${rolname} ${setting}`)).toEqual([
      "anon statement_timeout=2s",
      "authenticator pgrst.db_pre_request=platform.check_request",
      "authenticator statement_timeout=8s",
    ]);
  });

  it("let nobody listen where policies of Realtime may not be made, and everybody to his own where they may", async () => {
    expect(await owner`select platform.authorize_realtime()`).toEqual([{ authorize_realtime: false }]);
    await admin`grant supabase_realtime_admin to postgres with inherit true`;
    expect(await owner`select platform.authorize_realtime()`).toEqual([{ authorize_realtime: true }]);
    await admin`revoke supabase_realtime_admin from postgres`;
    await owner`select platform.notify(${idOf("acheteurA")}, 'leads', 'info', 'Titre', 'Texte')`;
    const [sent] = await admin`select topic, event, private from realtime.messages`;
    expect(sent).toEqual({ topic: `user:${idOf("acheteurA")}`, event: "notification", private: true });
  });
});

describe("what runs with its owner's rights finds what it needs", () => {
  it("when Auth makes an account, proves its address, signs it in and removes it", async () => {
    const user = idOf("newcomer");
    await asAuth((sql) => addUsers(sql, "newcomer"));
    await owner`select platform.register(${user}, 'leads', 'acheteur', '{"firstName": "Nina", "lastName": "Neuve"}')`;
    expect(await owner`select * from platform.memberships where user_id = ${user}`).toHaveLength(0);
    await asAuth(async (sql) => {
      await sql`update auth.users set email_confirmed_at = now() where id = ${user}`;
      await sql`insert into auth.sessions (id, user_id, created_at, updated_at, ip, user_agent)
        values (${randomUUID()}, ${user}, now(), now(), '203.0.113.9', 'browser')`;
    });
    const [found] = await owner`
      select p.first_name, m.role, (select count(*)::int from leads.party_signs s where s.person = p.id and s.kind = 'device') as devices
      from platform.profiles p join platform.memberships m on m.user_id = p.id where p.id = ${user}`;
    expect(found).toEqual({ first_name: "Nina", role: "acheteur", devices: 1 });
    await asAuth(async (sql) => sql`delete from auth.users where id = ${user}`);
    expect(await owner`select * from platform.profiles where id = ${user}`).toHaveLength(0);
  });

  it("when PostgREST asks whether a session is over", async () => {
    const session = randomUUID();
    await asAuth(
      (sql) =>
        sql`insert into auth.sessions (id, user_id, created_at, updated_at) values (${session}, ${idOf("acheteurA")}, now(), now())`,
    );
    const me = () => request("acheteurA", session, (sql) => sql`select public.users_me() ->> 'email' as email`);
    expect(await me()).toMatchObject([{ email: "acheteura@example.test" }]);
    await asAuth((sql) => sql`delete from auth.sessions where id = ${session}`);
    expect(await refusal(me())).toMatchObject({ code: "PT401", slug: "invalid_token" });
  });

  it("when strangers look and a buyer buys", async () => {
    const shown = await request("anon", null, (sql) => sql`select id, "lastName" from public.leads order by id`);
    expect(shown.map(({ id }) => id)).toEqual(["on-sale-a", "on-sale-b", "shared-b"]);
    expect(shown[0]?.lastName).toBe("S.");
    const [bought] = await request(
      "acheteurA",
      null,
      (sql) => sql`select public.lead_purchase('on-sale-b') -> 'lead' ->> 'lastName' as name`,
    );
    expect(bought).toEqual({ name: "Secret on-sale-b" });
    await expectLedgerHolds(owner);
  });

  it("when an agent puts a recording into Storage, and nobody else", async () => {
    const put = (who: "agentA" | "acheteurA") =>
      rolledBack(api, async (sql) => {
        await become(sql, who);
        return sql`insert into storage.objects (bucket_id, name) values ('recordings', ${`${idOf(who)}/x/call.mp3`})`;
      });
    expect((await put("agentA")).count).toBe(1);
    expect(await refusal(put("acheteurA"))).toMatchObject({ code: "42501" });
  });

  it("when a person is erased, in what Auth keeps as well; where it may not write there it says so", async () => {
    const [user, email] = [idOf("agentB"), emailOf("agentB")];
    await admin`create table if not exists auth.audit_log_entries (id uuid primary key, payload json)`;
    await admin`grant all on auth.audit_log_entries to postgres`;
    await admin`insert into auth.audit_log_entries (id, payload) values (gen_random_uuid(), ${admin.json({ actor_id: user })})`;
    await admin`create table auth.of_another (user_id uuid)`;
    await asAuth(
      (sql) =>
        sql`insert into auth.sessions (id, user_id, created_at, updated_at) values (gen_random_uuid(), ${user}, now(), now())`,
    );
    const [row] = await owner`select leads.gdpr_erase(${email}) as erasure`;
    expect(row?.erasure).toMatchObject({ accounts: 1, leftInAuth: ["auth.of_another"] });
    const left = await admin`select email, (select count(*)::int from auth.sessions where user_id = u.id) as sessions,
      (select count(*)::int from auth.audit_log_entries) as logged from auth.users u where id = ${user}`;
    expect(left[0]).toEqual({ email: `efface-${user}@efface.invalid`, sessions: 0, logged: 0 });
    const late = asAuth((sql) => sql`insert into auth.sessions (id, user_id) values (gen_random_uuid(), ${user})`);
    expect(await refusal(late)).toMatchObject({ slug: "account_erased" });
  });

  it("when a function or leads-cli brings a file in", async () => {
    const file =
      "Nom;Secteur;Région;E-mail\nMartin;Isolation;Bretagne;martin@exemple.test\n;Isolation;Bretagne;x@exemple.test\n";
    const { report } = await runImport(owner, {
      supplierId: idOf("supplierA"),
      fileName: "leads.csv",
      open: async function* () {
        yield new TextEncoder().encode(file);
      },
      wish: { asked: new Map(), saved: new Map() },
      onDuplicate: "skip",
      whileReading: true,
      dryRun: false,
    });
    expect(report).toMatchObject({ status: "completed", read: 2, inserted: 1, invalid: 1 });
    expect(await owner`select * from leads.verify_rollups()`).toHaveLength(0);
    expect(await owner`select leads.recount() > 0 as counted`).toEqual([{ counted: true }]);
  });
});
