import { z } from "zod";

const unitBytes: Record<string, number> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30 };

/**
 * A bucket's properties as @supabase/lite takes them: supabase-js may send the size limit as text such as "20MB", and
 * nulls for what is not limited.
 */
export async function numericLimit(request: Request): Promise<Request> {
  const text = await request.text();
  const body = z.record(z.string(), z.unknown()).safeParse(parseJson(text)).data ?? {};
  const [, amount, unit = "B"] = /^([\d.]+)\s*([KMG]?i?B)?$/i.exec(String(body.file_size_limit)) ?? [];
  const bytes = Number(amount) * (unitBytes[unit.toUpperCase()] ?? 1);
  // What is no number of bytes goes on as a text, and is refused as one.
  const limit = { file_size_limit: Number.isSafeInteger(bytes) ? bytes : String(body.file_size_limit) };
  const given = { ...body, ...(body.file_size_limit === undefined || body.file_size_limit === null ? {} : limit) };
  const known = Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== null && (name !== "id" || typeof value === "string")),
  );
  const headers = new Headers(request.headers);
  headers.delete("Content-Length");
  return new Request(request.url, { method: request.method, headers, body: JSON.stringify(known) });
}

/** The same request at another address of the service. */
export function withPath(request: Request, from: string | RegExp, to: string): Request {
  const url = new URL(request.url);
  url.pathname = url.pathname.replace(from, to);
  return new Request(url, request);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * An upload as @supabase/lite takes it. Browsers send a file as a form; it looks in there for a field that supabase-js
 * calls otherwise, and behind a signed URL it would keep the form itself. So the file goes on alone.
 */
export async function unpackForm(request: Request): Promise<Request> {
  if (!request.headers.get("Content-Type")?.startsWith("multipart/form-data")) return request;
  const form = await request.formData();
  const file = [...form.values()].find((value) => value instanceof File);
  if (!file) return new Request(request, { body: "" });
  const headers = new Headers(request.headers);
  headers.set("Content-Type", file.type || "application/octet-stream");
  headers.set("Content-Length", String(file.size));
  const seconds = form.get("cacheControl");
  if (typeof seconds === "string") headers.set("Cache-Control", `max-age=${seconds}`);
  const metadata = form.get("metadata");
  if (typeof metadata === "string") headers.set("X-Metadata", Buffer.from(metadata).toString("base64"));
  return new Request(request.url, { method: request.method, headers, body: await file.arrayBuffer() });
}
