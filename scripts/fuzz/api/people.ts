import type postgres from "postgres";
import { userToken } from "../../bench/tokens.ts";
import type { StackInfo } from "../../stack/index.ts";
import { signJwt } from "../../stack/keys.ts";
import type { Actor } from "./target.ts";
import type { Wire } from "./wire.ts";

const password = "demo-Password-1";

/** Those who have an account: the demo's own, since theirs have leads, sales and files behind them. */
const emails: Partial<Record<Actor, string>> = {
  admin: "admin@leads-provider.fr",
  fournisseur: "sophie@agence-ads.fr",
  agent: "marc@leads-provider.fr",
  acheteur: "pierre@renovation-plus.fr",
  suspended: "fuzz-suspended@example.test",
};

/** The keys of everybody who calls. A session that a call has ended is made anew by `renew`. */
export type People = {
  keysOf: (actor: Actor) => Wire["headers"];
  idOf: (actor: Actor) => string;
  /** Puts accounts and roles right again, whatever was done to them, and signs in those whose session is over or in doubt. */
  renew: (inDoubt?: boolean) => Promise<void>;
};

export async function gather(info: StackInfo, sql: postgres.Sql): Promise<People> {
  const ids = new Map<Actor, string>();
  const tokens = new Map<Actor, string>();
  for (const [actor, email] of Object.entries(emails) as [Actor, string][])
    ids.set(actor, await account(info, sql, email));
  let looked = 0;
  const renew = async (inDoubt = false) => {
    await restoreRoles(sql, ids);
    if (!inDoubt && Date.now() - looked < 10_000) return;
    looked = Date.now();
    for (const [actor, email] of Object.entries(emails) as [Actor, string][]) {
      const current = tokens.get(actor);
      if (current && (await isAlive(info, current))) continue;
      tokens.set(actor, await signIn(info, sql, ids.get(actor) ?? "", email));
    }
  };
  await renew();
  const admin = ids.get("admin") ?? "";
  const hour = Math.floor(Date.now() / 1000) - 3600;
  const claims = { role: "authenticated", aud: "authenticated", sub: admin, exp: hour };
  tokens.set("expired", signJwt(claims, info.jwtSecret));
  tokens.set(
    "forged",
    userToken({ ...info, jwtSecret: "another secret, as long as the one that is asked for" }, admin),
  );
  return {
    renew,
    idOf: (actor) => ids.get(actor) ?? "",
    keysOf: (actor) => {
      const token = tokens.get(actor);
      const key = actor === "service" ? info.secretKey : info.publishableKey;
      return [
        ["apikey", key],
        ...(token
          ? ([["Authorization", `Bearer ${token}`]] as Wire["headers"])
          : actor === "service"
            ? ([["Authorization", `Bearer ${info.secretKey}`]] as Wire["headers"])
            : []),
      ];
    },
  };
}

/** The user of an address, made where there is none. */
async function account(info: StackInfo, sql: postgres.Sql, email: string): Promise<string> {
  const [known] = await sql<{ id: string }[]>`select id from auth.users where email = ${email}`;
  if (known) return known.id;
  const made = await askAuth(info, "POST", "admin/users", { email, password, email_confirm: true });
  return made.id;
}

async function signIn(info: StackInfo, sql: postgres.Sql, id: string, email: string): Promise<string> {
  await sql`update auth.users set email = ${email} where id = ${id} and email is distinct from ${email}`;
  const first = await askAuth(info, "POST", "token?grant_type=password", { email, password }).catch(() => undefined);
  if (first?.access_token) return first.access_token;
  // Somebody has changed the password: that is what was asked.
  await askAuth(info, "PUT", `admin/users/${id}`, { password, email_confirm: true });
  return (await askAuth(info, "POST", "token?grant_type=password", { email, password })).access_token;
}

async function isAlive({ apiUrl, publishableKey }: StackInfo, token: string): Promise<boolean> {
  const headers = { apikey: publishableKey, Authorization: `Bearer ${token}` };
  const answers = await Promise.all(
    ["auth/v1/user", "rest/v1/rpc/users_me"].map(async (path) => {
      const answer = await fetch(`${apiUrl}/${path}`, { headers });
      await answer.body?.cancel();
      return answer.status !== 401;
    }),
  );
  // A token lives for a quarter of an hour; one that is half gone would end in the middle of something.
  const { exp = 0 } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { exp?: number };
  return answers.every(Boolean) && exp * 1000 - Date.now() > 7 * 60_000;
}

async function askAuth({ apiUrl, secretKey }: StackInfo, method: string, path: string, body: object) {
  const headers = { apikey: secretKey, "Content-Type": "application/json" };
  const answer = await fetch(`${apiUrl}/auth/v1/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`auth: ${path} answered ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { id: string; access_token: string };
}

async function restoreRoles(sql: postgres.Sql, ids: ReadonlyMap<Actor, string>): Promise<void> {
  for (const [actor, id] of ids) {
    const role = actor === "suspended" ? "admin" : actor;
    const status = actor === "suspended" ? "suspended" : "active";
    await sql`delete from platform.memberships where user_id = ${id} and (system, role) is distinct from ('leads', ${role})`;
    await sql`insert into platform.memberships (user_id, system, role, status) values (${id}, 'leads', ${role}, ${status})
      on conflict (user_id, system, role) do update set status = excluded.status where memberships.status <> excluded.status`;
  }
}
