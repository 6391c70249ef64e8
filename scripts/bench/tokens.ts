import { onServer } from "../db/build-database.ts";
import type { StackInfo } from "../stack/index.ts";
import { signJwt } from "../stack/keys.ts";

const admin = "admin@leads-provider.fr";

/** A token of a user of the stack, for an hour, as Auth would give it to him. */
export function userToken({ jwtSecret }: StackInfo, id: string): string {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return signJwt({ role: "authenticated", aud: "authenticated", sub: id, exp }, jwtSecret);
}

/** A token of the demo admin. */
export async function adminToken(info: StackInfo): Promise<string> {
  const [row] = await onServer(
    info.dbUrl,
    (sql) => sql<{ id: string }[]>`select id from platform.profiles where email = ${admin}`,
  );
  if (!row) throw new Error(`There is no ${admin}: the demo data is missing`);
  return userToken(info, row.id);
}
