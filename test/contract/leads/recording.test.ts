import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as s from "../../../functions/leads/schemas.ts";
import { anonClient, db, serviceClient, stack } from "../../support/stack.ts";
import { type Answer, askApi, askRest, send } from "../http.ts";
import { setStatus } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { type People, signInPeople } from "./demo-people.ts";
import { expectRefusal } from "./expectations.ts";

// The recording of a call lies in a private bucket; the admin gets an address that opens it for five minutes.

const sound = Buffer.from(`ID3 a call ${randomUUID()}`);
const folder = `tests/${randomUUID()}`;
const file = `${folder}/Appel du 10 (1).mp3`;
const call = `AUD-${randomUUID()}`;
const bucket = serviceClient().storage.from("recordings");

let people: People;

beforeAll(async () => {
  people = await signInPeople();
  for (const path of [file, `${folder}/other.mp3`]) {
    const { error } = await bucket.upload(path, sound, { contentType: "audio/mpeg" });
    if (error) throw error;
  }
  await db()`update leads.calls set recording_path = ${file} where reference = 'AUD-001'`;
  await db()`insert into leads.calls (reference, lead_name, agent_name, duration_seconds, duration, recording_path, recording_status, result)
    values (${call}, 'Zoé', 'Marc', 1, '0:01', ${`${folder}/missing.mp3`}, 'available', 'pending')`;
});

afterAll(async () => {
  await db()`update leads.calls set recording_path = null where reference = 'AUD-001'`;
  await db()`delete from leads.calls where reference = ${call}`;
  await bucket.remove([file, `${folder}/other.mp3`]);
});

const ask = (id: string, token?: string): Promise<Answer> =>
  askApi("leads", `/api/admin/audios/${encodeURIComponent(id)}/recording`, { token });

async function link(): Promise<{ url: string; expiresAt: string }> {
  const { status, body, text } = await ask("AUD-001", people.admin.token);
  expect(status, text).toBe(200);
  return s.recordingLink.parse(body);
}

async function download(url: string): Promise<{ status: number; bytes: Buffer; type: string | null }> {
  const answer = await fetch(url);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, bytes, type: answer.headers.get("content-type") };
}

describe("the admin's link", () => {
  test("opens the recording without a token or key", async () => {
    const { url } = await link();
    expect(url.startsWith(`${stack.apiUrl}/storage/v1/object/sign/recordings/`)).toBe(true);
    const { status, bytes, type } = await download(url);
    expect({ status, type }).toEqual({ status: 200, type: "audio/mpeg" });
    expect(bytes.equals(sound)).toBe(true);
  });

  test("ends after five minutes, as it says", async () => {
    const { url, expiresAt } = await link();
    const token = new URL(url).searchParams.get("token") ?? "";
    const { exp } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const left = exp - Date.now() / 1000;
    expect(left).toBeGreaterThan(295);
    expect(left).toBeLessThanOrEqual(301);
    expect(Math.abs(Date.parse(expiresAt) / 1000 - exp)).toBeLessThan(2);
  });

  test("opens nothing once its time is over", async () => {
    const { data } = await people.admin.client.storage.from("recordings").createSignedUrl(file, 1);
    const url = data?.signedUrl ?? "";
    expect((await download(url)).status).toBe(200);
    await new Promise((done) => setTimeout(done, 2100));
    const { status, bytes } = await download(url);
    expect(status).toBe(400);
    expect(bytes.includes(sound)).toBe(false);
  });

  test("opens nothing else, and nothing when it was changed", async () => {
    const url = new URL((await link()).url);
    const other = url.href.replace(url.pathname, url.pathname.replace(/[^/]+$/, "other.mp3"));
    const token = url.searchParams.get("token") ?? "";
    const [head, , signature] = token.split(".");
    const claims = { url: `recordings/${file}`, exp: 4_000_000_000 };
    const changed = [head, Buffer.from(JSON.stringify(claims)).toString("base64url"), signature].join(".");
    for (const tried of [other, url.href.replace(token, changed), url.href.split("?")[0] as string]) {
      const { status, bytes } = await download(tried);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(bytes.includes(sound)).toBe(false);
    }
  });
});

describe("is refused", () => {
  test.each(["fournisseur", "agent", "acheteur", "stranger"] as const)("to %s", async (who) => {
    expectRefusal(await unchanged(() => ask("AUD-001", people[who].token)), 403, "forbidden");
  });

  test("without a token, and with one that is none", async () => {
    expectRefusal(await unchanged(() => ask("AUD-001")), 401, "authentication_required");
    expectRefusal(await unchanged(() => ask("AUD-001", "garbage")), 401, "invalid_token");
  });

  test("to a suspended admin, whose role opened it before", async () => {
    expect((await ask("AUD-001", people.member.token)).status).toBe(200);
    await setStatus(people.member, "suspended");
    expectRefusal(await unchanged(() => ask("AUD-001", people.member.token)), 403, "account_suspended");
    await setStatus(people.member, "active");
  });

  test("by PostgREST as well, which tells the admin where it lies", async () => {
    const path = "rpc/admin_audio_recording?audio=AUD-001";
    expect((await askRest(path, { token: people.admin.token })).body).toEqual({ bucket: "recordings", path: file });
    expect((await unchanged(() => askRest(path, { token: people.agent.token }))).status).toBe(403);
    expect((await unchanged(() => askRest(path))).status).toBe(401);
  });
});

describe("is not found", () => {
  test.each(["AUD-002", "AUD-999", "x", "AUD-001 ", "../AUD-001", "AUD-001' or true --"])(
    "for the call %s",
    async (id) => {
      expectRefusal(await unchanged(() => ask(id, people.admin.token)), 404, "recording_not_found");
    },
  );

  test("where the file is missing", async () => {
    expectRefusal(await unchanged(() => ask(call, people.admin.token)), 404, "recording_not_found");
  });

  test("where it is archived, or not ready yet", async () => {
    for (const status of ["archived", "processing"]) {
      await db()`update leads.calls set recording_status = ${status}, recording_path = ${file} where reference = ${call}`;
      expectRefusal(await unchanged(() => ask(call, people.admin.token)), 404, "recording_not_found");
    }
  });
});

describe("the bucket", () => {
  const outsiders = () => [anonClient(), people.stranger.client, people.acheteur.client, people.fournisseur.client];

  test("is private: nobody but the admin downloads, signs or lists", async () => {
    const inside = people.admin.client.storage.from("recordings");
    expect((await inside.download(file)).error).toBeNull();
    expect((await inside.list(folder)).data).toHaveLength(2);
    for (const client of [...outsiders(), people.agent.client]) {
      const recordings = client.storage.from("recordings");
      expect((await recordings.download(file)).data).toBeNull();
      expect((await recordings.createSignedUrl(file, 60)).data).toBeNull();
      expect((await recordings.list(folder)).data ?? []).toEqual([]);
    }
  });

  test("has no public addresses", async () => {
    const path = file.split("/").map(encodeURIComponent).join("/");
    const headers = { apikey: stack.publishableKey };
    for (const kind of ["public/", "authenticated/", ""]) {
      const { status, text } = await send(`${stack.apiUrl}/storage/v1/object/${kind}recordings/${path}`, { headers });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(text).not.toContain(sound.toString());
    }
  });

  test("is written by nobody but the operators", async () => {
    for (const client of [...outsiders(), people.agent.client, people.admin.client]) {
      const recordings = client.storage.from("recordings");
      const tried = await unchanged(async () => [
        await recordings.upload(`${folder}/mine.mp3`, sound),
        await recordings.upload(file, "changed", { upsert: true }),
        await recordings.move(file, `${folder}/moved.mp3`),
      ]);
      for (const { error } of tried) expect(error).not.toBeNull();
      await unchanged(() => recordings.remove([file]));
    }
    expect((await bucket.download(file)).data?.size).toBe(sound.length);
  });
});
