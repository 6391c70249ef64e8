import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newAccount } from "../support/accounts.ts";
import { anonClient, db, serviceClient, stack } from "../support/stack.ts";

// One private bucket, in which each person may read and write the folder that is called by the own id.
const bucket = `test-${randomUUID()}`;
const policy = `own folder of ${bucket}`;
const sql = db();
const admin = serviceClient();
const text = (content: string) => new Blob([content], { type: "text/plain" });

beforeAll(async () => {
  await admin.storage.createBucket(bucket, { public: false });
  const own = `bucket_id = '${bucket}' and (storage.foldername(name))[1] = (select auth.uid())::text`;
  await sql.unsafe(
    `create policy "${policy}" on storage.objects for all to authenticated using (${own}) with check (${own})`,
  );
});

afterAll(async () => {
  await sql`drop policy ${sql(policy)} on storage.objects`;
  await admin.storage.emptyBucket(bucket);
  await admin.storage.deleteBucket(bucket);
});

/** Puts a file there with the secret key. */
async function given(path: string, content: string): Promise<void> {
  const { error } = await admin.storage.from(bucket).upload(path, text(content));
  if (error) throw error;
}

describe("files", () => {
  it("come back as they went in", async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
    await admin.storage.from(bucket).upload("bytes.mp3", bytes, { contentType: "audio/mpeg" });
    const { data } = await admin.storage.from(bucket).download("bytes.mp3");
    expect(data?.type).toBe("audio/mpeg");
    expect(bytes.equals(new Uint8Array((await data?.arrayBuffer()) ?? []))).toBe(true);
  });

  it("keep names with spaces", async () => {
    await given("appels/lundi a Lyon (1).txt", "bonjour");
    const { data } = await admin.storage.from(bucket).download("appels/lundi a Lyon (1).txt");
    expect(await data?.text()).toBe("bonjour");
  });

  it("are listed folder by folder", async () => {
    await given("list/a.txt", "a");
    await given("list/deep/b.txt", "b");
    const { data } = await admin.storage.from(bucket).list("list");
    expect(data?.map(({ name, id }) => [name, id !== null])).toEqual([
      ["deep", false],
      ["a.txt", true],
    ]);
  });

  it("are not overwritten unless asked so", async () => {
    await given("once.txt", "first");
    expect((await admin.storage.from(bucket).upload("once.txt", text("second"))).error).not.toBeNull();
    await admin.storage.from(bucket).upload("once.txt", text("third"), { upsert: true });
    expect(await (await admin.storage.from(bucket).download("once.txt")).data?.text()).toBe("third");
  });

  it("move, copy and go", async () => {
    await given("from.txt", "content");
    await admin.storage.from(bucket).move("from.txt", "moved.txt");
    const copied = await admin.storage.from(bucket).copy("moved.txt", "copied.txt");
    expect(copied.data?.path).toBe(`${bucket}/copied.txt`);
    await admin.storage.from(bucket).remove(["moved.txt"]);
    expect((await admin.storage.from(bucket).download("moved.txt")).error).not.toBeNull();
    expect(await (await admin.storage.from(bucket).download("copied.txt")).data?.text()).toBe("content");
  });

  it("are refused above the bucket's limit, whoever sends them and however", async () => {
    const small = `small-${randomUUID()}`;
    await admin.storage.createBucket(small, { public: false, fileSizeLimit: "1KB" });
    const files = admin.storage.from(small);
    expect((await files.upload("form.txt", text("x".repeat(2000)))).error?.message).toBe(
      "The object exceeded the maximum allowed size",
    );
    expect((await files.upload("bytes.txt", Buffer.alloc(5_000_000))).error?.message).toBe(
      "The object exceeded the maximum allowed size",
    );
    expect((await files.upload("fits.txt", text("x".repeat(900)))).error).toBeNull();
    await admin.storage.emptyBucket(small);
    await admin.storage.deleteBucket(small);
  });

  it("stay inside the folder of the stack, whatever their name", async () => {
    const headers = { apikey: stack.secretKey, "Content-Type": "text/plain" };
    const url = `${stack.apiUrl}/storage/v1/object/${bucket}/..%2F..%2Fescaped.txt`;
    const answer = await fetch(url, { method: "POST", headers, body: "x" });
    expect(answer.status).toBe(400);
  });
});

describe("a signed URL", () => {
  const sign = async (path: string, seconds: number) => {
    const { data } = await admin.storage.from(bucket).createSignedUrl(path, seconds);
    return data?.signedUrl ?? "";
  };

  it("opens one file for whoever has it", async () => {
    await given("signed.txt", "for you");
    const answer = await fetch(await sign("signed.txt", 60));
    expect([answer.status, await answer.text()]).toEqual([200, "for you"]);
  });

  it("gives a part of the file to a player that seeks", async () => {
    await given("seek.txt", "0123456789");
    const answer = await fetch(await sign("seek.txt", 60), { headers: { Range: "bytes=2-4" } });
    expect([answer.status, answer.headers.get("content-range"), await answer.text()]).toEqual([
      206,
      "bytes 2-4/10",
      "234",
    ]);
  });

  it("names the file that a browser saves", async () => {
    await given("report.txt", "figures");
    const { data } = await admin.storage.from(bucket).createSignedUrl("report.txt", 60, { download: "rapport.txt" });
    const answer = await fetch(data?.signedUrl ?? "");
    expect(answer.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''rapport.txt");
  });

  it("is refused once it has expired", async () => {
    await given("short.txt", "gone soon");
    const url = await sign("short.txt", 1);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const answer = await fetch(url);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: "InvalidJWT" });
  });

  it("opens no other file", async () => {
    await given("mine.txt", "mine");
    await given("other.txt", "other");
    const answer = await fetch((await sign("mine.txt", 60)).replace("mine.txt", "other.txt"));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.text()).not.toBe("other");
  });

  it("is no token for anything else, even where the file is called by a person's id", async () => {
    const { id } = await newAccount();
    await given(id, "trap");
    const token = new URL(await sign(id, 60)).searchParams.get("token");
    const headers = { apikey: stack.publishableKey, Authorization: `Bearer ${token}` };
    expect((await fetch(`${stack.apiUrl}/auth/v1/user`, { headers })).status).toBe(403);
    expect((await fetch(`${stack.apiUrl}/rest/v1/`, { headers })).status).toBe(401);
  });

  it("comes for several files at once", async () => {
    await given("several.txt", "one of them");
    const { data } = await admin.storage.from(bucket).createSignedUrls(["several.txt", "missing.txt"], 60);
    expect(data?.map(({ path, error }) => [path, error === null])).toEqual([
      ["several.txt", true],
      ["missing.txt", false],
    ]);
    expect(await (await fetch(data?.[0]?.signedUrl ?? "")).text()).toBe("one of them");
  });

  it("takes an upload from someone who may not upload otherwise", async () => {
    const { data } = await admin.storage.from(bucket).createSignedUploadUrl("received.txt");
    await anonClient()
      .storage.from(bucket)
      .uploadToSignedUrl("received.txt", data?.token ?? "", text("sent"));
    expect(await (await admin.storage.from(bucket).download("received.txt")).data?.text()).toBe("sent");
  });
});

describe("row-level security", () => {
  it("lets a person read and write the own folder", async () => {
    const { client, id } = await newAccount();
    expect((await client.storage.from(bucket).upload(`${id}/note.txt`, text("own"))).error).toBeNull();
    expect(await (await client.storage.from(bucket).download(`${id}/note.txt`)).data?.text()).toBe("own");
    expect((await client.storage.from(bucket).createSignedUrl(`${id}/note.txt`, 60)).error).toBeNull();
  });

  it("shows another person neither the file nor that it exists", async () => {
    const owner = await newAccount();
    await owner.client.storage.from(bucket).upload(`${owner.id}/secret.txt`, text("secret"));
    for (const client of [(await newAccount()).client, anonClient()]) {
      const files = client.storage.from(bucket);
      expect((await files.download(`${owner.id}/secret.txt`)).error).not.toBeNull();
      expect((await files.createSignedUrl(`${owner.id}/secret.txt`, 60)).error).not.toBeNull();
      expect((await files.list(owner.id)).data).toEqual([]);
    }
  });

  it("refuses to write, replace or remove in another person's folder, and changes nothing", async () => {
    const owner = await newAccount();
    const path = `${owner.id}/kept.txt`;
    await owner.client.storage.from(bucket).upload(path, text("kept"));
    const { client } = await newAccount();
    const files = client.storage.from(bucket);
    expect((await files.upload(`${owner.id}/new.txt`, text("x"))).error?.message).toContain("row-level security");
    expect((await files.upload(path, text("x"), { upsert: true })).error).not.toBeNull();
    expect((await files.remove([path])).data).toEqual([]);
    const { data } = await owner.client.storage.from(bucket).list(owner.id);
    expect(data?.map(({ name }) => name)).toEqual(["kept.txt"]);
    expect(await (await owner.client.storage.from(bucket).download(path)).data?.text()).toBe("kept");
  });

  it("lets nobody but the secret key make a bucket", async () => {
    const { client } = await newAccount();
    expect((await client.storage.createBucket(`stray-${randomUUID()}`)).error).not.toBeNull();
  });
});

describe("the services", () => {
  it("grant the API's roles nothing that the project has not granted", async () => {
    const schema = `test_${randomUUID().replaceAll("-", "")}`;
    await sql.unsafe(`create schema ${schema}; create table ${schema}.hidden (id int);
      alter table ${schema}.hidden enable row level security`);
    try {
      const { client, id } = await newAccount();
      await client.storage.from(bucket).upload(`${id}/x.txt`, text("x"));
      const [rights] = await sql`
        select has_schema_privilege('anon', ${schema}, 'usage') as schema,
          has_table_privilege('authenticated', ${`${schema}.hidden`}, 'select') as table`;
      expect(rights).toEqual({ schema: false, table: false });
    } finally {
      await sql.unsafe(`drop schema ${schema} cascade`);
    }
  });
});
