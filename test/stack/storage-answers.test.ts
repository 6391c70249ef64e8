import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signJwt } from "../../scripts/stack/keys.ts";
import { serviceClient, stack } from "../support/stack.ts";

// What Storage answers to HTTP itself, by the contract that its own acceptance tests hold a hosted project to.
const [closed, open] = [`closed-${randomUUID()}`, `open-${randomUUID()}`];
const { storage } = serviceClient();
const files = storage.from(closed);
const service = { Authorization: `Bearer ${signJwt({ role: "service_role" }, stack.jwtSecret)}` };

beforeAll(async () => {
  await storage.createBucket(closed, { public: false, fileSizeLimit: 100 });
  await storage.createBucket(open, { public: true });
});

afterAll(async () => {
  for (const bucket of [closed, open]) {
    await storage.emptyBucket(bucket);
    await storage.deleteBucket(bucket);
  }
});

const ask = (method: string, path: string, headers: Record<string, string> = service, body?: unknown) =>
  fetch(`${stack.apiUrl}/storage/v1/${path}`, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const put = (path: string, content = "x", headers: Record<string, string> = {}) =>
  fetch(`${stack.apiUrl}/storage/v1/object/${path}`, {
    method: "POST",
    headers: { ...service, "Content-Type": "text/plain", ...headers },
    body: content,
  });

describe("a token alone, without a key", () => {
  it("is enough", async () => {
    expect(((await (await ask("GET", "bucket")).json()) as unknown[]).length).toBeGreaterThan(1);
  });

  const expired = signJwt({ role: "service_role", exp: 1_700_000_000 }, stack.jwtSecret);
  const foreign = signJwt({ role: "service_role" }, "another project's secret, of no use here");
  it.each([
    ["none", {}, "Invalid Compact JWS"],
    ["no JWT", { Authorization: "Bearer no-jwt" }, "Invalid Compact JWS"],
    ["an expired one", { Authorization: `Bearer ${expired}` }, '"exp" claim timestamp check failed'],
    ["another project's", { Authorization: `Bearer ${foreign}` }, "signature verification failed"],
  ])("is refused wherever somebody must ask: %s", async (_, headers, message) => {
    await put(`${closed}/kept.txt`);
    for (const [method, path, body] of [
      ["GET", "bucket"],
      ["GET", `bucket/${closed}`],
      ["POST", "bucket", { name: randomUUID() }],
      ["POST", `object/list/${closed}`, { prefix: "" }],
      ["POST", `object/sign/${closed}/kept.txt`, { expiresIn: 60 }],
      ["POST", `object/upload/sign/${closed}/new.txt`, {}],
      ["POST", `object/${closed}/new.txt`, {}],
      ["PUT", `object/${closed}/kept.txt`, {}],
      ["DELETE", `object/${closed}/kept.txt`],
      ["DELETE", `object/${closed}`, { prefixes: ["kept.txt"] }],
      ["GET", `object/authenticated/${closed}/kept.txt`],
      ["POST", "upload/resumable"],
    ] as [string, string, unknown?][]) {
      const answer = await ask(method, path, headers, body);
      const refusal = { statusCode: "403", error: "Unauthorized", message };
      expect([answer.status, await answer.json()], path).toEqual([400, refusal]);
    }
    expect((await files.list()).data?.map(({ name }) => name)).toEqual(["kept.txt"]);
  });

  it("is asked of nobody who reads what is public, and shows nothing else", async () => {
    await put(`${open}/a.txt`);
    await put(`${closed}/a.txt`);
    for (const way of ["object", "object/public", "object/info", "object/info/public"]) {
      expect((await ask("GET", `${way}/${open}/a.txt`, {})).status, way).toBe(200);
      expect(await (await ask("GET", `${way}/${closed}/a.txt`, {})).json(), way).toMatchObject({ statusCode: "404" });
    }
    // The public address is of public files, whoever asks.
    expect((await ask("GET", `object/info/public/${closed}/a.txt`)).status).toBe(400);
  });
});

describe("a signed address", () => {
  it("serves what it was signed for", async () => {
    await put(`${closed}/scope.txt`);
    const { data: down } = await files.createSignedUrl("scope.txt", 60);
    const { data: up } = await files.createSignedUploadUrl("scope.txt", { upsert: true });
    const downToken = new URL(down?.signedUrl ?? "").searchParams.get("token");
    const wrong = [
      [await ask("PUT", `object/upload/sign/${closed}/scope.txt?token=${downToken}`, {}), "upload"],
      [await ask("GET", `object/sign/${closed}/scope.txt?token=${up?.token}`, {}), "download"],
    ] as const;
    for (const [answer, intent] of wrong) {
      const refusal = { error: "InvalidSignature", message: `Token is not scoped for ${intent}` };
      expect([answer.status, await answer.json()]).toEqual([400, { statusCode: "400", ...refusal }]);
    }
    const other = await ask("PUT", `object/upload/sign/${closed}/other.txt?token=${up?.token}`, {});
    expect([other.status, await other.json()]).toMatchObject([400, { message: "Invalid signature" }]);
  });

  it("keeps for how long the file may be kept", async () => {
    const { data } = await files.createSignedUploadUrl("kept-long.txt");
    await files.uploadToSignedUrl("kept-long.txt", data?.token ?? "", Buffer.from("x"), { cacheControl: "77" });
    expect((await files.info("kept-long.txt")).data?.cacheControl).toBe("max-age=77");
  });

  it("takes an upload in parts, of whoever has it", async () => {
    const base = `${stack.apiUrl}/storage/v1/upload/resumable/sign`;
    const { data } = await files.createSignedUploadUrl("parts.txt");
    const send = (url: string, method: string, headers: Record<string, string>, signature = data?.token ?? "") =>
      fetch(url, {
        method,
        headers: { "Tus-Resumable": "1.0.0", "X-Signature": signature, ...headers },
        ...(method === "PATCH" ? { body: "abc" } : {}),
      });
    const begin = (name: string, length: number, signature?: string) => {
      const pairs = Object.entries({ bucketName: closed, objectName: name, contentType: "text/plain" });
      const metadata = pairs.map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`).join();
      return send(base, "POST", { "Upload-Length": String(length), "Upload-Metadata": metadata }, signature);
    };
    expect((await begin("other.txt", 3)).status).toBe(400);
    expect((await begin("parts.txt", 3, "no-token")).status).toBe(400);
    const large = await begin("parts.txt", 101);
    expect([large.status, await large.text()]).toEqual([413, "Maximum size exceeded"]);
    const place = new URL((await begin("parts.txt", 3)).headers.get("location") ?? "", base).href;
    const part = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0" };
    expect((await send(place, "PATCH", part, "another")).status).toBe(404);
    expect((await send(place.replace("/sign/", "/"), "PATCH", { ...part, ...service })).status).toBe(404);
    const early = await send(place, "PATCH", { ...part, "Upload-Offset": "1" });
    expect([early.status, await early.text()]).toEqual([409, "Upload-Offset conflict"]);
    expect((await send(place, "PATCH", part)).status).toBe(204);
    expect(await (await files.download("parts.txt")).data?.text()).toBe("abc");
  });
});

describe("a copy", () => {
  const copied = async (name: string, body: object, own?: object) => {
    const metadata = own && Buffer.from(JSON.stringify(own)).toString("base64");
    const headers = { ...service, "x-upsert": "true", ...(metadata ? { "x-metadata": metadata } : {}) };
    const request = { bucketId: closed, sourceKey: "original.txt", destinationKey: name, ...body };
    const answer = await ask("POST", "object/copy", headers, request);
    return { status: answer.status, told: await answer.json(), info: (await files.info(name)).data };
  };

  beforeAll(async () => {
    const own = Buffer.from(JSON.stringify({ call: "monday" })).toString("base64");
    await put(`${closed}/original.txt`, "x", { "Cache-Control": "max-age=60", "x-metadata": own, "x-upsert": "true" });
  });

  it("is told of as its original", async () => {
    const { told, info } = await copied("same.txt", {});
    expect(told).toMatchObject({ Id: info?.id, Key: `${closed}/same.txt`, name: "same.txt", bucket_id: closed });
    expect(info).toMatchObject({ cacheControl: "max-age=60", metadata: { call: "monday" } });
  });

  it("or otherwise, where that is asked for, in its headers too", async () => {
    const body = { copyMetadata: false, metadata: { cacheControl: "max-age=77" } };
    const { info } = await copied("otherwise.txt", body, { call: "tuesday" });
    expect(info).toMatchObject({
      cacheControl: "max-age=77",
      contentType: "text/plain",
      metadata: { call: "tuesday" },
    });
    expect((await ask("GET", `object/${closed}/otherwise.txt`)).headers.get("cache-control")).toBe("max-age=77");
    expect((await files.info("original.txt")).data?.metadata).toEqual({ call: "monday" });
  });

  it("over itself changes what is told of a file", async () => {
    await copied("self.txt", {});
    const body = { sourceKey: "self.txt", copyMetadata: false, metadata: { cacheControl: "no-store" } };
    expect((await copied("self.txt", body)).info).toMatchObject({ cacheControl: "no-store", metadata: {} });
    expect(await (await files.download("self.txt")).data?.text()).toBe("x");
  });

  it("takes nothing that would end a header", async () => {
    const body = { copyMetadata: false, metadata: { cacheControl: "x\r\nSet-Cookie: y" } };
    expect((await copied("header.txt", body)).status).toBe(400);
    expect((await files.exists("header.txt")).data).toBe(false);
  });
});

describe("a file", () => {
  const name = "special file @+$,;=?&:.txt";

  it("is called as it was named, however its address is escaped", async () => {
    expect(await (await put(`${closed}/special/${encodeURIComponent(name)}`)).json()).toMatchObject({
      Key: `${closed}/special/${name}`,
    });
    expect((await files.list("special")).data?.map((file) => file.name)).toEqual([name]);
    const path = `${closed}/special/${encodeURIComponent(name)}`;
    expect(await (await ask("GET", `object/authenticated/${path}`)).text()).toBe("x");
    const signed = await ask("POST", `object/sign/${path}`, service, { expiresIn: 60 });
    const { signedURL } = (await signed.json()) as { signedURL: string };
    expect(await (await ask("GET", signedURL.slice(1), {})).text()).toBe("x");
  });

  it("is removed by its own address, once", async () => {
    await put(`${closed}/once.txt`);
    const gone = await ask("DELETE", `object/${closed}/once.txt`);
    expect([gone.status, await gone.json()]).toEqual([200, { message: "Successfully deleted" }]);
    const again = await ask("DELETE", `object/${closed}/once.txt`);
    expect([again.status, await again.json()]).toMatchObject([400, { statusCode: "404", error: "not_found" }]);
  });

  it("has its headers at the address of its properties", async () => {
    await put(`${closed}/head.txt`);
    const there = await ask("HEAD", `object/info/${closed}/head.txt`);
    expect([there.status, there.headers.get("content-length")]).toEqual([200, "1"]);
    expect(there.headers.get("etag")).toMatch(/^"[\da-f]{32}"$/);
    expect((await ask("HEAD", `object/info/${closed}/missing.txt`)).status).toBe(400);
  });
});

it("the service says that it is there, and of what version", async () => {
  expect((await ask("GET", "status", {})).status).toBe(200);
  expect((await (await ask("GET", "version", {})).text()).length).toBeGreaterThan(0);
});
