import { parse, serialize } from "hono/utils/cookie";
import { userAuthorization } from "./keys.ts";
import { publicOrigin } from "./public-url.ts";
import { handleSeconds, isHandle, tokenOf } from "./session-handle.ts";
import type { System } from "./system.ts";

// A page that sends no header has its session as a cookie: HttpOnly, so that no script reads it, and SameSite=Lax, so that
// no other site's page sends it with more than a link. It stands for the caller's token wherever no token came with the call.

/**
 * The request with the token that its session handle stands for: a bearer's where the system lets handles be one, else its
 * cookie's. A cookie counts for what only reads, and for a write if the page
 * is of this very origin; else, and where it is worth nothing any more, the call is anonymous.
 */
export async function withSession(request: Request, system: System, writes: boolean): Promise<Request> {
  const bearer = system.bearerHandles ? bearerHandle(request.headers) : undefined;
  if (bearer) return withToken(request, (await tokenOf(bearer)) ?? bearer);
  const handle = handleOf(request.headers, system.slug);
  if (!handle || userAuthorization(request.headers)) return request;
  if (writes && !isSameOrigin(request.headers)) return request;
  const token = await tokenOf(handle);
  return token ? withToken(request, token) : request;
}

// A handle that is over is passed on as it is: PostgREST refuses it as the token that it was sent as.
function bearerHandle(headers: Headers): string | undefined {
  const [, token] = /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  return token && isHandle(token) ? token : undefined;
}

function withToken(request: Request, token: string): Request {
  const headers = new Headers(request.headers);
  headers.set("Authorization", `Bearer ${token}`);
  return new Request(request, { headers });
}

/** The session handle that a request's cookie holds. */
export function handleOf(headers: Headers, system: string): string | undefined {
  const cookie = headers.get("cookie");
  return cookie ? parse(cookie, nameOf(system))[nameOf(system)] : undefined;
}

/** The `Set-Cookie` that keeps a handle in the browser, or takes it away where there is none. */
export function sessionCookie(headers: Headers, system: string, handle?: string): string {
  return serialize(nameOf(system), handle ?? "", {
    path: "/",
    httpOnly: true,
    sameSite: "Lax",
    secure: publicOrigin(headers).startsWith("https:"),
    maxAge: handle ? handleSeconds : 0,
  });
}

function nameOf(system: string): string {
  return `${system}_session`;
}

/** Browsers say where a request comes from, and pages cannot change what they say. */
function isSameOrigin(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  return site ? site === "same-origin" : headers.get("origin") === publicOrigin(headers);
}
