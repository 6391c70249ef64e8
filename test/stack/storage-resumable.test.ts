import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newAccount } from "../support/accounts.ts";
import { db, serviceClient, stack } from "../support/stack.ts";

// Uploads in parts, by the requests that Supabase's documents show with tus-js-client.
const bucket = `parts-${randomUUID()}`;
const policy = `own folder of ${bucket}`;
const { storage } = serviceClient();
const files = storage.from(bucket);
const bytes = Buffer.from(Array.from({ length: 30_000 }, (_, i) => i % 251));

let me: Awaited<ReturnType<typeof newAccount>>;
let token: string;
const tokenOf = async ({ client }: typeof me) => (await client.auth.getSession()).data.session?.access_token ?? "";

beforeAll(async () => {
  await storage.createBucket(bucket, { public: false, fileSizeLimit: 50_000, allowedMimeTypes: ["audio/*"] });
  const own = `bucket_id = '${bucket}' and (storage.foldername(name))[1] = (select auth.uid())::text`;
  await db().unsafe(
    `create policy "${policy}" on storage.objects for all to authenticated using (${own}) with check (${own})`,
  );
  me = await newAccount();
  token = await tokenOf(me);
});

afterAll(async () => {
  await db()`drop policy ${db()(policy)} on storage.objects`;
  await storage.emptyBucket(bucket);
  await storage.deleteBucket(bucket);
});

const base = `${stack.apiUrl}/storage/v1/upload/resumable`;

function call(url: string, method: string, headers: Record<string, string>, body?: Uint8Array, as = token) {
  return fetch(url, {
    method,
    headers: {
      apikey: stack.publishableKey,
      Authorization: `Bearer ${as}`,
      "Tus-Resumable": "1.0.0",
      ...headers,
    },
    ...(body ? { body: body as BodyInit } : {}),
  });
}

function begin(metadata: Record<string, string>, length: number, more: Record<string, string> = {}, body?: Uint8Array) {
  const all = { bucketName: bucket, contentType: "audio/mpeg", cacheControl: "3600", ...metadata };
  const pairs = Object.entries(all).map(([name, value]) => `${name} ${Buffer.from(value).toString("base64")}`);
  const headers = { "Upload-Length": String(length), "Upload-Metadata": pairs.join(","), ...more };
  return call(base, "POST", headers, body);
}

const part = "application/offset+octet-stream";
const patch = (url: string, offset: number, body: Uint8Array, as?: string) =>
  call(url, "PATCH", { "Content-Type": part, "Upload-Offset": String(offset) }, body, as);
const placeOf = (answer: Response) => new URL(answer.headers.get("location") ?? "", base).href;
const mine = () => `${me.id}/${randomUUID()}.mp3`;

describe("a file in parts", () => {
  it("is there when the last one has come, with what was said of it", async () => {
    const path = mine();
    const begun = await begin({ objectName: path, metadata: JSON.stringify({ appel: "lundi" }) }, bytes.length);
    expect([begun.status, begun.headers.get("tus-resumable")]).toEqual([201, "1.0.0"]);
    const place = placeOf(begun);
    expect((await patch(place, 0, bytes.subarray(0, 10_000))).headers.get("upload-offset")).toBe("10000");
    expect((await files.exists(path)).data).toBe(false);
    const head = await call(place, "HEAD", {});
    expect([head.headers.get("upload-offset"), head.headers.get("upload-length")]).toEqual(["10000", "30000"]);
    expect((await patch(place, 10_000, bytes.subarray(10_000))).status).toBe(204);
    const { data } = await files.download(path);
    expect(bytes.equals(new Uint8Array((await data?.arrayBuffer()) ?? []))).toBe(true);
    expect((await files.info(path)).data).toMatchObject({
      contentType: "audio/mpeg",
      cacheControl: "max-age=3600",
      metadata: { appel: "lundi" },
    });
    expect((await call(place, "HEAD", {})).status).toBe(404);
  });

  it("may come whole with the beginning, as the official client sends it", async () => {
    const path = mine();
    const answer = await begin({ objectName: path }, bytes.length, { "Content-Type": part }, bytes);
    expect([answer.status, answer.headers.get("upload-offset")]).toEqual([201, "30000"]);
    expect((await files.info(path)).data?.size).toBe(30_000);
  });

  it("takes no part twice, none out of order, and no more than was said", async () => {
    const path = mine();
    const place = placeOf(await begin({ objectName: path }, 5));
    expect((await patch(place, 0, Buffer.from("abc"))).status).toBe(204);
    for (const offset of [0, 2, 4]) expect((await patch(place, offset, Buffer.from("x"))).status).toBe(409);
    expect((await patch(place, 3, Buffer.from("defgh"))).status).toBe(204);
    expect(await (await files.download(path)).data?.text()).toBe("abcde");
  });

  it("replaces another only where that was asked for", async () => {
    const path = mine();
    await files.upload(path, Buffer.from("old"), { contentType: "audio/mpeg" });
    expect((await begin({ objectName: path }, 3)).status).toBe(409);
    await begin({ objectName: path }, 3, { "x-upsert": "true", "Content-Type": part }, Buffer.from("new"));
    expect(await (await files.download(path)).data?.text()).toBe("new");
  });

  it("can be given up", async () => {
    const place = placeOf(await begin({ objectName: mine() }, 5));
    expect((await call(place, "DELETE", {})).status).toBe(204);
    expect((await patch(place, 0, Buffer.from("abc"))).status).toBe(404);
  });
});

describe("is refused before the first part", () => {
  it.each([
    ["in another's folder", { objectName: "another/x.mp3" }, 5, 403],
    ["of a kind that the bucket does not take", { contentType: "text/html" }, 5, 415],
    ["larger than the bucket takes", {}, 50_001, 413],
    ["by a name that no file may get", { objectName: "../x.mp3" }, 5, 400],
    ["with properties that are no object", { metadata: "[1]" }, 5, 400],
    ["with a header's end in what goes into one", { cacheControl: "1\r\nX: y" }, 5, 400],
    ["without a name", { objectName: "" }, 5, 400],
    ["without a length", {}, Number.NaN, 400],
  ] as const)("%s", async (_, metadata, length, status) => {
    expect((await begin({ objectName: mine(), ...metadata }, length)).status).toBe(status);
  });

  it("in a bucket that is not there or not seen, alike", async () => {
    const answers = await Promise.all(
      ["recordings", "no-bucket"].map(async (bucketName) => {
        const answer = await begin({ bucketName, objectName: "x.mp3" }, 5);
        return [answer.status, await answer.text()];
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
  });

  it("by another version of the protocol", async () => {
    expect((await begin({ objectName: mine() }, 5, { "Tus-Resumable": "0.2.2" })).status).toBe(412);
  });
});

it("is its beginner's alone, and his rights count to the end", async () => {
  const path = mine();
  const place = placeOf(await begin({ objectName: path }, 3));
  const other = await tokenOf(await newAccount());
  for (const method of ["HEAD", "DELETE"]) expect((await call(place, method, {}, undefined, other)).status).toBe(404);
  expect((await patch(place, 0, Buffer.from("abc"), other)).status).toBe(404);
  await db()`alter policy ${db()(policy)} on storage.objects with check (false)`;
  try {
    expect((await patch(place, 0, Buffer.from("abc"))).ok).toBe(false);
  } finally {
    const own = `bucket_id = '${bucket}' and (storage.foldername(name))[1] = (select auth.uid())::text`;
    await db().unsafe(`alter policy "${policy}" on storage.objects with check (${own})`);
  }
  expect((await files.exists(path)).data).toBe(false);
});
