import { type Context, Hono, type MiddlewareHandler } from "hono";
import { requestId } from "hono/request-id";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as z from "zod";
import { readArguments, readFields, readHeaders } from "./arguments.ts";
import { readJson } from "./body.ts";
import { crossOrigin } from "./cross-origin.ts";
import { enveloped } from "./enveloped.ts";
import { openApi } from "./openapi.ts";
import { isPaged, type Page, pageOf, rowsOfPage } from "./paging.ts";
import { askDatabase } from "./postgrest.ts";
import { internalError, methodNotAllowed, notFound, Problem } from "./problem.ts";
import { publicUrl } from "./public-url.ts";
import { referenceAsset, referencePage } from "./reference.ts";
import type { Route } from "./route.ts";
import { withSession } from "./session-cookie.ts";
import type { SqlArguments, SqlObject } from "./sql-object.ts";
import type { System } from "./system.ts";

/** What the database may say in the head of its answer. */
const passedOn = [
  "Content-Range",
  "Content-Type",
  "ETag",
  "Location",
  "Preference-Applied",
  "X-Next-Opening",
  "X-Reason",
];

type Endpoint = { method: string; path: string; handle: (c: Context) => Response | Promise<Response> };

/** The HTTP application of a system: its routes, its reference, and one way for errors to leave. */
export function createApp(system: System): Hono {
  const app = new Hono({ strict: false }).basePath(`/${system.slug}`);
  app.use(requestId());
  app.use(uncached);
  app.use(crossOrigin([...passedOn, "Link", "Retry-After", "X-Request-Id"]));
  mount(app, [...system.routes.map((route) => endpointOf(system, route)), ...ownEndpoints(system)]);
  app.notFound((c) => refuse(c, system, notFound()));
  app.onError((error, c) => refuse(c, system, error instanceof Problem ? error : unexpected(error, c)));
  return app;
}

/**
 * What is answered depends on the caller, whom a cache that keeps by address does not tell from another: a cookie, unlike
 * a token, is no reason for it to keep nothing. What is the same for everybody says so itself.
 */
const uncached: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has("Cache-Control")) c.header("Cache-Control", "no-store");
};

function endpointOf(system: System, route: Route): Endpoint {
  const writes = route.method !== "GET" || route.object?.kind === "write";
  const handle = async (c: Context) =>
    answer(system, route, await withSession(c.req.raw, system, writes), c.req.param());
  return { method: route.method, path: route.path, handle };
}

function ownEndpoints(system: System): Endpoint[] {
  return [
    { method: "GET", path: system.health ?? "/api/health", handle: (c) => healthOf(system, c) },
    { method: "GET", path: "/api/openapi.json", handle: (c) => c.json(openApi(system, publicUrl(c.req.raw).origin)) },
    { method: "GET", path: "/api/reference", handle: () => referencePage(system.title) },
    { method: "GET", path: "/api/reference/:asset", handle: (c) => referenceAsset(c.req.param("asset") ?? "") },
  ];
}

function mount(app: Hono, endpoints: Endpoint[]): void {
  for (const { method, path, handle } of endpoints) app.on(method, path, async (c) => withoutBody(c, await handle(c)));
  // What falls through at a path that exists came with another method.
  for (const path of new Set(endpoints.map((endpoint) => endpoint.path))) {
    const methods = endpoints.filter((endpoint) => endpoint.path === path).map((endpoint) => endpoint.method);
    const allowed = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"];
    app.all(path, () => {
      throw methodNotAllowed(allowed);
    });
  }
}

function healthOf(system: System, c: Context): Response {
  const found = c.json({ status: "ok", system: system.slug });
  const route = { method: "GET", path: "", roles: [], section: "", summary: "", response: z.unknown() } as const;
  return enveloped(system.envelope, found, { route, timestamp: new Date().toISOString() });
}

async function answer(
  system: System,
  route: Route,
  request: Request,
  pathParameters: Record<string, string>,
): Promise<Response> {
  // A HEAD must not change anything.
  if (request.method === "HEAD" && route.object?.kind === "write") throw methodNotAllowed([route.method, "OPTIONS"]);
  const query = readArguments(route, new URL(request.url).searchParams, pathParameters);
  const params = Object.fromEntries(query);
  const body = route.body ? readFields(route.body, await readJson(request)) : {};
  const file = downloadParameters(route, request);
  const timestamp = new Date().toISOString();
  if (route.download && file) return route.download.handle({ request, params: { ...params, ...file }, body });
  if (route.handle)
    return enveloped(system.envelope, await route.handle({ request, params, body }), { route, timestamp });
  if (!route.object) throw new Error(`${route.method} ${route.path} has nothing that answers it`);
  const object = { ...(system.schema === "public" ? {} : { schema: system.schema }), ...route.object };
  const given = route.bodyArgument ? { [route.bodyArgument]: body } : body;
  const asked = route.arguments ? route.arguments(params) : params;
  const args = { ...given, ...readHeaders(route, request.headers), ...asked };
  const { found, ...paged } = isPaged(route)
    ? await askForPage(object, args, request.headers)
    : { found: await askDatabase(object, args, request.headers) };
  return enveloped(system.envelope, await finished(system, route, found, request), { route, timestamp, ...paged });
}

/** A page by its number, with the total; a page beyond the last row is empty. */
async function askForPage(
  object: SqlObject,
  args: SqlArguments,
  caller: Headers,
): Promise<{ found: Response; page: Page }> {
  const headers = new Headers(caller);
  headers.set("Prefer", "count=exact");
  const rows = rowsOfPage(args);
  const found = await askDatabase(object, rows, headers).catch((error: unknown) => {
    if (!(error instanceof Problem && error.status === 416)) throw error;
    return askDatabase(object, { ...rows, limit: 0, offset: 0 }, headers);
  });
  const page = pageOf(args, found.headers.get("Content-Range"));
  return { found: new Response(found.body, { status: 200, headers: found.headers }), page };
}

/** What the query says of the answer as a file; undefined where JSON is wanted. Throws a Problem (400) for what is not known. */
function downloadParameters(route: Route, request: Request): Record<string, string> | undefined {
  if (!route.download) return undefined;
  const asked = new URL(request.url).searchParams;
  const found = Object.fromEntries(readArguments({ ...route, input: route.download.input }, asked, {}));
  return found.format === "json" ? undefined : found;
}

async function finished(system: System, route: Route, found: Response, request: Request): Promise<Response> {
  const nothing = found.status === 204 && system.envelope !== undefined;
  // Another status than 200 was chosen by the function that answered.
  const status = found.status === 200 || nothing ? (route.status ?? 200) : found.status;
  if (nothing && status !== 204) return new Response(null, { status, headers: headersOf(found, request) });
  if (status === 204) {
    await found.body?.cancel();
    const headers = headersOf(found, request);
    // supabase-js would parse the JSON that it is told of.
    headers.delete("Content-Type");
    return new Response(null, { status, headers });
  }
  if (route.finish) return Response.json(await route.finish(await found.json(), request), { status });
  return new Response(found.body, { status, headers: headersOf(found, request) });
}

/** For HEAD the answer's head alone: it is made like GET's, so that it refuses what GET refuses. */
async function withoutBody(c: Context, response: Response): Promise<Response> {
  if (c.req.raw.method !== "HEAD") return response;
  await response.body?.cancel();
  return new Response(null, response);
}

function headersOf(found: Response, request: Request): Headers {
  const headers = new Headers();
  for (const name of passedOn) {
    const value = found.headers.get(name);
    if (value) headers.set(name, value);
  }
  const cursor = found.headers.get("X-Next-Cursor");
  if (cursor) headers.set("Link", linkToNext(request, cursor));
  return headers;
}

function linkToNext(request: Request, cursor: string): string {
  const url = publicUrl(request);
  url.searchParams.set("cursor", cursor);
  return `<${url}>; rel="next"`;
}

function unexpected(error: Error, c: Context): Problem {
  // Where it happened, without the message: it may hold somebody's data.
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  console.error(`${c.req.method} ${c.req.path}: ${error.name} (request ${c.get("requestId")})\n${frames.join("\n")}`);
  return internalError();
}

function refuse(c: Context, system: System, problem: Problem): Response {
  // A 401 has to say what it waits for, whoever refuses.
  const headers = problem.status === 401 ? { "WWW-Authenticate": "Bearer", ...problem.headers } : problem.headers;
  const path = c.req.path.slice(`/${system.slug}`.length);
  const context = { path, requestId: c.get("requestId") as string, timestamp: new Date().toISOString() };
  return c.json(system.errors.body(problem, context), problem.status as ContentfulStatusCode, headers);
}
