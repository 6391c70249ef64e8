import { stack } from "../support/stack.ts";

/** An HTTP answer; `body` is parsed where it is JSON, and text where not. */
export type Answer = { status: number; headers: Headers; body: unknown; text: string };

/** What a request carries besides its path. */
export type Ask = { token?: string | undefined; method?: string; headers?: Record<string, string>; body?: unknown };

/** Asks an endpoint of a system by the document's path, as a front end does whose `API_BASE` was changed. */
export function askApi(system: string, path: string, ask: Ask = {}): Promise<Answer> {
  return send(`${stack.systems[system]?.apiBase.replace(/\/api$/, "")}${path}`, ask);
}

/** Asks PostgREST through the gateway, with the publishable key. */
export function askRest(path: string, ask: Ask = {}): Promise<Answer> {
  return send(`${stack.apiUrl}/rest/v1/${path}`, { ...ask, headers: { apikey: stack.publishableKey, ...ask.headers } });
}

/** Asks a function that is published for all systems alike, for one of them; its other arguments are the body's. */
export function askShared(system: string, name: string, ask: Ask = {}): Promise<Answer> {
  const headers = { "Accept-Profile": "platform_api", "Content-Profile": "platform_api", ...ask.headers };
  if ((ask.method ?? "GET") === "GET") return askRest(`rpc/${name}?system=${system}`, { ...ask, headers });
  return askRest(`rpc/${name}`, { ...ask, headers, body: { system, ...(ask.body as object) } });
}

/** Follows an absolute URL as it is. */
export async function send(url: string, { token, method = "GET", headers, body }: Ask = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parsed(response, text), text };
}

function parsed(response: Response, text: string): unknown {
  const isJson = response.headers.get("content-type")?.includes("json");
  return isJson && text !== "" ? JSON.parse(text) : text;
}
