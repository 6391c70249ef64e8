import * as z from "zod";
import { publishableKey, supabaseUrl, userAuthorization } from "../_shared/keys.ts";
import { send } from "../_shared/postgrest.ts";
import { forbidden, serviceUnavailable } from "../_shared/problem.ts";
import { publicOrigin } from "../_shared/public-url.ts";

const target = z.object({ bucket: z.string(), path: z.string() });
const signature = z.object({ url: z.string() });

type Upload = { bucket: string; path: string; token: string; url: string };

/**
 * Where the file of a recording may be put, once, without a token of the agent: Storage signs it with his own rights.
 * Throws a Problem: 403 where Storage refuses, 503 where it fails.
 */
export async function recordingUploadOf(found: unknown, request: Request): Promise<Upload> {
  const { bucket, path } = target.parse(found);
  const file = [bucket, ...path.split("/")].map(encodeURIComponent).join("/");
  const response = await send(`${supabaseUrl()}/storage/v1/object/upload/sign/${file}`, {
    method: "POST",
    headers: {
      apikey: publishableKey(),
      Authorization: userAuthorization(request.headers) ?? "",
      "Content-Type": "application/json",
    },
    body: "{}",
  });
  if (response.status >= 500) throw serviceUnavailable();
  if (!response.ok) throw forbidden();
  const { url } = signature.parse(await response.json());
  const token = new URLSearchParams(url.slice(url.indexOf("?"))).get("token") ?? "";
  return { bucket, path, token, url: `${publicOrigin(request.headers)}/storage/v1${url}` };
}
