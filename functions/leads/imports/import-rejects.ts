import { database } from "../../_shared/database.ts";
import { openFile } from "../../_shared/import/read-file.ts";
import { rejectFile } from "../../_shared/import/rejects.ts";
import { rejectsOf } from "../../_shared/import/run.ts";
import { askDatabase } from "../../_shared/postgrest.ts";
import { Problem } from "../../_shared/problem.ts";
import { type Call, rpc } from "../../_shared/route.ts";
import { storedFile } from "../../_shared/storage.ts";
import { streamOf } from "../../_shared/stream.ts";
import { type AskedReading, uploadBucket, wishOf } from "./import-work.ts";
import { leadKind } from "./lead-kind.ts";

type Kept = { id: string; supplier_id: string; path: string; reading: AskedReading };

/**
 * The refused rows of an import as a file that can be corrected and sent again. Throws a Problem: 404 where the caller
 * has no such import, or where its file did not come in here, 409 while it comes in, or where it failed.
 */
export async function importRejects({ request, params }: Call): Promise<Response> {
  const reference = params.id ?? "";
  const detail = (await (await askDatabase(rpc("import_detail"), { id: reference }, request.headers)).json()) as {
    status: string;
  };
  if (detail.status !== "completed" && detail.status !== "pending_review") {
    throw new Problem(409, "import_not_completed", "Cet import n'est pas terminé, ou a échoué.");
  }
  const [found] = await database()<Kept[]>`
    select f.import_id as id, i.supplier_id, f.path, i.reading from leads.import_files f join leads.imports i on i.id = f.import_id
    where i.reference = ${reference} and f.keep_until > now()`;
  if (!found) {
    throw new Problem(404, "file_not_kept", "Le fichier de cet import n'est pas conservé ici.", {
      hint: "Les motifs des refus sont dans le détail de l'import.",
    });
  }
  const wish = await wishOf(found.supplier_id, found.reading);
  const file = await openFile(storedFile(uploadBucket, found.path), wish);
  return new Response(streamOf(rejectFile(file, rejectsOf(database(), leadKind, found.id)), file.rows), {
    headers: {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": `attachment; filename="${reference}-refus.csv"`,
      "Cache-Control": "no-store",
    },
  });
}
