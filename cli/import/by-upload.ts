import { setTimeout } from "node:timers/promises";
import { keptValues } from "../../functions/_shared/import/fields.ts";
import { openFile } from "../../functions/_shared/import/read-file.ts";
import type { ImportReport, ImportRequest } from "../../functions/_shared/import/run.ts";
import { Refusal } from "../output.ts";
import type { Upload } from "../systems/system.ts";
import { need, type Target } from "../target.ts";
import { nothingAdded, type OnceResult } from "./once.ts";

// An import where there is no way to the database: the file is put into Storage, and the project's function reads it.

/** `sender` as the command line names him; null where the rows are nobody's. */
type Request = Omit<ImportRequest, "owner" | "begin" | "whileReading" | "dryRun"> & { sender: string | null };
type Understood = { columns: Record<string, string>; ignored: string[] };
type Followed = { report: ImportReport; staged: { rows: number | null; bytes: number | null; all: boolean | null } };
type Ask = (path: string, init?: RequestInit, whenUnknown?: string) => Promise<Response>;

/** To others the function does not say that there is anything. */
const notTheirs = "the project's functions do not know this key";
const firstLookMs = 100;
const lastLookMs = 1000;

/** Brings a file in by the project's own endpoints. Throws a Refusal where they refuse it. */
export async function importByUpload(target: Target, upload: Upload, request: Request): Promise<OnceResult> {
  const ask = endpoints(target, upload);
  const file = await openFile(request.open(), request.wish);
  await file.rows.return(undefined);
  const { id, understood } = await send(ask, upload, request);
  const report = await follow(ask, id, request);
  if (report.status === "failed") throw new Refusal(report.failure ?? `${id} has failed`);
  if (request.onRejects) {
    const rejects = await ask(`/operators/api/imports/${id}/rejects`);
    await request.onRejects(texts(rejects));
  }
  if (!understood) return { report: nothingAdded(report), reading: null, mapping: {}, ignored: [], known: true };
  const reading = { ...file.reading(), dateOrder: null };
  return { report, reading, mapping: understood.columns, ignored: understood.ignored, known: false };
}

/** Asks below the function's address, with the operators' key. */
function endpoints(target: Target, { system }: Upload): Ask {
  const key = need(target, "secretKey");
  // The older kind of key is a token as well, and is wanted in both places.
  const own = key.startsWith("sb_") ? { apikey: key } : { apikey: key, Authorization: `Bearer ${key}` };
  const apiBase = target.systems[system]?.apiBase ?? `${need(target, "apiUrl")}/functions/v1/${system}/api`;
  const base = apiBase.replace(/\/api$/, "");
  return (path, init = {}, whenUnknown) =>
    answered(`${base}${path}`, { ...init, headers: { ...own, ...init.headers } }, whenUnknown);
}

async function answered(url: string, init: RequestInit, whenUnknown?: string): Promise<Response> {
  const answer = await fetch(url, init).catch((error: Error) => {
    throw new Refusal(
      `cannot reach ${new URL(url).origin}: ${(error.cause as Error | undefined)?.message ?? error.message}`,
    );
  });
  if (answer.ok) return answer;
  if (answer.status === 404 && whenUnknown) throw new Refusal(whenUnknown);
  throw new Refusal(reasonOf(await answer.text()) ?? `${new URL(url).origin} answered ${answer.status}`);
}

function reasonOf(text: string): string | undefined {
  try {
    const { message, details = [] } = JSON.parse(text) as { message?: string; details?: { message: string }[] };
    return details.length > 0 ? details.map((detail) => detail.message).join(" ") : message;
  } catch {
    return undefined;
  }
}

/** Puts the file where it may be put, and names it; nothing is said of how a file is understood that had come in before. */
async function send(
  ask: Ask,
  { senderField }: Upload,
  { sender, fileName, open, wish, onDuplicate }: Request,
): Promise<{ id: string; understood?: Understood }> {
  const json = { "Content-Type": "application/json" };
  const whose = senderField === undefined || sender === null ? {} : { [senderField]: sender };
  const body = JSON.stringify(whose);
  const place = await ask("/operators/api/imports/upload", { method: "POST", headers: json, body }, notTheirs);
  const { path, url, contentType } = (await place.json()) as { path: string; url: string; contentType: string };
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of open()) pieces.push(new Uint8Array(piece));
  await answered(url, { method: "PUT", headers: { "Content-Type": contentType }, body: new Blob(pieces) });
  const form = new FormData();
  const { asked, encoding, sheet, set } = wish;
  const kept = keptValues(set);
  const fields = {
    ...{ ...whose, upload: path, fileName, onDuplicate, encoding, sheet },
    mapping: JSON.stringify(Object.fromEntries(asked)),
    set: kept && JSON.stringify(kept),
  };
  for (const [field, value] of Object.entries(fields)) if (value !== undefined) form.set(field, value);
  return (await (await ask("/operators/api/imports", { method: "POST", body: form })).json()) as { id: string };
}

/** Shows how far the import is until it has ended. */
async function follow(ask: Ask, id: string, { onProgress }: Request): Promise<ImportReport> {
  for (let pause = firstLookMs; ; pause = Math.min(2 * pause, lastLookMs)) {
    const { report, staged } = (await (await ask(`/operators/imports/${id}`)).json()) as Followed;
    if (report.status !== "processing") return report;
    const phase = staged.all ? "merging" : "reading";
    onProgress?.({ phase, rows: staged.rows ?? 0, bytes: staged.bytes ?? 0 });
    await setTimeout(pause);
  }
}

async function* texts(answer: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for await (const piece of answer.body as unknown as AsyncIterable<Uint8Array>)
    yield decoder.decode(piece, { stream: true });
}
