import { isUtf8 } from "node:buffer";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import type { Functions } from "./functions.ts";
import { type AccessRules, authorize, type FunctionAccess } from "./gateway-access.ts";
import { answerPreflight, corsHeaders, isPreflight } from "./gateway-cors.ts";
import { hasArguments, readCall, refusedByHead, withoutGuessedCount } from "./gateway-rest.ts";
import type { Supervisor } from "./supervisor.ts";
import { type Exchange, exchange, type Outgoing } from "./upstream.ts";

/** Where the gateway sends what it is asked. A function's port is asked for each time, as it may be down. */
export type GatewayOptions = {
  port: number;
  restPort: number;
  litePort: number;
  /** An Auth that is a process of its own; without one it is where Storage is. */
  authPort?: number | undefined;
  functions: Pick<Functions, "slugs" | "port">;
  access: AccessRules;
  /** Whether a call of a function lacks the token that it wants. */
  isRefused: FunctionAccess;
  /** Answers what is asked of no service: a front end. */
  web?: RequestListener | undefined;
};

/** One request's way to a service. */
type Route = {
  port: number;
  /** Path and query as the service wants them. */
  path: string;
  /** The body must be whole before it may go out. */
  reads?: boolean;
  /** Functions answer CORS themselves, as on a hosted project. */
  ownCors: boolean;
  authorization?: string | undefined;
  unavailable: () => Refusal;
};

type Refusal = { status: number; body: Record<string, unknown>; headers?: Record<string, string> };

// As nginx has it in front of hosted projects. Whoever lists more than fits calls a function, which takes a body.
const longestUrl = 8192;

// A page so deep walks over all that it skips; whoever reads a whole list passes its cursor. PostgREST cannot refuse it.
const deepestOffset = 10_000;

const tooDeep: Refusal = {
  status: 400,
  body: {
    ...{ code: "offset_too_large", message: `Anonymous requests skip at most ${deepestOffset} rows` },
    ...{ details: null, hint: null },
  },
};

function skipsTooMuch(url: string, range: string | undefined): boolean {
  const asked = [...new URLSearchParams(url.slice(url.indexOf("?") + 1)).getAll("offset"), range?.split("-")[0] ?? "0"];
  return asked.some((offset) => Number(offset) > deepestOffset);
}

/** Starts the gateway: Supabase's own paths on one port. */
export async function startGateway(
  { closeAtEnd }: Pick<Supervisor, "closeAtEnd">,
  options: GatewayOptions,
): Promise<void> {
  const server = createServer((incoming, answer) => {
    const route = findRoute(incoming, answer, options);
    if (route?.reads) void forwardCall(incoming, answer, route);
    else if (route) forward(incoming, answer, route);
  });
  server.keepAliveTimeout = 65_000;
  // Uploads and reports take their time; both ends are on this machine.
  server.requestTimeout = 0;
  await listen(server, options.port);
  closeAtEnd(() => {
    server.close();
    server.closeAllConnections();
  });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}

/** The service that a request goes to; undefined when it has been answered here. */
function findRoute(incoming: IncomingMessage, answer: ServerResponse, options: GatewayOptions): Route | undefined {
  const url = incoming.url ?? "/";
  if (url.length > longestUrl) return void reply(answer, { status: 414, body: { message: "Request-URI Too Large" } });
  const [, area, version, name] = url.split(/[/?]/, 4);
  if (area === "health") return void reply(answer, { status: 200, body: { status: "ok" } });
  if (area === "functions" && version === "v1") return functionRoute(incoming, name ?? "", answer, options);
  if (options.web && !isServicePath(area)) return void options.web(incoming, answer);
  const isKnown = version === "v1" && (area === "rest" || area === "auth" || area === "storage");
  if (!isKnown) return void reply(answer, { status: 404, body: { message: "no Route matched with those values" } });
  if (isPreflight(incoming)) return void answerPreflight(incoming, answer);
  const access = authorize(incoming, options.access);
  if ("refusal" in access) return void reply(answer, { status: 401, body: access.refusal });
  const unavailable = () => ({
    status: 502,
    body: { message: "An invalid response was received from the upstream server" },
  });
  const { authorization } = access;
  if (area === "rest" && access.isAnon && skipsTooMuch(url, incoming.headers.range)) return void reply(answer, tooDeep);
  const refused = area === "rest" ? refusedByHead(incoming) : undefined;
  if (refused) return void reply(answer, refused);
  if (area === "auth" && options.authPort !== undefined) {
    const path = url.slice("/auth/v1".length);
    return {
      port: options.authPort,
      path: path.startsWith("/") ? path : `/${path}`,
      ownCors: false,
      authorization,
      unavailable,
    };
  }
  return area === "rest"
    ? {
        port: options.restPort,
        reads: hasArguments(incoming),
        path: withoutKey(url.slice("/rest/v1".length)),
        ownCors: false,
        authorization,
        unavailable,
      }
    : { port: options.litePort, path: url, ownCors: false, authorization, unavailable };
}

function isServicePath(area = ""): boolean {
  return ["rest", "auth", "storage", "functions", "realtime", "graphql"].includes(area);
}

function functionRoute(
  incoming: IncomingMessage,
  slug: string,
  answer: ServerResponse,
  options: GatewayOptions,
): Route | undefined {
  const missing = { status: 404, body: { code: "NOT_FOUND", message: "Requested function was not found" } };
  if (!options.functions.slugs.includes(slug)) return void reply(answer, missing);
  const refusal = options.isRefused(slug, incoming);
  // The client tells by this header that it was not the function that refused.
  if (refusal) return void reply(answer, { status: 401, body: refusal, headers: { "x-relay-error": "true" } });
  const unavailable = () => ({
    status: 503,
    body: { code: "SERVICE_UNAVAILABLE", message: `Function ${slug} is starting again; its log says why it ended` },
  });
  const port = options.functions.port(slug);
  if (port === undefined) return void reply(answer, unavailable());
  return { port, path: (incoming.url ?? "").slice("/functions/v1".length), ownCors: true, unavailable };
}

// PostgREST would take the key for a filter.
function withoutKey(path: string): string {
  const full = path === "" || path.startsWith("?") ? `/${path}` : path;
  if (!full.includes("apikey=")) return full;
  const [pathname, query = ""] = full.split("?", 2);
  const kept = query.split("&").filter((part) => !part.startsWith("apikey="));
  return kept.length > 0 ? `${pathname}?${kept.join("&")}` : (pathname as string);
}

async function forwardCall(incoming: IncomingMessage, answer: ServerResponse, route: Route): Promise<void> {
  // Whoever hangs up while he sends gets no answer.
  const body = await readCall(incoming).catch(() => undefined);
  if (body === undefined) answer.destroy();
  else if ("status" in body) reply(answer, body);
  else forward(incoming, answer, route, body);
}

/** Sends a request on, and its answer back, as they come. */
function forward(incoming: IncomingMessage, answer: ServerResponse, route: Route, read: Readable = incoming): void {
  let outgoing = outgoingRequest(incoming, route, read);
  const maySendAgain = (incoming.method === "GET" || incoming.method === "HEAD") && !outgoing.body;
  let attemptsLeft = 3;
  let underWay: Exchange;
  const attempt = () => {
    attemptsLeft--;
    let unwanted = false;
    underWay = exchange(route.port, outgoing, {
      head: ({ status, headers, chunked }) => {
        const uncounted = status === 416 && maySendAgain ? withoutGuessedCount(outgoing) : undefined;
        if (uncounted) {
          outgoing = uncounted;
          unwanted = true;
          return;
        }
        // Without the reason phrase: PostgREST puts a raised error's text there, which not every client can read.
        answer.writeHead(status, responseHeaders(headers, chunked, route));
        // The parts that follow are chunks already.
        if (chunked) answer.chunkedEncoding = false;
      },
      body: (part, written) => {
        if (!unwanted) return answer.write(part, written);
        written();
        return true;
      },
      end: () => (unwanted ? attempt() : answer.end()),
      failed: (unheard) => {
        if (unwanted) attempt();
        else if (answer.headersSent) answer.destroy();
        else if (unheard && maySendAgain && attemptsLeft > 0) attempt();
        else reply(answer, route.unavailable());
      },
    });
  };
  attempt();
  answer.on("drain", () => underWay.resume());
  // A caller who hangs up must not leave the query running.
  answer.on("close", () => underWay.abort());
}

function outgoingRequest(incoming: IncomingMessage, { path, authorization }: Route, bytes: Readable): Outgoing {
  const { method = "GET" } = incoming;
  const chunked = incoming.headers["transfer-encoding"] !== undefined;
  const hasBody = chunked || (incoming.headers["content-length"] ?? "0") !== "0";
  const headers = requestHeaders(incoming, authorization);
  // In the caller's version of HTTP, so that the answer is framed as the caller can read it.
  let head = `${method} ${path} HTTP/${incoming.httpVersion}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  if (chunked) head += "transfer-encoding: chunked\r\n";
  return { method, head: `${head}\r\n`, body: hasBody ? { bytes, chunked } : undefined };
}

const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
]);

function requestHeaders(
  incoming: IncomingMessage,
  authorization: string | undefined,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const name in incoming.headers) {
    const value = incoming.headers[name];
    if (value !== undefined && !hopByHop.has(name)) headers[name] = inUtf8(value);
  }
  if (authorization !== undefined) headers.authorization = authorization;
  // This is the first hop that can be believed; whatever the caller says of earlier ones is its own invention.
  headers["x-forwarded-for"] = incoming.socket.remoteAddress ?? "127.0.0.1";
  headers["x-forwarded-proto"] = "http";
  headers["x-forwarded-host"] = incoming.headers.host ?? "";
  headers["x-forwarded-port"] = String(incoming.socket.localPort ?? "");
  delete headers.forwarded;
  delete headers["x-real-ip"];
  return headers;
}

// A header's bytes mean Latin-1 to HTTP and UTF-8 to PostgREST, which falls over any that are not.
function inUtf8(value: string | string[]): string | string[] {
  if (Array.isArray(value)) return value.map((one) => inUtf8(one) as string);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the bytes that both read alike
  if (/^[\x00-\x7f]*$/.test(value) || isUtf8(Buffer.from(value, "latin1"))) return value;
  return Buffer.from(value).toString("latin1");
}

function responseHeaders(raw: string[], chunked: boolean, { ownCors }: Route): string[] {
  const headers: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (hopByHop.has(name) || (!ownCors && name.startsWith("access-control-"))) continue;
    headers.push(raw[i] as string, raw[i + 1] as string);
  }
  if (chunked) headers.push("Transfer-Encoding", "chunked");
  if (!ownCors) headers.push(...corsHeaders);
  return headers;
}

/** Answers in the gateway's own name. */
function reply(answer: ServerResponse, { status, body, headers = {} }: Refusal): void {
  const text = JSON.stringify(body);
  answer.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "Access-Control-Allow-Origin": "*",
    ...headers,
    ...(status === 503 ? { "Retry-After": "1" } : {}),
  });
  answer.end(text);
}
