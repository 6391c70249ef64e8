import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exchange } from "../../scripts/stack/upstream.ts";

// Memory of what was read is used again: an answer that waits for a slow reader must not get another one's bytes.

// More than the system holds for a reader who does not read.
const content = Buffer.from(new Uint32Array(4_000_000).map((_, i) => i).buffer);
let service: Server;
let gateway: Server;

beforeAll(async () => {
  service = createServer(async (_, answer) => {
    // In small parts, several of which are under way at once.
    for (let at = 0; at < content.length; at += 4096) {
      answer.write(content.subarray(at, at + 4096));
      await new Promise(setImmediate);
    }
    answer.end();
  });
  await listen(service);
  gateway = createServer((incoming, answer) => {
    const head = `GET ${incoming.url} HTTP/1.1\r\nhost: service\r\n\r\n`;
    const { resume } = exchange(
      portOf(service),
      { method: "GET", head },
      {
        head: () => {
          answer.writeHead(200, { "transfer-encoding": "chunked" });
          answer.chunkedEncoding = false;
        },
        body: (part, written) => answer.write(part, written),
        end: () => answer.end(),
        failed: () => answer.destroy(),
      },
    );
    answer.on("drain", resume);
  });
  await listen(gateway);
});

afterAll(() => {
  for (const server of [gateway, service]) {
    server.closeAllConnections();
    server.close();
  }
});

describe("long answers at once, some of them read late", () => {
  it("arrive as they were sent, also on connections that are used again", async () => {
    for (let round = 0; round < 2; round++) {
      const bodies = await Promise.all([read(500), read(0)]);
      expect(bodies.map((body) => body.equals(content))).toEqual([true, true]);
    }
  });
});

/** The body; nothing of it is read before `waitMs` have passed. */
async function read(waitMs: number): Promise<Buffer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ port: portOf(gateway), host: "127.0.0.1", agent: false }, resolve).on("error", reject);
  });
  await new Promise((resolve) => setTimeout(resolve, waitMs));
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
