import { supabaseUrl } from "./keys.ts";

/** The URL by which the caller reached this request; what the function itself sees is an address behind the gateway. */
export function publicUrl(request: Request): URL {
  const { pathname, search } = new URL(request.url);
  return new URL(`/functions/v1${pathname}${search}`, publicOrigin(request.headers));
}

/** The origin of the project's gateway as callers know it. */
export function publicOrigin(headers: Headers): string {
  const own = new URL(supabaseUrl());
  // A hosted project's URL is the public one. Under Docker it is a name inside the network, and the gateway says which
  // host it was called by.
  if (own.protocol === "https:") return own.origin;
  const host = first(headers.get("x-forwarded-host"));
  if (!host) return own.origin;
  const port = first(headers.get("x-forwarded-port"));
  const authority = port && !/:\d+$/.test(host) ? `${host}:${port}` : host;
  const forwarded = `${first(headers.get("x-forwarded-proto")) ?? "http"}://${authority}`;
  return URL.canParse(forwarded) ? new URL(forwarded).origin : own.origin;
}

function first(list: string | null): string | undefined {
  return list?.split(",")[0]?.trim() || undefined;
}
