import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

// PostgREST answers a call of a function that it does not find with the one that was perhaps meant, which takes it time by
// the square of what the names of the parameters are long: 8 KB of them are 13 seconds, of a process that serves everybody.
// No role of the database and no limit of time is asked for before that, so it is here that names are counted.
const longestNames = 500;
const longestCall = 2 * 1024 * 1024;
// Embeds and conditions in one another: 2,500 of them are read in two seconds.
const mostBrackets = 500;
// The database plans each before it is asked whether it may: 600 take two seconds.
const mostColumns = 150;

type RestRefusal = { status: number; body: Record<string, unknown> };

const refusal = (status: number, code: string, message: string): RestRefusal => ({
  status,
  body: { code, message, details: null, hint: null },
});
const tooManyNames = refusal(
  400,
  "too_many_parameters",
  `The names of parameters take at most ${longestNames} characters`,
);
const tooNested = refusal(400, "query_too_large", `A request has at most ${mostBrackets} brackets`);
const tooWide = refusal(400, "query_too_large", `A request selects and orders by at most ${mostColumns} columns`);
const tooLarge = refusal(413, "body_too_large", `The arguments of a function take at most ${longestCall} bytes`);
const wrongType = refusal(415, "unsupported_media_type", "Arguments are sent as JSON, rows as JSON or CSV");

/**
 * The same request without a count that is only guessed; undefined where it asks for none. PostgREST refuses a page that
 * lies beyond its guess (416), though the rows are there.
 */
export function withoutGuessedCount<Request extends { head: string }>(request: Request): Request | undefined {
  const head = request.head.replace(/^(prefer:.*?),?\s*count=(planned|estimated)/im, "$1");
  return head === request.head ? undefined : { ...request, head };
}

const isCall = (url: string) => /^\/+rest\/v1\/+rpc(\/|%2f)/i.test(url);

/** Why PostgREST is not asked, as far as the head of a request tells. */
export function refusedByHead({ url = "", headers }: IncomingMessage): RestRefusal | undefined {
  const type = headers["content-type"] ?? "";
  // Without a type it is JSON.
  if (type !== "" && !/\bjson\b/i.test(type) && (isCall(url) || !/^text\/csv\b/i.test(type))) return wrongType;
  if (url.split(/\(|%28/i).length > mostBrackets) return tooNested;
  const [path = "", query] = url.split("?", 2);
  const asked = new URLSearchParams(query);
  const columns = [...asked.getAll("select"), ...asked.getAll("order")];
  if (columns.join().split(",").length > mostColumns) return tooWide;
  if (!isCall(url)) return;
  if (Number(headers["content-length"] ?? 0) > longestCall) return tooLarge;
  // The name of the function is compared like theirs, and `columns` names them as well.
  const names = [path, ...asked.keys(), ...asked.getAll("columns")];
  return length(names) > longestNames ? tooManyNames : undefined;
}

/** Whether a request has arguments that `readCall` must look at before it is sent on. */
export function hasArguments({ url = "", headers }: IncomingMessage): boolean {
  return isCall(url) && (headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0");
}

/** The body of a function's call, whole; or why it is refused. */
export async function readCall(incoming: IncomingMessage): Promise<Readable | RestRefusal> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming) {
    bytes += part.length;
    // The rest is read and dropped: what comes next on the connection stands behind it.
    if (bytes <= longestCall) parts.push(part);
  }
  if (bytes > longestCall) return tooLarge;
  const body = Buffer.concat(parts);
  return namesIn(body.toString()) > longestNames ? tooManyNames : Readable.from([body]);
}

// Several rows have the same names, or PostgREST refuses them by the first. What only PostgREST might read is all names.
function namesIn(json: string): number {
  try {
    const given: unknown = JSON.parse(json);
    const first: unknown = Array.isArray(given) ? given[0] : given;
    return length(Object.keys(first ?? {}));
  } catch {
    return json.length;
  }
}

function length(names: Iterable<string>): number {
  let sum = 0;
  for (const name of new Set(names)) sum += name.length;
  return sum;
}
