import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { stack } from "../../support/stack.ts";

/** The published function that a request calls, and its arguments. */
type Call = { name: string; args: Record<string, unknown> };

/** What happens before a request is passed on; « cut » lets it be carried out, and its answer get lost. */
type Meanwhile = (call: Call) => Promise<"cut" | undefined>;

/** Does `work` with the URL of an API that is the stack's, but for what happens meanwhile. */
export async function between<Result>(
  meanwhile: Meanwhile,
  work: (apiUrl: string) => Promise<Result>,
): Promise<Result> {
  const server = createServer((request, response) => {
    passOn(request, response, meanwhile).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    await close(server);
  }
}

async function passOn(request: IncomingMessage, response: ServerResponse, meanwhile: Meanwhile): Promise<void> {
  const { method = "GET", url = "/" } = request;
  const body = await text(request);
  const [, name] = /\/rpc\/(\w+)/.exec(url) ?? [];
  const wish = name && (await meanwhile({ name, args: JSON.parse(body || "{}") }));
  const { host, connection, "content-length": length, ...headers } = request.headers as Record<string, string>;
  const answer = await fetch(`${stack.apiUrl}${url}`, { method, headers, ...(method === "GET" ? {} : { body }) });
  const said = await answer.text();
  if (wish === "cut") response.destroy();
  else response.writeHead(answer.status, { "content-type": "application/json" }).end(said);
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
