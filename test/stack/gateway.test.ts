import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway } from "../../scripts/stack/gateway.ts";
import { accessRules, functionAccess } from "../../scripts/stack/gateway-access.ts";
import { type StackKeys, signJwt } from "../../scripts/stack/keys.ts";
import { freePort } from "../../scripts/stack/ports.ts";
import { stack } from "../support/stack.ts";

// The gateway in front of services that answer with what they got.

type Echo = { method: string; path: string; headers: Record<string, string>; length: number };

const jwtSecret = "a secret for these tests alone";
const keys: StackKeys = {
  jwtSecret,
  publishableKey: "sb_publishable_test",
  ibanEncryptionKey: "",
  secretsEncryptionKey: "",
  secretKey: "sb_secret_test",
  anonToken: signJwt({ role: "anon" }, jwtSecret),
  serviceRoleToken: signJwt({ role: "service_role" }, jwtSecret),
};
const userToken = signJwt({ role: "authenticated", sub: "someone" }, jwtSecret);
const withKey = { apikey: keys.publishableKey };

const atEnd: (() => void)[] = [];
let url = "";
let functionPort: number | undefined;
let special: ((incoming: IncomingMessage, answer: ServerResponse) => void) | undefined;

async function startEcho(): Promise<number> {
  const server = createServer(async (incoming, answer) => {
    if (special) return special(incoming, answer);
    let length = 0;
    for await (const part of incoming) length += part.length;
    const { method, url: path, headers } = incoming;
    answer.writeHead(200, { "Content-Type": "application/json", "Access-Control-Allow-Origin": "https://echo" });
    answer.end(JSON.stringify({ method, path, headers, length }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  const [port, restPort] = [await freePort(), await startEcho()];
  functionPort = restPort;
  await startGateway(
    { closeAtEnd: (close) => atEnd.push(close) },
    {
      port,
      restPort,
      litePort: restPort,
      functions: { slugs: ["leads", "closed"], port: () => functionPort },
      access: accessRules(keys),
      isRefused: functionAccess(["leads"], keys.jwtSecret),
    },
  );
  url = `http://127.0.0.1:${port}`;
});

afterAll(() => {
  for (const end of atEnd) end();
});

async function ask(path: string, init: RequestInit = {}): Promise<Echo> {
  const answer = await fetch(url + path, init);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Echo;
}

/** Role of the token that a service got. */
function roleOf({ headers }: Echo): string {
  const [, claims = ""] = (headers.authorization ?? "").split(".");
  return JSON.parse(Buffer.from(claims, "base64url").toString()).role;
}

describe("keys", () => {
  test("the publishable key acts as anon, the secret one as service_role", async () => {
    expect(roleOf(await ask("/rest/v1/leads", { headers: { apikey: keys.publishableKey } }))).toBe("anon");
    expect(roleOf(await ask("/rest/v1/leads", { headers: { apikey: keys.secretKey } }))).toBe("service_role");
  });

  test("the older keys, which are tokens themselves, are known as well", async () => {
    expect(roleOf(await ask("/auth/v1/user", { headers: { apikey: keys.anonToken } }))).toBe("anon");
  });

  test("a key may be in the address, and no service sees it there", async () => {
    const echo = await ask(`/rest/v1/leads?apikey=${keys.secretKey}&limit=1`);
    expect(roleOf(echo)).toBe("service_role");
    expect(echo.path).toBe("/leads?limit=1");
  });

  test("a user's token wins over the key", async () => {
    const headers = { apikey: keys.secretKey, authorization: `Bearer ${userToken}` };
    expect(roleOf(await ask("/rest/v1/leads", { headers }))).toBe("authenticated");
  });

  test("the key itself as bearer token, as supabase-js sends it, is no token", async () => {
    const headers = { ...withKey, authorization: `Bearer ${keys.publishableKey}` };
    expect(roleOf(await ask("/rest/v1/leads", { headers }))).toBe("anon");
  });

  test.each(["/rest/v1/leads", "/auth/v1/user"])("%s without a known key is 401", async (path) => {
    const missing = await fetch(url + path, { headers: { authorization: `Bearer ${userToken}` } });
    expect([missing.status, await missing.json()]).toEqual([
      401,
      { message: "No API key found in request", hint: "No `apikey` request header or url param was found." },
    ]);
    const unknown = await fetch(url + path, { headers: { apikey: "sb_secret_guess" } });
    expect([unknown.status, await unknown.json()]).toEqual([
      401,
      { message: "Invalid API key", hint: "Double check your Supabase `anon` or `service_role` API key." },
    ]);
    expect(unknown.headers.get("access-control-allow-origin")).toBe("*");
  });

  test.each([
    "/auth/v1/verify?token=x&type=recovery",
    "/storage/v1/object/public/bucket/file.png",
    "/storage/v1/bucket",
  ])("%s is asked for without a key, and gives nobody a role", async (path) => {
    const echo = await ask(path);
    expect([echo.path, echo.headers.authorization]).toEqual([path, undefined]);
  });
});

describe("functions", () => {
  test("are called with a token of the project where they are not open to whoever comes", async () => {
    const [token, expired, foreign] = [
      signJwt({ role: "anon" }, keys.jwtSecret),
      signJwt({ role: "anon", exp: 1_700_000_000 }, keys.jwtSecret),
      signJwt({ role: "anon" }, "the secret of another project, of no use"),
    ];
    const header = (alg: string) => Buffer.from(JSON.stringify({ alg })).toString("base64url");
    const unsigned = `${header("none")}.${token.split(".")[1]}.`;
    const refusals = [
      [undefined, "UNAUTHORIZED_NO_AUTH_HEADER", "Missing authorization header"],
      ...[expired, foreign, unsigned, keys.publishableKey, "x", "..", `${token}.x`].map((wrong) => [
        `Bearer ${wrong}`,
        "UNAUTHORIZED_INVALID_JWT_FORMAT",
        "Invalid JWT",
      ]),
    ];
    for (const [authorization, code, message] of refusals) {
      const headers = { ...withKey, ...(authorization ? { authorization } : {}) };
      const answer = await fetch(`${url}/functions/v1/closed/x`, { method: "POST", headers });
      expect([answer.status, await answer.json()], authorization).toEqual([401, { code, message }]);
      // supabase-js tells by it that the function itself was not reached.
      expect(answer.headers.get("x-relay-error")).toBe("true");
    }
    const headers = { authorization: `Bearer ${token}` };
    expect((await ask("/functions/v1/closed/x", { method: "POST", headers })).path).toBe("/closed/x");
    expect((await ask("/functions/v1/closed/x", { method: "OPTIONS" })).method).toBe("OPTIONS");
  });

  test("get the path without the prefix, and the headers as they came", async () => {
    const authorization = `Bearer ${keys.publishableKey}`;
    const echo = await ask("/functions/v1/leads/api/leads?status=all", { headers: { authorization } });
    expect(echo.path).toBe("/leads/api/leads?status=all");
    expect(echo.headers.authorization).toBe(authorization);
  });

  test("answer CORS themselves", async () => {
    const answer = await fetch(`${url}/functions/v1/leads`, { method: "OPTIONS" });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://echo");
  });

  test("that do not exist are 404", async () => {
    const answer = await fetch(`${url}/functions/v1/nothing`);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { code: "NOT_FOUND", message: "Requested function was not found" },
    ]);
  });

  test.each([
    ["is not running", () => undefined],
    ["does not answer", freePort],
  ])("503 while one %s", async (_, port) => {
    const running = functionPort;
    functionPort = await port();
    const answer = await fetch(`${url}/functions/v1/leads`);
    functionPort = running;
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(await answer.json()).toMatchObject({ code: "SERVICE_UNAVAILABLE" });
  });
});

describe("requests and answers", () => {
  test("rest, auth and storage answers carry Supabase's CORS headers, not the service's", async () => {
    const answer = await fetch(`${url}/rest/v1/leads`, { headers: withKey });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-expose-headers")).toContain("Content-Range");
  });

  test("a browser's question beforehand needs no key and is granted what it asks", async () => {
    const headers = {
      "access-control-request-method": "PATCH",
      "access-control-request-headers": "apikey,authorization,x-client-info,idempotency-key",
    };
    const answer = await fetch(`${url}/rest/v1/leads`, { method: "OPTIONS", headers });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-headers")).toBe(headers["access-control-request-headers"]);
    expect(answer.headers.get("access-control-allow-methods")).toContain("PATCH");
  });

  test("what the caller says of its own address is replaced by what is true", async () => {
    const headers = { ...withKey, "x-forwarded-for": "8.8.8.8", "x-real-ip": "8.8.8.8", forwarded: "for=8.8.8.8" };
    const echo = await ask("/rest/v1/leads", { headers });
    expect(echo.headers["x-forwarded-for"]).toBe("127.0.0.1");
    expect(JSON.stringify(echo.headers)).not.toContain("8.8.8.8");
    expect(echo.headers["x-forwarded-host"]).toBe(new URL(url).host);
  });

  test("bodies arrive whole, with a length or in chunks", async () => {
    const bytes = new Uint8Array(3_000_000).fill(7);
    const sized = await ask("/rest/v1/leads", { method: "POST", headers: withKey, body: bytes });
    expect([sized.method, sized.length]).toEqual(["POST", bytes.length]);
    const body = new Blob([bytes]).stream();
    const chunked = await ask("/rest/v1/leads", {
      method: "POST",
      headers: withKey,
      body,
      duplex: "half",
    } as RequestInit);
    expect(chunked.headers["transfer-encoding"]).toBe("chunked");
    expect(chunked.length).toBe(bytes.length);
  });

  test("the arguments of a function too, once they are read", async () => {
    const json = JSON.stringify({ search: "é".repeat(900_000) });
    const length = Buffer.byteLength(json);
    for (const body of [json, new Blob([json]).stream()]) {
      const sent = {
        method: "POST",
        headers: { ...withKey, "Content-Type": "application/json" },
        body,
        duplex: "half",
      };
      expect((await ask("/rest/v1/rpc/x", sent as RequestInit)).length).toBe(length);
    }
  });

  test("whoever is refused before he has sent all goes on on the same connection", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const onOneConnection = (method: string, body: Buffer | string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const outgoing = request(`${url}/rest/v1/leads`, { agent, method, headers: withKey }, (incoming) => {
          incoming.resume().on("end", () => resolve(incoming.statusCode));
        });
        outgoing.on("error", reject).end(body);
      });
    special = (_, answer) => answer.writeHead(401).end("{}");
    expect(await onOneConnection("POST", Buffer.alloc(8_000_000))).toBe(401);
    special = undefined;
    expect(await onOneConnection("GET", "")).toBe(200);
    agent.destroy();
  });

  test("a header's bytes reach a service as UTF-8, whichever they were", async () => {
    // Node writes and reads a sign of a header as one byte.
    const seen = async (value: string) =>
      new Promise<unknown>((resolve, reject) => {
        const outgoing = request(
          `${url}/rest/v1/leads`,
          { headers: { ...withKey, "x-odd": value } },
          async (incoming) => {
            const parts: Buffer[] = [];
            for await (const part of incoming) parts.push(part as Buffer);
            resolve((JSON.parse(Buffer.concat(parts).toString()) as Echo).headers["x-odd"]);
          },
        );
        outgoing.on("error", reject).end();
      });
    expect(await seen("é")).toBe("Ã©");
    expect(await seen("Ã©")).toBe("Ã©");
    expect(await seen("plain")).toBe("plain");
  });

  test("a long answer arrives whole however slowly it is read", async () => {
    const long = "0123456789".repeat(500_000);
    special = (_, answer) => answer.end(long);
    const answer = await fetch(`${url}/rest/v1/leads`, { headers: withKey });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await answer.text()).toBe(long);
    special = undefined;
  });

  test("a query is ended when its caller hangs up", async () => {
    const hungUp = new Promise<void>((resolve) => {
      special = (incoming) => incoming.socket.once("close", () => resolve());
    });
    const outgoing = request(`${url}/rest/v1/leads`, { headers: withKey }).on("error", () => undefined);
    outgoing.end();
    setTimeout(() => outgoing.destroy(), 50);
    await hungUp;
    special = undefined;
  });

  test("a GET survives that the service closes its idle connections", async () => {
    await ask("/rest/v1/leads", { headers: withKey });
    let refusals = 0;
    special = (incoming) => {
      refusals++;
      special = undefined;
      incoming.socket.destroy();
    };
    expect((await ask("/rest/v1/leads", { headers: withKey })).method).toBe("GET");
    expect(refusals).toBe(1);
  });

  test("a POST is never sent twice", async () => {
    await ask("/rest/v1/leads", { headers: withKey });
    let received = 0;
    special = (incoming) => {
      received++;
      incoming.socket.destroy();
    };
    const answer = await fetch(`${url}/rest/v1/rpc/x`, { method: "POST", headers: withKey });
    special = undefined;
    expect([answer.status, received]).toEqual([502, 1]);
  });

  test.each([
    "/rest/v1/leads?select=",
    "/auth/v1/",
    "/storage/v1/",
    "/functions/v1/leads/api/leads?search=",
    "/health?",
  ])("more than 8 KB of address is 414 before any service sees it: %s", async (path) => {
    const fits = await fetch(`${url}${path.padEnd(8192, "x")}`, { headers: withKey });
    expect(fits.status).not.toBe(414);
    const answer = await fetch(`${url}${path.padEnd(8193, "x")}`, { headers: withKey });
    expect([answer.status, await answer.json()]).toEqual([414, { message: "Request-URI Too Large" }]);
  });

  test.each([
    ["the publishable key", { apikey: keys.publishableKey }],
    ["the older one", { apikey: keys.anonToken }],
    ["one, and the token of the other", { apikey: keys.publishableKey, authorization: `Bearer ${keys.anonToken}` }],
  ])("who is not signed in skips at most 10,000 rows, by %s", async (_, headers) => {
    expect((await fetch(`${url}/rest/v1/leads?offset=10000`, { headers })).status).toBe(200);
    for (const asked of [{ path: "offset=10001" }, { path: "limit=1", range: "10001-10002" }]) {
      const sent = asked.range ? { ...headers, range: asked.range } : headers;
      const answer = await fetch(`${url}/rest/v1/leads?${asked.path}`, { headers: sent });
      expect([answer.status, await answer.json()]).toMatchObject([400, { code: "offset_too_large" }]);
    }
    const signedIn = { apikey: keys.publishableKey, authorization: `Bearer ${userToken}` };
    expect((await fetch(`${url}/rest/v1/leads?offset=10001`, { headers: signedIn })).status).toBe(200);
  });

  test("an unknown path is 404, /health needs no key and says nothing else", async () => {
    expect((await fetch(`${url}/graphql/v1`)).status).toBe(404);
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: "ok" });
  });
});

describe("the running stack", () => {
  test("lets in with its keys alone", async () => {
    const status = async (apikey: string) =>
      (await fetch(`${stack.apiUrl}/rest/v1/leads?limit=1`, { headers: { apikey } })).status;
    expect(await status(stack.publishableKey)).toBe(200);
    expect(await status(keys.publishableKey)).toBe(401);
  });

  test("refuses a token that it has not signed", async () => {
    const headers = { apikey: stack.publishableKey, authorization: `Bearer ${userToken}` };
    expect((await fetch(`${stack.apiUrl}/rest/v1/leads?limit=1`, { headers })).status).toBe(401);
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === "IPv4" && !address.internal);

  test.skipIf(!outside).each(["apiUrl", "dbUrl", "studioUrl", "mailUrl", "restUrl"] as const)(
    "%s is out of reach for other machines",
    async (name) => {
      const port = Number(new URL(stack[name]).port);
      expect(await opens(port, "127.0.0.1")).toBe(true);
      expect(await opens(port, outside?.address ?? "")).toBe(false);
    },
  );
});

function opens(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
