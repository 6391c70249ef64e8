import * as z from "zod";
import { publishableKey, userAuthorization } from "../../_shared/keys.ts";
import { type SignedUpload, signUpload } from "../../_shared/storage.ts";

const target = z.object({ bucket: z.string(), path: z.string() });

/** Where the file of a recording may be put, once, without a token of the agent: Storage signs it with his own rights. */
export async function recordingUploadOf(found: unknown, request: Request): Promise<SignedUpload> {
  const rights = { apikey: publishableKey(), Authorization: userAuthorization(request.headers) ?? "" };
  return signUpload(target.parse(found), rights, request);
}
