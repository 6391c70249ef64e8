import * as z from "zod";
import { callAsService } from "../auth-service.ts";
import { isPlain } from "../keys.ts";
import { Problem } from "../problem.ts";
import type { Route } from "../route.ts";
import { type Mount, ofSystem, platformObject } from "./mount.ts";

const time = z.iso.datetime({ offset: true });
const scopes = z.array(z.string()).describe("Ce que la clé permet.");
const apiKey = z.strictObject({
  id: z.uuid(),
  name: z.string(),
  prefix: z.string().describe("Le début de la clé, pour la reconnaître."),
  scopes,
  createdBy: z.uuid().nullable(),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedOn: z.iso.date().nullable(),
  revokedBy: z.uuid().nullable(),
  revokedAt: time.nullable(),
});
const made = apiKey.extend({ key: z.string().describe("La clé, qui n'est montrée qu'ici.") });
const wanted = z.strictObject({ name: z.string(), scopes, expiresAt: time.nullable().optional() });

/** The API keys of a system: listed, made and revoked. */
export function apiKeyRoutes(mount: Mount): Route[] {
  const { path, section, roles } = mount;
  const common = { section, roles, arguments: ofSystem(mount) };
  return [
    {
      ...common,
      method: "GET",
      path,
      summary: "Les clés d'API",
      object: platformObject("rpc", "api_keys"),
      response: z.array(apiKey),
    },
    {
      ...common,
      method: "POST",
      path,
      summary: "Créer une clé d'API",
      object: platformObject("write", "api_key_make"),
      body: wanted,
      status: 201,
      refusals: [422],
      response: made,
    },
    {
      ...common,
      method: "DELETE",
      path: `${path}/:id`,
      summary: "Révoquer une clé d'API",
      object: platformObject("write", "api_key_revoke"),
      input: z.object({ id: z.uuid() }),
      refusals: [404],
      response: apiKey,
    },
  ];
}

/** Who calls with a key, and what may be done with it. */
export type KeyHolder = { id: string; name: string; scopes: string[] };

/**
 * Whose key a call was sent with (`X-API-Key`), if it may do what `scope` names. Throws a Problem: 401 without a key of the
 * system that counts, 403 where it may not do that. It says nothing of rows: a handler that asks the database afterwards
 * does so by a published function of its own.
 */
export async function apiKeyHolder(headers: Headers, system: string, scope: string): Promise<KeyHolder> {
  const key = headers.get("x-api-key");
  if (!key || key.length > 200 || !isPlain(key)) throw keyRefused();
  const holder = (await callAsService("api_key_accept", { system, key }, "platform_api")) as KeyHolder | null;
  if (!holder) throw keyRefused();
  if (!holder.scopes.includes(scope))
    throw new Problem(403, "scope_missing", `Cette clé n'a pas le droit « ${scope} ».`);
  return holder;
}

function keyRefused(): Problem {
  return new Problem(401, "api_key_refused", "Une clé d'API valable est attendue dans l'en-tête X-API-Key.");
}
