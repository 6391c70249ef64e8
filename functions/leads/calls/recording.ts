import * as z from "zod";
import { publishableKey, supabaseUrl, userAuthorization } from "../../_shared/keys.ts";
import { send } from "../../_shared/postgrest.ts";
import { Problem, serviceUnavailable } from "../../_shared/problem.ts";
import { publicOrigin } from "../../_shared/public-url.ts";

const validSeconds = 300;

const storedFile = z.object({ bucket: z.string(), path: z.string() });
const signature = z.object({ signedURL: z.string() });

/**
 * A link to a recording in Storage that a player can open without a token, that a browser saves rather than shows, and
 * that expires after five minutes.
 * Storage signs it with the caller's own rights. Throws a Problem: 404 where the file has gone, 503 where Storage fails.
 */
export async function recordingLinkOf(found: unknown, request: Request): Promise<{ url: string; expiresAt: string }> {
  const { bucket, path } = storedFile.parse(found);
  const file = [bucket, ...path.split("/")].map(encodeURIComponent).join("/");
  const response = await send(`${supabaseUrl()}/storage/v1/object/sign/${file}`, {
    method: "POST",
    headers: {
      apikey: publishableKey(),
      Authorization: userAuthorization(request.headers) ?? "",
      "Content-Type": "application/json",
    },
    body: JSON.stringify({ expiresIn: validSeconds }),
  });
  const expiresAt = new Date(Date.now() + validSeconds * 1000).toISOString();
  if (response.status >= 500) throw serviceUnavailable();
  // Storage has answers of several kinds for a file that is not there, 400 among them.
  if (!response.ok) throw new Problem(404, "recording_not_found", "Le fichier de cet enregistrement est introuvable.");
  const { signedURL } = signature.parse(await response.json());
  const download = encodeURIComponent(path.split("/").at(-1) ?? "");
  return { url: `${publicOrigin(request.headers)}/storage/v1${signedURL}&download=${download}`, expiresAt };
}
