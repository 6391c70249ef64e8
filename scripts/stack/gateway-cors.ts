import type { IncomingMessage, ServerResponse } from "node:http";

// Supabase's gateway lets any page call it: what a caller may see is decided by the token, which no page gets for free.

const methods = "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT";
const knownHeaders = [
  ...["authorization", "apikey", "x-client-info", "content-type", "accept", "accept-profile", "content-profile"],
  ...["prefer", "range", "range-unit", "if-match", "if-none-match", "idempotency-key", "x-upsert", "x-request-id"],
  "x-supabase-api-version",
].join(",");
const exposed = [
  ...["Content-Encoding", "Content-Location", "Content-Range", "Content-Type", "Date", "ETag", "Link", "Location"],
  ...[
    "Preference-Applied",
    "Range-Unit",
    "Retry-After",
    "Server",
    "Server-Timing",
    "Transfer-Encoding",
    "X-Request-Id",
  ],
  ...["X-Total-Count", "X-Supabase-Api-Version"],
  ...[
    "Upload-Offset",
    "Upload-Length",
    "Upload-Expires",
    "Tus-Version",
    "Tus-Resumable",
    "Tus-Extension",
    "Tus-Max-Size",
  ],
].join(", ");

/** What every answer to a page carries, as names and values in turn. */
export const corsHeaders: readonly string[] = [
  ...["Access-Control-Allow-Origin", "*"],
  ...["Access-Control-Expose-Headers", exposed],
];

/** Whether a browser asks beforehand what it may send. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

/** Lets the browser send what it asks for. */
export function answerPreflight(incoming: IncomingMessage, answer: ServerResponse): void {
  answer.writeHead(204, {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": methods,
    "Access-Control-Allow-Headers": incoming.headers["access-control-request-headers"] ?? knownHeaders,
    "Access-Control-Max-Age": "3600",
    Vary: "Access-Control-Request-Headers",
  });
  answer.end();
}
