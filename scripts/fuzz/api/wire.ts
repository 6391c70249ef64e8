import { Agent, request as httpRequest } from "node:http";
import { gzipSync } from "node:zlib";

/** A request before the caller's keys are put on it. The path and the parts of the query are as they go out, encoded. */
export type Wire = {
  method: string;
  path: string;
  query: [name: string, value: string][];
  headers: [name: string, value: string][];
  body?: Body;
};

/** What a request carries: a value as JSON, compressed where asked, or bytes as they are. */
export type Body = { json: unknown; gzip?: true } | { bytes: Buffer };

/** What came back. `text` is the body; of a file that is no text only its beginning makes sense. */
export type Answer = { status: number; headers: Record<string, string>; text: string };

const patienceMs = 30_000;

/** Sends requests to one address over connections that stay open; `close` ends them. */
export function createSender(origin: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(origin);
  const send = (wire: Wire, keys: Wire["headers"]): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const bytes = bytesOf(wire.body);
      const headers: Record<string, string> = {};
      // The request's own come last: some are about the keys.
      for (const [name, value] of [...keys, ...wire.headers]) headers[name.toLowerCase()] = value;
      if (bytes && headers["transfer-encoding"] === undefined) headers["content-length"] ??= String(bytes.length);
      const { method } = wire;
      const outgoing = httpRequest(
        { agent, hostname, port, method, path: target(wire), headers, timeout: patienceMs },
        (incoming) => {
          const parts: Buffer[] = [];
          incoming.on("data", (part: Buffer) => parts.push(part));
          incoming.on("error", reject);
          incoming.on("end", () => {
            const text = Buffer.concat(parts).toString();
            const told = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
            resolve({ status: incoming.statusCode ?? 0, headers: Object.fromEntries(told), text });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${patienceMs / 1000} s`)));
      outgoing.end(bytes);
    });
  return { send, close: () => agent.destroy() };
}

export type Sender = ReturnType<typeof createSender>;

/** Path and query as they go out. */
export function target({ path, query }: Wire): string {
  return query.length === 0 ? path : `${path}?${query.map(([name, value]) => `${name}=${value}`).join("&")}`;
}

/** The bytes of a body; undefined where there is none. */
export function bytesOf(body: Body | undefined): Buffer | undefined {
  if (!body) return undefined;
  if ("bytes" in body) return body.bytes;
  const text = JSON.stringify(body.json) ?? "";
  return body.gzip ? gzipSync(text) : Buffer.from(text);
}

/** The request as a person would send it again; `keys` name the variables of a shell. */
export function inCurl(origin: string, wire: Wire, keys: Wire["headers"]): string {
  const bytes = bytesOf(wire.body);
  const parts = [
    `curl --path-as-is -i -X ${wire.method} ${quoted(cut(origin + target(wire)))}`,
    ...keys.map(([name, value]) => `-H "${name}: ${value}"`),
    ...wire.headers.map(([name, value]) => `-H ${quoted(`${name}: ${cut(value)}`)}`),
    ...(bytes ? [`--data-binary ${dataOf(bytes)}`] : []),
  ];
  return parts.join(" ");
}

function dataOf(bytes: Buffer): string {
  const text = bytes.toString();
  const plain = Buffer.from(text).equals(bytes) && !text.includes("\0");
  return plain ? quoted(cut(text)) : `@<(echo ${bytes.subarray(0, 600).toString("base64")} | base64 -d)`;
}

function cut(text: string): string {
  return text.length <= 1500 ? text : `${text.slice(0, 1500)}… (${text.length} characters)`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
