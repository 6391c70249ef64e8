import { patience } from "./form.ts";
import { bodyTooLarge, invalidBody, unsupportedMediaType } from "./problem.ts";

const longestBytes = 1024 * 1024;

/**
 * The JSON body of a request; `{}` where there is none. Throws a Problem: 415 for another kind, 413 beyond 1 MB,
 * 400 for what is no JSON.
 */
export async function readJson(request: Request): Promise<unknown> {
  const text = await readText(request);
  if (text === "") return {};
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(request.headers.get("content-type") ?? "")) {
    throw unsupportedMediaType();
  }
  try {
    return JSON.parse(text);
  } catch {
    throw invalidBody([]);
  }
}

/** The text of a request's body. Throws a Problem (413) beyond 1 MB. */
export async function readText(request: Request): Promise<string> {
  return new TextDecoder().decode(await readBytes(request, longestBytes));
}

/** The bytes of a request's body. Throws a Problem (413) beyond `longestBytes`. */
export async function readBytes(request: Request, longestBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  // Counted while it comes in: a body that is sent in chunks does not say how long it will be.
  for await (const part of (request.body ?? []) as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    length += part.byteLength;
    if (length <= longestBytes) parts.push(part);
    // What comes after is read and not kept, so that a caller who is still sending gets the answer.
    else if (length > longestBytes * patience) break;
  }
  if (length > longestBytes) throw bodyTooLarge(longestBytes);
  return joined(parts, length);
}

function joined(parts: Uint8Array<ArrayBuffer>[], length: number): Uint8Array<ArrayBuffer> {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
