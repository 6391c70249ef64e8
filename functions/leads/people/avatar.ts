import { readBytes } from "../../_shared/body.ts";
import { userAuthorization } from "../../_shared/keys.ts";
import { askDatabase } from "../../_shared/postgrest.ts";
import { Problem } from "../../_shared/problem.ts";
import { type Call, rpc, write } from "../../_shared/route.ts";
import { removeFile, storeFile } from "../../_shared/storage.ts";
import { claimsOf } from "../../_shared/token-claims.ts";

const bucket = "avatars";
const longestBytes = 2 * 1024 * 1024;

/** What the files of each kind have at a place of theirs; what a request says of its kind is not believed. */
const kinds: [type: string, at: number, mark: string][] = [
  ["image/png", 0, "\x89PNG\r\n"],
  ["image/jpeg", 0, "\xff\xd8\xff"],
  ["image/gif", 0, "GIF8"],
  ["image/webp", 8, "WEBP"],
];

/**
 * POST /api/users/uploadAvatar: an image becomes the picture of who sends it. Throws a Problem: 401, 413 beyond 2 MB, 415
 * for what is no picture.
 */
export async function uploadAvatar({ request }: Call): Promise<Response> {
  const before = await askDatabase(rpc("users_me"), {}, request.headers);
  const { avatar: old } = (await before.json()) as { avatar: string | null };
  const folder = `${claimsOf(userAuthorization(request.headers) ?? "").sub}/`;
  const bytes = await readBytes(request, longestBytes);
  const [documentId, sharingKey] = [crypto.randomUUID(), crypto.randomUUID()];
  const path = `${folder}${documentId}/${sharingKey}`;
  await storeFile(bucket, path, new Blob([bytes]), kindOf(bytes));
  const avatar = `/storage/v1/object/public/${bucket}/${path}`;
  const changed = await askDatabase(write("users_me_change"), { profile: { avatar } }, request.headers);
  await changed.body?.cancel();
  const replaced = old?.split(`/${bucket}/`)[1];
  // What the profile says is its owner's to write: no file of anybody else's goes by it.
  if (replaced?.startsWith(folder)) await removeFile(bucket, replaced).catch(() => undefined);
  return Response.json({ documentId, sharingKey });
}

function kindOf(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  const found = kinds.find(([, at, mark]) => head.startsWith(mark, at));
  if (found) return found[0];
  throw new Problem(415, "unsupported_media_type", "Une image est attendue : PNG, JPEG, WebP ou GIF.");
}
