import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newAccount } from "../support/accounts.ts";
import { anonClient, db, serviceClient, stack } from "../support/stack.ts";

// What the official client reads of Storage's answers, as a hosted project gives them.
const bucket = `client-${randomUUID()}`;
const other = `other-${randomUUID()}`;
const policy = `own folder of ${bucket}`;
const { storage } = serviceClient();
const files = storage.from(bucket);
const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const text = (content: string) => new Blob([content], { type: "text/plain" });

beforeAll(async () => {
  await storage.createBucket(bucket, { public: false });
  await storage.createBucket(other, { public: true });
  const own = `bucket_id = '${bucket}' and (storage.foldername(name))[1] = (select auth.uid())::text`;
  await db().unsafe(
    `create policy "${policy}" on storage.objects for all to authenticated using (${own}) with check (${own})`,
  );
});

afterAll(async () => {
  await db()`drop policy ${db()(policy)} on storage.objects`;
  for (const each of [bucket, other]) {
    await storage.emptyBucket(each);
    await storage.deleteBucket(each);
  }
});

async function given(path: string, content: string, metadata?: Record<string, unknown>): Promise<void> {
  const { error } = await files.upload(path, text(content), { upsert: true, ...(metadata ? { metadata } : {}) });
  if (error) throw error;
}

const get = (path: string, headers: Record<string, string>) =>
  fetch(`${stack.apiUrl}/storage/v1/object/${bucket}/${path}`, { headers: { apikey: stack.secretKey, ...headers } });

describe("a file's own properties", () => {
  it.each([
    ["in a form", text("x")],
    ["in a header", Buffer.from("x")],
  ])("come with an upload %s, and are replaced with the file", async (_, body) => {
    const path = `${randomUUID()}.txt`;
    const options = { contentType: "text/plain", cacheControl: "60" };
    await files.upload(path, body, { ...options, metadata: { appel: "lundi", n: 1 } });
    const { data } = await files.info(path);
    expect(data).toEqual({
      id: expect.any(String),
      name: path,
      version: expect.any(String),
      bucketId: bucket,
      size: 1,
      contentType: "text/plain",
      cacheControl: "max-age=60",
      etag: expect.stringMatching(/^"[\da-f]{32}"$/),
      metadata: { appel: "lundi", n: 1 },
      lastModified: expect.stringMatching(isoDate),
      createdAt: expect.stringMatching(isoDate),
    });
    await files.update(path, body, options);
    expect((await files.info(path)).data?.metadata).toEqual({});
  });

  it("come by a signed address too, and stay with a copy", async () => {
    const path = `${randomUUID()}.txt`;
    const { data } = await files.createSignedUploadUrl(path);
    const sent = await files.uploadToSignedUrl(path, data?.token ?? "", text("x"), { metadata: { appel: "mardi" } });
    expect(sent.data).toEqual({ path, fullPath: `${bucket}/${path}` });
    await files.copy(path, `${path}.copy`);
    expect((await files.info(`${path}.copy`)).data?.metadata).toEqual({ appel: "mardi" });
  });

  it("are refused where they are no object, and nothing is kept", async () => {
    const path = `${randomUUID()}.txt`;
    for (const metadata of ["no base64 of JSON", Buffer.from("[1]").toString("base64")]) {
      const { error } = await files.upload(path, Buffer.from("x"), { headers: { "x-metadata": metadata } });
      expect(error).toMatchObject({ status: 400, statusCode: "400" });
    }
    expect((await files.exists(path)).data).toBe(false);
  });
});

describe("listV2", () => {
  const suffixes = ["d", "B", "a", "e", "c"];
  const folder = randomUUID();

  beforeAll(async () => {
    for (const suffix of suffixes) await given(`${folder}/${suffix}`, suffix);
    for (const name of ["deep/1", "deep/2", "deep/er/3"]) await given(`${folder}/${name}`, name);
  });

  it("tells folders from files, by their whole names", async () => {
    const { data } = await files.listV2({ prefix: `${folder}/`, with_delimiter: true });
    expect(data).toMatchObject({ hasNext: false, folders: [{ name: `${folder}/deep/`, key: `${folder}/deep` }] });
    expect(data?.objects.map(({ name }) => name)).toEqual(["B", "a", "c", "d", "e"].map((name) => `${folder}/${name}`));
    expect(data?.objects[0]).toMatchObject({ id: expect.any(String), created_at: expect.stringMatching(isoDate) });
  });

  it("goes to any depth without a delimiter", async () => {
    const { data } = await files.listV2({ prefix: `${folder}/deep` });
    expect([data?.folders, data?.objects.map(({ name }) => name.slice(folder.length + 1))]).toEqual([
      [],
      ["deep/1", "deep/2", "deep/er/3"],
    ]);
  });

  it.each([
    [{ column: "name", order: "asc" }, ["B", "a", "c", "d", "deep/", "e"]],
    [{ column: "name", order: "desc" }, ["e", "deep/", "d", "c", "a", "B"]],
    [{ column: "created_at", order: "asc" }, [...suffixes, "deep/"]],
    [{ column: "created_at", order: "desc" }, ["deep/", ...[...suffixes].reverse()]],
  ] as const)("goes on where a page ended, in the order of %j", async (sortBy, expected) => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { data } = await files.listV2({
        prefix: `${folder}/`,
        with_delimiter: true,
        limit: 2,
        sortBy,
        ...(cursor ? { cursor } : {}),
      });
      const page = [...(data?.folders ?? []), ...(data?.objects ?? [])].map(({ name }) =>
        name.slice(folder.length + 1),
      );
      // A page has its folders by themselves; which of its two entries comes first is told by the order asked for.
      seen.push(...page.sort((a, b) => expected.indexOf(a as never) - expected.indexOf(b as never)));
      cursor = data?.nextCursor;
    } while (cursor);
    expect(seen).toEqual(expected);
  });

  it("shows each person the own folder, and strangers nothing", async () => {
    const { client, id } = await newAccount();
    await given(`${id}/mine.txt`, "x");
    expect((await client.storage.from(bucket).listV2()).data?.objects.map(({ name }) => name)).toEqual([
      `${id}/mine.txt`,
    ]);
    expect((await anonClient().storage.from(bucket).listV2()).data).toEqual({
      hasNext: false,
      folders: [],
      objects: [],
    });
  });

  it.each([{ limit: 0 }, { cursor: "none of ours" }, { sortBy: { column: "owner" } }])("refuses %j", async (odd) => {
    expect((await files.listV2(odd as never)).error).toMatchObject({ status: 400, statusCode: "400" });
  });
});

describe("a file that one has already", () => {
  it("is not sent again while it is the same", async () => {
    await given("known.txt", "first");
    const etag = (await get("known.txt", {})).headers.get("etag") ?? "";
    for (const tags of [etag, `"other", W/${etag}`, "*"]) {
      const answer = await get("known.txt", { "If-None-Match": tags });
      expect([answer.status, answer.headers.get("etag"), await answer.text()]).toEqual([304, etag, ""]);
    }
    await given("known.txt", "second");
    const answer = await get("known.txt", { "If-None-Match": etag });
    expect([answer.status, await answer.text()]).toEqual([200, "second"]);
  });

  it("nor before it has changed since", async () => {
    await given("since.txt", "x");
    const since = (await get("since.txt", {})).headers.get("last-modified") ?? "";
    expect((await get("since.txt", { "If-Modified-Since": since })).status).toBe(304);
    expect((await get("since.txt", { "If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT" })).status).toBe(200);
  });

  it("and to one who may not see it nothing is said of it", async () => {
    await given("hidden.txt", "x");
    const headers = { apikey: stack.publishableKey, "If-None-Match": "*" };
    expect((await get("hidden.txt", headers)).status).toBe(400);
  });
});

describe("names", () => {
  it.each(["é.txt", "a<b.txt", "a[1].txt", "a~b.txt", "日本.txt", "a|b", "^", "`"])(
    "of files: not %s",
    async (name) => {
      const refusal = { status: 400, statusCode: "400", message: `Invalid key: ${name}` };
      expect((await files.upload(name, text("x"))).error).toMatchObject(refusal);
      expect((await files.createSignedUploadUrl(name)).error).toMatchObject(refusal);
      await given("source.txt", "x");
      expect((await files.copy("source.txt", name)).error).toMatchObject(refusal);
      expect((await files.move("source.txt", name)).error).toMatchObject(refusal);
      expect((await files.exists("source.txt")).data).toBe(true);
    },
  );

  it("of files: all signs that a hosted project takes", async () => {
    const name = "Az09_/!.*'() &$=@;:+,-.txt";
    await given(name, "x");
    expect((await files.info(name)).data?.name).toBe(name);
  });

  it.each(["a/b", "é", "x".repeat(101), ""])("of buckets: not %j", async (name) => {
    expect((await storage.createBucket(name)).error).toMatchObject({ status: 400, message: "Bucket name invalid" });
  });
});

describe("answers", () => {
  it("say where an upload is", async () => {
    const { data } = await files.upload("/where//it/is.txt", text("x"));
    expect(data).toEqual({ id: expect.any(String), path: "where/it/is.txt", fullPath: `${bucket}/where/it/is.txt` });
  });

  it("move and copy between buckets", async () => {
    await given("between.txt", "x");
    expect((await files.copy("between.txt", "copied.txt", { destinationBucket: other })).data).toEqual({
      path: `${other}/copied.txt`,
    });
    expect((await files.move("between.txt", "moved.txt", { destinationBucket: other })).data?.message).toBe(
      "Successfully moved",
    );
    expect((await files.exists("between.txt")).data).toBe(false);
    const { data } = await storage.from(other).list();
    expect(data?.map(({ name }) => name)).toEqual(["copied.txt", "moved.txt"]);
  });

  it("of removed files have dates", async () => {
    await given("gone.txt", "x");
    const { data } = await files.remove(["gone.txt"]);
    expect(data).toMatchObject([{ name: "gone.txt", created_at: expect.stringMatching(isoDate) }]);
  });

  it("give an image as it is, whatever size is asked for", async () => {
    await given("image.png", "pixels");
    const asked = { transform: { width: 10, height: 10 } };
    expect(await (await files.download("image.png", asked)).data?.text()).toBe("pixels");
    await files.copy("image.png", "image.png", { destinationBucket: other });
    const { publicUrl } = storage.from(other).getPublicUrl("image.png", asked).data;
    expect(await (await fetch(publicUrl)).text()).toBe("pixels");
    const { data } = await files.createSignedUrl("image.png", 60, asked);
    expect(await (await fetch(data?.signedUrl ?? "")).text()).toBe("pixels");
    expect((await anonClient().storage.from(bucket).download("image.png", asked)).error).not.toBeNull();
  });

  it("sign no address that is over at once", async () => {
    await given("brief.txt", "x");
    for (const seconds of [0, -1, 0.5]) {
      expect((await files.createSignedUrl("brief.txt", seconds)).error).toMatchObject({ status: 400 });
      expect((await files.createSignedUrls(["brief.txt"], seconds)).error).toMatchObject({ status: 400 });
    }
  });

  it("refuse as the client expects it", async () => {
    await given("there.txt", "x");
    const refusals = [
      [await files.upload("there.txt", text("y")), "409", "The resource already exists"],
      [await files.download("missing.txt"), "404", "Object not found"],
      [await storage.from("no-bucket").upload("x.txt", text("x")), "404", "Bucket not found"],
      [await storage.getBucket("no-bucket"), "404", "Bucket not found"],
      [await storage.createBucket(bucket), "409", "The resource already exists"],
      [await storage.deleteBucket(bucket), "409", "The bucket you tried to delete is not empty"],
    ] as const;
    for (const [{ error }, statusCode, message] of refusals)
      expect(error).toMatchObject({ status: 400, statusCode, message });
  });
});

describe("buckets", () => {
  it("are told with dates, and found by their names", async () => {
    const { data } = await storage.listBuckets({ search: other.slice(0, 20), limit: 1 });
    expect(data).toEqual([
      {
        id: other,
        name: other,
        owner: "",
        public: true,
        type: "STANDARD",
        file_size_limit: null,
        allowed_mime_types: null,
        created_at: expect.stringMatching(isoDate),
        updated_at: expect.stringMatching(isoDate),
      },
    ]);
    const { type: _, ...shown } = data?.[0] ?? {};
    expect((await storage.getBucket(other)).data).toEqual(shown);
    const sorted = await storage.listBuckets({ sortColumn: "name", sortOrder: "desc", offset: 1 });
    const names = sorted.data?.map(({ name }) => name) ?? [];
    expect(names).toEqual([...names].sort().reverse());
  });

  it("lose a bound by null, and keep it by nothing", async () => {
    const name = `bound-${randomUUID()}`;
    await storage.createBucket(name, { public: false, fileSizeLimit: "1MB", allowedMimeTypes: ["text/plain"] });
    await storage.updateBucket(name, { public: true });
    expect((await storage.getBucket(name)).data).toMatchObject({ public: true, file_size_limit: 1_000_000 });
    await storage.updateBucket(name, { public: false, fileSizeLimit: null, allowedMimeTypes: null });
    expect((await storage.getBucket(name)).data).toMatchObject({ file_size_limit: null, allowed_mime_types: null });
    await storage.deleteBucket(name);
  });

  it("are nobody's to see but who may", async () => {
    expect((await anonClient().storage.listBuckets()).data).toEqual([]);
    expect((await anonClient().storage.getBucket(bucket)).error).toMatchObject({ status: 400, statusCode: "404" });
    const { client } = await newAccount();
    const { error } = await client.storage.updateBucket(bucket, { public: true, fileSizeLimit: null });
    expect(error).toMatchObject({ status: 400, statusCode: "404" });
  });
});
