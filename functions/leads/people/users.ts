import { callAsService } from "../../_shared/auth-service.ts";
import { askDatabase } from "../../_shared/postgrest.ts";
import { type Call, write } from "../../_shared/route.ts";
import { removeFile } from "../../_shared/storage.ts";

type Erased = Record<string, unknown> & { recordings: string[]; avatars: string[] };

/**
 * POST /api/admin/users/:id/erase. The rows go first, in one transaction; where the files then fail (503), the same call again
 * removes them. Throws a Problem: 401, 403, 404, 409 while something is owed, or for the last admin.
 */
export async function eraseUser({ request, params, body }: Call): Promise<Response> {
  const answer = await askDatabase(write("admin_user_erase"), { ...body, id: params.id }, request.headers);
  const { recordings, avatars, ...counts } = (await answer.json()) as Erased;
  for (const path of avatars) await removeFile("avatars", path);
  for (const path of recordings) await removeFile("recordings", path);
  if (recordings.length > 0) await callAsService("gdpr_forget_recordings", { paths: recordings });
  return Response.json(counts, { headers: { "Cache-Control": "no-store" } });
}
