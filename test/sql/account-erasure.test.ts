import { describe, expect, it } from "vitest";
import { emailOf, idOf, openMarket } from "../support/market.ts";
import { rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// Which texts name an account that is erased, and go with it: those of its whole address, and nobody else's.

const { sql } = await testDatabase();
await openMarket(sql);

const address = "a+b@exemple.fr";
const said: [text: string, named: boolean][] = [
  ["a+b@exemple.fr", true],
  ["Le compte A+B@Exemple.FR. Il attend.", true],
  ["<a+b@exemple.fr>, l'adresse d'a+b@exemple.fr", true],
  ["ana@exemple.fr, puis a+b@exemple.fr", true],
  ["https://x.test/?email=a+b@exemple.fr&y=1", true],
  [JSON.stringify({ said: "Bonjour,\na+b@exemple.fr\tmerci" }), true],
  ["ana+b@exemple.fr", false],
  ["x.a+b@exemple.fr", false],
  ["a+b@exemple.fr.com", false],
  ["a+b@exemple.france", false],
  ["a+b@exemple-fr", false],
  ["aab@exemple.fr", false],
  ["", false],
];

const notify = (at: Sql, texts: string[]) => at`
  insert into platform.notifications (user_id, system, type, title, message)
  select ${idOf("admin")}, 'leads', 'info', 'Dit', text from unnest(${texts}::text[]) text`;
const left = async (at: Sql) =>
  (await at`select message from platform.notifications where title = 'Dit' order by id`).map(({ message }) => message);

describe("an account that is erased", () => {
  it("takes with it what names its whole address, and leaves what names another's", async () => {
    await rolledBack(sql, async (at) => {
      await at`update platform.profiles set email = ${address} where id = ${idOf("acheteurA")}`;
      await notify(
        at,
        said.map(([text]) => text),
      );
      await at`select platform.erase_account(${idOf("acheteurA")})`;
      expect(await left(at)).toEqual(said.filter(([, named]) => !named).map(([text]) => text));
    });
  });

  it("and has no address takes nobody's messages, nor what Auth has noted of others without one", async () => {
    await rolledBack(sql, async (at) => {
      await at`update platform.profiles set email = '' where id = ${idOf("acheteurA")}`;
      await notify(at, ["Bonjour", emailOf("agentA")]);
      await at`create table if not exists auth.audit_log_entries (id uuid primary key, payload json)`;
      await at`insert into auth.audit_log_entries (id, payload)
        values (gen_random_uuid(), '{"actor_username": ""}'), (gen_random_uuid(), '{"actor_username": "a@b.fr"}')`;
      const [before] = await at`select count(*)::integer as n from auth.audit_log_entries`;
      await at`select platform.erase_account(${idOf("acheteurA")})`;
      expect(await left(at)).toEqual(["Bonjour", emailOf("agentA")]);
      expect(await at`select count(*)::integer as n from auth.audit_log_entries`).toEqual([before]);
    });
  });
});

describe("a row of an import", () => {
  it.each(said)("%s names a person by e-mail: %s", async (text, named) => {
    const [row] = await sql`
      select leads.names_person(${text}, ${address}, null) as named, leads.names_person(${text}, '', '') as nobody`;
    expect(row).toEqual({ named, nobody: false });
  });
});
