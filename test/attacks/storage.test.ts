import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type People, signInPeople } from "../contract/leads/demo-people.ts";
import { db, serviceClient, stack } from "../support/stack.ts";

// What was tried against stored files, by everybody who is no operator: to learn which buckets there are, to leave one's
// folder, to have a page of one's own shown from the API's address, and to store what the bucket is not for.

const page = "<html><script>alert(document.domain)</script>";
const unknown = `no-bucket-${randomUUID()}`;
const open = `open-${randomUUID()}`;
const mine = `open/${randomUUID()}`;
const roles = ["anon", "stranger", "acheteur", "fournisseur", "agent"] as const;
const policy = `all of ${open}`;

let people: People;

beforeAll(async () => {
  people = await signInPeople();
  const admin = serviceClient().storage;
  await admin.createBucket(open, { public: false, allowedMimeTypes: ["audio/*", "text/plain"], fileSizeLimit: 1000 });
  await db().unsafe(`create policy "${policy}" on storage.objects for all to authenticated
    using (bucket_id = '${open}') with check (bucket_id = '${open}')`);
  await admin.from("recordings").upload(`${mine}.mp3`, "a call", { contentType: "audio/mpeg" });
});

afterAll(async () => {
  await db()`drop policy ${db()(policy)} on storage.objects`;
  await serviceClient()
    .storage.from("recordings")
    .remove([`${mine}.mp3`]);
  await serviceClient().storage.emptyBucket(open);
  await serviceClient().storage.deleteBucket(open);
});

type Ask = { method?: string; body?: BodyInit; type?: string; who?: (typeof roles)[number] | "admin" };

async function ask(path: string, { method = "GET", body, type, who = "anon" }: Ask = {}) {
  const answer = await fetch(`${stack.apiUrl}/storage/v1/${path}`, {
    method,
    headers: {
      apikey: stack.publishableKey,
      ...(who === "anon" ? {} : { Authorization: `Bearer ${people[who].token}` }),
      ...(body === undefined ? {} : { "Content-Type": type ?? "application/json" }),
    },
    ...(body === undefined ? {} : { body, duplex: "half" }),
  } as RequestInit);
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const json = (value: unknown) => JSON.stringify(value);

describe("a bucket that one may not see is as one that does not exist", () => {
  const probes: [what: string, ask: (bucket: string, file: string) => [path: string, ask: Ask]][] = [
    ["read its properties", (bucket) => [`bucket/${bucket}`, {}]],
    ["change it", (bucket) => [`bucket/${bucket}`, { method: "PUT", body: json({ public: true }) }]],
    ["empty it", (bucket) => [`bucket/${bucket}/empty`, { method: "POST", body: "{}" }]],
    ["remove it", (bucket) => [`bucket/${bucket}`, { method: "DELETE" }]],
    ["list it", (bucket) => [`object/list/${bucket}`, { method: "POST", body: json({ prefix: "" }) }]],
    ["list a folder of it", (bucket) => [`object/list/${bucket}`, { method: "POST", body: json({ prefix: "open" }) }]],
    ["read a file", (bucket, file) => [`object/${bucket}/${file}`, {}]],
    ["ask whether a file is there", (bucket, file) => [`object/${bucket}/${file}`, { method: "HEAD" }]],
    ["ask a file's properties", (bucket, file) => [`object/info/${bucket}/${file}`, {}]],
    ["read a file as a public one", (bucket, file) => [`object/public/${bucket}/${file}`, {}]],
    [
      "sign an address",
      (bucket, file) => [`object/sign/${bucket}/${file}`, { method: "POST", body: json({ expiresIn: 60 }) }],
    ],
    [
      "sign several addresses",
      (bucket, file) => [`object/sign/${bucket}`, { method: "POST", body: json({ expiresIn: 60, paths: [file] }) }],
    ],
    [
      "sign an address for an upload",
      (bucket, file) => [`object/upload/sign/${bucket}/${file}`, { method: "POST", body: "{}" }],
    ],
    [
      "put a file there",
      (bucket, file) => [`object/${bucket}/${file}`, { method: "POST", body: "x", type: "audio/mpeg" }],
    ],
    [
      "put a page there",
      (bucket, file) => [`object/${bucket}/${file}`, { method: "POST", body: page, type: "text/html" }],
    ],
    [
      "replace a file",
      (bucket, file) => [`object/${bucket}/${file}`, { method: "PUT", body: "x", type: "audio/mpeg" }],
    ],
    ["remove a file", (bucket, file) => [`object/${bucket}`, { method: "DELETE", body: json({ prefixes: [file] }) }]],
    ...(["copy", "move"] as const).map((verb): (typeof probes)[number] => [
      `${verb} a file out of it`,
      (bucket, sourceKey) => [
        `object/${verb}`,
        {
          method: "POST",
          body: json({ bucketId: bucket, sourceKey, destinationBucket: open, destinationKey: "got.mp3" }),
        },
      ],
    ]),
  ];

  test.each(probes)("%s", async (_, probe) => {
    for (const who of roles) {
      const [[path, sent], [otherPath, otherSent]] = [
        probe("recordings", `${mine}.mp3`),
        probe(unknown, `${mine}.mp3`),
      ];
      const [hidden, missing] = [await ask(path, { ...sent, who }), await ask(otherPath, { ...otherSent, who })];
      expect([hidden.status, hidden.text], who).toEqual([missing.status, missing.text]);
      expect(hidden.text).not.toContain("a call");
    }
    expect((await serviceClient().storage.from("recordings").exists(`${mine}.mp3`)).data).toBe(true);
  });

  test.each(["bucket/recordings", `object/recordings/${mine}.mp3`, `object/info/recordings/${mine}.mp3`])(
    "GET %s finds nothing",
    async (path) => {
      for (const who of roles) expect(JSON.parse((await ask(path, { who })).text)).toMatchObject({ statusCode: "404" });
    },
  );

  test("and removing it finds nothing", async () => {
    for (const who of roles) {
      const { text } = await ask("bucket/recordings", { method: "DELETE", who });
      expect(JSON.parse(text)).toMatchObject({ statusCode: "404" });
    }
  });
});

describe("a bucket takes its kinds alone", () => {
  const put = (name: string, type: string, body: BodyInit = "x") =>
    ask(`object/${open}/${name}`, { method: "POST", who: "acheteur", body, type });

  test.each([
    "text/html",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/html; charset=utf-8",
    "TEXT/HTML",
    "application/octet-stream",
    "audio",
    "audio/",
    "",
  ])("not %s", async (type) => {
    const { status, text } = await put(`${randomUUID()}.mp3`, type, page);
    expect([status, JSON.parse(text)]).toEqual([
      400,
      expect.objectContaining({ statusCode: "415", error: "invalid_mime_type" }),
    ]);
  });

  test("nor a page in a form, whatever the form calls it", async () => {
    const form = new FormData();
    form.set("", new File([page], "x.mp3", { type: "text/html" }));
    const answer = await fetch(`${stack.apiUrl}/storage/v1/object/${open}/${randomUUID()}`, {
      method: "POST",
      headers: { apikey: stack.publishableKey, Authorization: `Bearer ${people.acheteur.token}` },
      body: form,
    });
    expect(await answer.json()).toMatchObject({ statusCode: "415" });
  });

  test("nor by an address that was signed for a sound", async () => {
    const files = people.acheteur.client.storage.from(open);
    const { data } = await files.createSignedUploadUrl(`${randomUUID()}.mp3`);
    const { path = "", token = "" } = data ?? {};
    expect((await files.uploadToSignedUrl(path, token, page, { contentType: "text/html" })).error?.message).toContain(
      "text/html",
    );
    expect((await files.uploadToSignedUrl(path, token, "sound", { contentType: "audio/ogg" })).error).toBeNull();
    expect((await files.download(path)).data?.type).toBe("audio/ogg");
  });

  test("a browser's recording, and its kind is kept without what the recorder adds", async () => {
    const name = `${randomUUID()}.webm`;
    expect((await put(name, "audio/webm;codecs=opus")).status).toBe(200);
    const { data } = await people.acheteur.client.storage.from(open).info(name);
    expect(data?.contentType).toBe("audio/webm");
  });

  test("nor what is larger, with a length or without one", async () => {
    for (const body of [new Uint8Array(1001), new Blob([new Uint8Array(4_000_000)]).stream()]) {
      const { status, text } = await put(`${randomUUID()}.mp3`, "audio/mpeg", body as BodyInit);
      expect([status, JSON.parse(text).statusCode]).toEqual([400, "413"]);
    }
    expect((await put(`${randomUUID()}.mp3`, "audio/mpeg", new Uint8Array(1000))).status).toBe(200);
  });

  test("recordings take sounds, imports the formats of files, and neither is public", async () => {
    const buckets =
      await db()`select id, public, file_size_limit::int as size, allowed_mime_types as types from storage.buckets
      where id in ('recordings', 'imports') order by id`;
    expect([...buckets]).toEqual([
      {
        id: "imports",
        public: false,
        size: 52428800,
        types: ["text/csv", "application/vnd.ms-excel", "application/zip", "application/gzip"],
      },
      { id: "recordings", public: false, size: 52428800, types: ["audio/*"] },
    ]);
  });
});

describe("no name leads out of its folder", () => {
  const names = [
    "..%2Fx",
    "a%2F..%2Fx",
    "%2e%2e%2fx",
    "a%2F%2Fb",
    "a//b",
    "a%00b",
    "a%0d%0aSet-Cookie:x",
    "..%5Cx",
    "%ff",
    "a/",
    "x".repeat(1100),
  ];

  test.each(names)("not %s", async (name) => {
    for (const [path, sent] of [
      [`object/${open}/${name}`, { method: "POST", body: "x", type: "text/plain" }],
      [`object/${open}/${name}`, {}],
      [`object/info/${open}/${name}`, {}],
      [`object/sign/${open}/${name}`, { method: "POST", body: json({ expiresIn: 60 }) }],
      [`object/upload/sign/${open}/${name}`, { method: "POST", body: "{}" }],
    ] as [string, Ask][]) {
      expect((await ask(path, { ...sent, who: "acheteur" })).status, path).toBe(400);
    }
  });

  test.each(["../x", "a//b", "a\0b", "a\\b", "x".repeat(1100)])("nor in a body: %j", async (name) => {
    for (const [path, sent] of [
      ["object/copy", { method: "POST", body: json({ bucketId: open, sourceKey: "a", destinationKey: name }) }],
      ["object/move", { method: "POST", body: json({ bucketId: open, sourceKey: name, destinationKey: "a" }) }],
      [`object/${open}`, { method: "DELETE", body: json({ prefixes: [name] }) }],
    ] as [string, Ask][]) {
      expect((await ask(path, { ...sent, who: "acheteur" })).status, path).toBe(400);
    }
  });

  test.each(["a\0b", "x".repeat(2000)])("nor asked for as a folder: %j", async (prefix) => {
    const body = json({ prefix });
    expect((await ask(`object/list/${open}`, { method: "POST", body, who: "acheteur" })).status).toBe(400);
  });
});

describe("a file is saved, never shown", () => {
  const expectSaved = (headers: Headers) => {
    expect(headers.get("content-disposition")).toMatch(/^attachment/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  };

  test("by a signed link, with and without what asks for it", async () => {
    const { data } = await people.admin.client.storage.from("recordings").createSignedUrl(`${mine}.mp3`, 60);
    for (const end of ["", "&download=", "&download=a.html"])
      expectSaved((await fetch(`${data?.signedUrl}${end}`)).headers);
  });

  test("by its reader's token, and in part", async () => {
    expectSaved((await ask(`object/recordings/${mine}.mp3`, { who: "admin" })).headers);
    const { data } = await people.admin.client.storage.from("recordings").createSignedUrl(`${mine}.mp3`, 60);
    const part = await fetch(data?.signedUrl ?? "", { headers: { Range: "bytes=0-1" } });
    expect(part.status).toBe(206);
    expectSaved(part.headers);
  });

  test("nor is a refusal taken for something else", async () => {
    expect((await ask(`object/${unknown}/x`)).headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("the link that the API gives an admin says so itself, for Storage elsewhere", async () => {
    await db()`update leads.calls set recording_path = ${`${mine}.mp3`} where reference = 'AUD-001'`;
    const answer = await fetch(`${stack.systems.leads?.apiBase}/admin/audios/AUD-001/recording`, {
      headers: { Authorization: `Bearer ${people.admin.token}` },
    });
    await db()`update leads.calls set recording_path = null where reference = 'AUD-001'`;
    const { url } = (await answer.json()) as { url: string };
    expect(new URL(url).searchParams.get("download")).toBe(`${mine.split("/")[1]}.mp3`);
  });
});
