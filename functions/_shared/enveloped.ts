import type { Answered, Envelope } from "./system.ts";

/** A JSON answer in its system's envelope, streamed; an answer without a body is `null` in it. What is no JSON stays as it is. */
export function enveloped(envelope: Envelope | undefined, found: Response, answer: Answered): Response {
  const type = found.headers.get("Content-Type");
  if (!envelope || (found.body && !type?.includes("json"))) return found;
  const { head, tail } = envelope.wrap(answer);
  const headers = new Headers(found.headers);
  headers.set("Content-Type", "application/json; charset=utf-8");
  headers.delete("Content-Length");
  const body = found.body ? found.body.pipeThrough(between(head, tail)) : `${head}null${tail}`;
  return new Response(body, { status: found.status === 204 ? 200 : found.status, headers });
}

function between(head: string, tail: string): TransformStream<Uint8Array, Uint8Array> {
  const bytes = (text: string) => new TextEncoder().encode(text);
  return new TransformStream({
    start: (controller) => controller.enqueue(bytes(head)),
    flush: (controller) => controller.enqueue(bytes(tail)),
  });
}
