import { randomUUID } from "node:crypto";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { db } from "../support/stack.ts";
import { type Person, signUp } from "./people.ts";
import { unchanged } from "./unchanged.ts";

// The check that follows every refusal in the tests of a contract notices what it is there to notice.

let person: Person;

beforeAll(async () => {
  person = await signUp("leads", "acheteur");
});

const notices = async (work: () => Promise<unknown>) => {
  await expect(unchanged(work)).rejects.toThrow("a refused call left the database as it was");
};

test("nothing changes where nothing is done", async () => {
  await unchanged(() => db()`select * from platform.memberships`);
});

test("a row that is added, changed and removed", async () => {
  const reference = randomUUID();
  onTestFinished(async () => void (await db()`delete from platform.notifications where reference = ${reference}`));
  await notices(
    () => db()`insert into platform.notifications (reference, user_id, system, type, title, message)
      values (${reference}, ${person.id}, 'leads', 'info', 'Titre', 'Texte')`,
  );
  await notices(() => db()`update platform.notifications set read = read where reference = ${reference}`);
  await notices(() => db()`delete from platform.notifications where reference = ${reference}`);
});

test("a row that takes the place of another", async () => {
  await notices(() =>
    db().begin(async (sql) => {
      await sql`delete from platform.memberships where user_id = ${person.id}`;
      await sql`insert into platform.memberships (user_id, system, role) values (${person.id}, 'leads', 'fournisseur')`;
    }),
  );
});

test("a right that somebody gave himself", async () => {
  await notices(() => db()`update auth.users set raw_app_meta_data = '{"role": "admin"}' where id = ${person.id}`);
});

test("what was done returns", async () => {
  expect(await unchanged(async () => 42)).toBe(42);
});
