import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as schemas from "../../../functions/leads/schemas.ts";
import { linesByLaw, openLines, setLines } from "../../support/calling.ts";
import { db } from "../../support/stack.ts";
import { type Answer, type Ask, askApi } from "../http.ts";
import { type Person, signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { type People, signInPeople } from "./demo-people.ts";
import { expectRefusal } from "./expectations.ts";
import { addLeads, addSupplier, removeSuppliers, type Supplier } from "./market.ts";

// The agents' queue and what they report after a call.

let people: People;
let owner: Person;
let agent: Person;
let colleague: Person;
let supplier: Supplier;

beforeAll(async () => {
  people = await signInPeople();
  [owner, agent, colleague] = await Promise.all([
    signUp("leads", "fournisseur"),
    signUp("leads", "agent"),
    signUp("leads", "agent"),
  ]);
  supplier = await addSupplier(owner);
  await openLines(db());
});

afterAll(async () => {
  await setRules(linesByLaw);
  await forget();
  await removeSuppliers(supplier);
});

beforeEach(async () => {
  await forget();
  await db()`delete from leads.leads where supplier_id = ${supplier.id}`;
});

const forget = () =>
  db()`delete from leads.calls where lead_id in (select id from leads.leads where supplier_id = ${supplier.id})`;
const setRules = (rules: object) => setLines(db(), rules);

const newPhone = () =>
  `+33 6 ${randomUUID()
    .replace(/\D/g, "")
    .padEnd(8, "0")
    .slice(0, 8)
    .replace(/(..)(?=.)/g, "$1 ")}`;

/** A lead that is first in the queue, before those of the demo: somebody waits for a call since long ago. */
async function due(lastName = "Secret", phone = newPhone()): Promise<string> {
  const [id] = (await addLeads(supplier, [
    { lastName, phone, status: "pending", qualificationStatus: "callback" },
  ])) as [string];
  await db()`update leads.leads set callback_at = '2000-01-01T00:00:00Z' where reference = ${id}`;
  return id;
}

const ask = (
  method: string,
  path: string,
  token: string | undefined,
  body?: unknown,
  headers: Record<string, string> = {},
) => askApi("leads", `/api${path}`, { method, token, body, headers } as Ask);
const next = (person: Person) => ask("GET", "/agent/next-lead", person.token);
const qualify = (id: string, person: Person, body: object, headers?: Record<string, string>) =>
  ask("POST", `/leads/${id}/qualify`, person.token, body, headers);
const refused = (work: () => Promise<Answer>) => unchanged(work);
const good = { result: "qualified", durationSeconds: 272 };

describe("who may qualify", () => {
  const calls: [string, string, object | undefined][] = [
    ["GET", "/agent/next-lead", undefined],
    ["POST", "/leads/lead-001/qualify", good],
    ["POST", "/leads/lead-001/recording", {}],
  ];

  test.each(calls)("%s %s is for agents", async (method, path, body) => {
    for (const person of [people.admin, people.fournisseur, people.acheteur, people.stranger]) {
      const { hint } = expectRefusal(await refused(() => ask(method, path, person.token, body)), 403, "forbidden");
      expect(hint).toBe("Rôle attendu : agent.");
    }
    expectRefusal(await refused(() => ask(method, path, undefined, body)), 401, "authentication_required");
  });
});

describe("GET /api/agent/next-lead", () => {
  test("gives a lead with its contact, and the same one until it is reported", async () => {
    const id = await due("Durand");
    const answer = await next(agent);
    expect(answer.status, answer.text).toBe(200);
    const lead = schemas.reservedLead.parse(answer.body);
    expect(lead).toMatchObject({ id, lastName: "Durand", qualificationStatus: "in_progress", status: "pending" });
    expect(Date.parse(lead.reservedUntil) - Date.parse(lead.updatedAt)).toBe(15 * 60_000);
    expect((await next(agent)).body).toEqual(lead);
  });

  test("gives no two agents the same lead, and an agent who asks twice at once one", async () => {
    const ids = [await due(), await due()];
    const answers = await Promise.all([next(agent), next(colleague), next(agent), next(colleague)]);
    const [first, second, third, fourth] = answers.map(({ body }) => (body as { id: string }).id);
    expect([first, second].sort()).toEqual(ids.sort());
    expect([third, fourth]).toEqual([first, second]);
  });

  test("gives no two agents one person, though he is in two leads; nor is the other lead reported on meanwhile", async () => {
    const phone = newPhone();
    const [given, other, somebody] = [await due("Secret", phone), await due("Autre", phone), await due()];
    for (const [id, at] of [
      [given, "1999-01-01T00:00:00Z"],
      [other, "1999-01-02T00:00:00Z"],
    ] as const)
      await db()`update leads.leads set callback_at = ${at} where reference = ${id}`;
    expect((await next(agent)).body).toMatchObject({ id: given });
    expect((await next(colleague)).body).toMatchObject({ id: somebody });
    const { message } = expectRefusal(await refused(() => qualify(other, colleague, good)), 409, "lead_reserved");
    expect(message).toBe("Un autre agent s'occupe de cette personne.");
    await qualify(given, agent, good);
    expect((await qualify(other, colleague, good)).status).toBe(200);
  });

  test("gives a lead to the next agent when the reservation has run out, contact and all", async () => {
    const id = await due("Durand");
    await next(agent);
    await db()`update leads.leads set reserved_until = now() - interval '1 second' where reference = ${id}`;
    expect((await next(colleague)).body).toMatchObject({ id, lastName: "Durand" });
    const theirs = await askApi("leads", `/api/leads?search=${supplier.company.slice(12)}`, { token: agent.token });
    expect(theirs.body).toMatchObject([{ id, lastName: "D." }]);
    expectRefusal(await refused(() => qualify(id, agent, good)), 409, "lead_reserved");
  });

  test("answers 204 outside the calling hours, and says why and until when", async () => {
    await due();
    // A day that is not today, anywhere.
    const [day] = await db()<{ day: number }[]>`select extract(isodow from platform.paris_today() + 3)::integer as day`;
    await setRules({ days: [day?.day], hours: [{ from: "10:00", until: "13:00" }] });
    try {
      const answer = await refused(() => next(agent));
      expect([answer.status, answer.text]).toEqual([204, ""]);
      expect(answer.headers.get("x-reason")).toBe("outside_calling_hours");
      // Whoever else waits on the stack may live further east.
      const openings = await db()<{ at: string }[]>`
        select platform.iso_timestamp((platform.paris_today() + 3 + time '10:00') at time zone time_zone) as at from leads.regions`;
      expect(openings.map(({ at }) => at)).toContain(answer.headers.get("x-next-opening"));
      // supabase-js would parse it.
      expect(answer.headers.get("content-type")).toBeNull();
    } finally {
      await openLines(db());
    }
  });

  test("keeps back whose consent nothing proves, until an admin asks for none of that source", async () => {
    const id = await due();
    await setRules({ sourcesWithoutConsent: [] });
    try {
      await ask("PUT", `/leads/${id}`, people.admin.token, { source: `Salon ${id}` });
      const waiting = async () => schemas.queue.parse((await ask("GET", "/admin/queue", people.admin.token)).body);
      const before = await waiting();
      await ask("PUT", "/admin/calling-rules", people.admin.token, {
        sourcesWithoutConsent: [{ supplier: supplier.reference, source: `SALON ${id}` }],
      });
      expect((await waiting()).withoutConsent).toBe(before.withoutConsent - 1);
      expect((await next(colleague)).body).toMatchObject({ id });
      expect((await qualify(id, colleague, good)).body).toMatchObject({ outsideRules: [] });
    } finally {
      await openLines(db());
    }
  });

  test("is not asked by HEAD, which must not reserve anything", async () => {
    await due();
    expect((await refused(() => ask("HEAD", "/agent/next-lead", agent.token))).status).toBe(405);
  });
});

describe("POST /api/leads/:id/qualify", () => {
  test("qualified: puts the lead on sale, with a score that is explained", async () => {
    const id = await due();
    await next(agent);
    const notes = "Projet cette semaine, rappeler au 06 12 34 56 78";
    const answer = await qualify(id, agent, { ...good, notes, summary: " Projet cette semaine " });
    expect(answer.status, answer.text).toBe(200);
    const lead = schemas.qualification.parse(answer.body);
    expect(lead).toMatchObject({ id, status: "qualified", qualificationStatus: "qualified", callbackAt: null });
    expect(lead.scoreExplanations).toHaveLength(6);
    expect(lead.scoreExplanations.reduce((sum, { contribution }) => sum + contribution, 0)).toBe(lead.score);
    const catalogue = await askApi("leads", `/api/leads?search=${supplier.company.slice(12)}`);
    expect(catalogue.body).toMatchObject([{ id, lastName: "S.", score: lead.score, notes: "Projet cette semaine" }]);
    const [call] =
      await db()`select duration, result, recording_path, agent_id from leads.calls where reference = ${lead.callId}`;
    expect(call).toEqual({ duration: "4:32", result: "qualified", recording_path: null, agent_id: agent.id });
    const [told] =
      await db()`select type, title from platform.notifications where user_id = ${owner.id} order by id desc limit 1`;
    expect(told).toEqual({ type: "success", title: "Lead qualifié" });
    const [event] =
      await db()`select payload from platform.outbox where topic = 'lead.qualified' order by id desc limit 1`;
    expect(event?.payload).toEqual({ lead: id, call: lead.callId, score: lead.score });
  });

  test("not_qualified: rejects the lead", async () => {
    const id = await due();
    const answer = await qualify(id, agent, { result: "not_qualified", durationSeconds: 30 });
    expect(answer.body).toMatchObject({ status: "rejected", qualificationStatus: "not_qualified" });
  });

  test("callback: the lead comes back when its time has come", async () => {
    const id = await due();
    const callbackAt = new Date(Date.now() + 3_600_000).toISOString();
    const answer = await qualify(id, agent, { result: "callback", durationSeconds: 10, callbackAt });
    expect(answer.body).toMatchObject({
      status: "pending",
      qualificationStatus: "callback",
      callbackAt: expect.any(String),
    });
    const second = await due();
    expect((await next(colleague)).body).toMatchObject({ id: second });
  });

  test("callback: before its time it is reported on by the agent who arranged it, and by no other", async () => {
    const id = await due();
    await next(agent);
    const callbackAt = new Date(Date.now() + 3_600_000).toISOString();
    await qualify(id, agent, { result: "callback", durationSeconds: 10, callbackAt });
    for (const work of [
      () => qualify(id, colleague, good),
      () => qualify(id, colleague, { result: "callback", durationSeconds: 0, callbackAt }),
      () => ask("POST", `/leads/${id}/recording`, colleague.token, {}),
    ]) {
      const { message } = expectRefusal(await refused(work), 409, "callback_not_due");
      expect(message).toBe("Cette personne a demandé à être rappelée plus tard.");
    }
    expect((await qualify(id, agent, { ...good, notes: "A rappelé" })).body).toMatchObject({ status: "qualified" });
  });

  test("callback: a time without a zone is Paris time, in summer and in winter", async () => {
    const days = await db()<{ written: string; instant: string }[]>`
      select to_char(d, 'YYYY-MM-DD') || 'T10:00' as written, platform.iso_timestamp((d + time '10:00') at time zone 'Europe/Paris') as instant
      from unnest(array[platform.paris_today() + 30, platform.paris_today() + 210]) d`;
    for (const { written, instant } of days) {
      const report = { result: "callback", durationSeconds: 10, callbackAt: written };
      expect((await qualify(await due(), agent, report)).body).toMatchObject({ callbackAt: instant });
    }
  });

  test("twice the same is done once, and answered the same", async () => {
    const id = await due();
    await next(agent);
    const first = await qualify(id, agent, good);
    const second = await unchanged(() => qualify(id, agent, good));
    expect([second.status, second.body]).toEqual([200, first.body]);
    expectRefusal(await refused(() => qualify(id, agent, { ...good, durationSeconds: 1 })), 409, "already_qualified");
    expectRefusal(await refused(() => qualify(id, colleague, good)), 409, "already_qualified");
  });

  test("with an Idempotency-Key: ten at once are one call, and the key serves no other report", async () => {
    const [id, another] = [await due(), await due()];
    const key = { "Idempotency-Key": randomUUID() };
    const answers = await Promise.all(Array.from({ length: 10 }, () => qualify(id, agent, good, key)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(
      await db()`select from leads.calls c join leads.leads l on l.id = c.lead_id where l.reference = ${id}`,
    ).toHaveLength(1);
    expectRefusal(await refused(() => qualify(another, agent, good, key)), 409, "idempotency_key_reused");
  });

  test("of a lead that another agent has reserved is refused", async () => {
    const id = await due();
    await next(agent);
    const { hint } = expectRefusal(await refused(() => qualify(id, colleague, good)), 409, "lead_reserved");
    expect(hint).toBe("Demandez le lead suivant.");
    expectRefusal(await refused(() => qualify("unknown", agent, good)), 404, "lead_not_found");
  });

  test.each([
    [{ result: "perhaps", durationSeconds: 1 }, [["result", "invalid_value"]]],
    [{ result: "qualified", durationSeconds: -1 }, [["durationSeconds", "invalid_value"]]],
    [{ result: "callback", durationSeconds: 1 }, [["callbackAt", "required"]]],
    [{ result: "callback", durationSeconds: 1, callbackAt: "2020-01-01T00:00:00Z" }, [["callbackAt", "invalid_time"]]],
    ...["9999-12-31T10:00:00Z", "0026-12-01T10:00", "2026-13-45T10:00", "infinity"].map(
      (callbackAt): [object, string[][]] => [
        { result: "callback", durationSeconds: 1, callbackAt },
        [["callbackAt", "invalid_time"]],
      ],
    ),
    [
      { ...good, recordingPath: "someone/else.mp3" },
      [
        ["recordingConsent", "consent_required"],
        ["recordingPath", "recording_not_found"],
      ],
    ],
  ])("%j is refused by its fields", async (body, fields) => {
    const id = await due();
    const { details } = expectRefusal(await refused(() => qualify(id, agent, body)), 422, "invalid_fields");
    expect((details as { field: string; code: string }[]).map(({ field, code }) => [field, code])).toEqual(fields);
  });

  test("finishes the file that the lead came in", async () => {
    const ids = [await due(), await due()] as [string, string];
    const [file] = await db()<{ id: string }[]>`
      insert into leads.imports (supplier_id, file_name, status) values (${supplier.id}, 'deux.csv', 'completed') returning id`;
    await db()`update leads.leads set import_id = ${file?.id as string} where reference in ${db()(ids)}`;
    const status = async () =>
      (await db()`select qualification_status from leads.imports where id = ${file?.id as string}`)[0];
    try {
      await qualify(ids[0], agent, good);
      expect(await status()).toEqual({ qualification_status: "en_cours" });
      await qualify(ids[1], colleague, { result: "not_qualified", durationSeconds: 5 });
      expect(await status()).toEqual({ qualification_status: "termine" });
    } finally {
      await db()`update leads.leads set import_id = null where import_id = ${file?.id as string}`;
      await db()`delete from leads.imports where id = ${file?.id as string}`;
    }
  });
});

describe("a call that breaks the rules", () => {
  test("is kept all the same, and said to the agent and to the admin", async () => {
    const id = await due();
    const before = await ask("GET", "/admin/queue", people.admin.token);
    await next(agent);
    await setRules({ days: [], sourcesWithoutConsent: [] });
    try {
      const answer = await qualify(id, agent, good);
      expect(answer.body).toMatchObject({
        status: "qualified",
        outsideRules: ["outside_calling_hours", "consent_missing"],
      });
      const after = schemas.queue.parse((await ask("GET", "/admin/queue", people.admin.token)).body);
      expect(after.callsOutsideRules).toBe(schemas.queue.parse(before.body).callsOutsideRules + 1);
      expect(after.nextOpening).toBeNull();
      expect((await unchanged(() => qualify(id, agent, good))).body).toEqual(answer.body);
    } finally {
      await openLines(db());
    }
  });
});

describe("the rules of calling", () => {
  const rules = "/admin/calling-rules";

  test("are those of the law until an admin changes them", async () => {
    await setRules(linesByLaw);
    try {
      const answer = await ask("GET", rules, people.admin.token);
      expect([answer.status, schemas.callingRules.parse(answer.body)]).toEqual([200, linesByLaw]);
      const changed = await ask("PUT", rules, people.admin.token, { callsPerDay: 1 });
      expect([changed.status, changed.body]).toEqual([200, { ...linesByLaw, callsPerDay: 1 }]);
    } finally {
      await openLines(db());
    }
  });

  test("are an admin's, and so is the look at the queue", async () => {
    for (const person of [agent, people.fournisseur, people.acheteur, people.stranger]) {
      for (const path of [rules, "/admin/queue"]) {
        expectRefusal(await refused(() => ask("GET", path, person.token)), 403, "forbidden");
      }
      expectRefusal(await refused(() => ask("PUT", rules, person.token, { callsPerDay: 1 })), 403, "forbidden");
    }
    expectRefusal(await refused(() => ask("GET", rules, undefined)), 401, "authentication_required");
  });

  test.each([
    [{ days: [0] }, "days"],
    [{ hours: [] }, "hours"],
    [{ hours: [{ from: "14:00", until: "13:00" }] }, "hours"],
    [{ hours: [{ from: "8h", until: "24:01" }] }, "hours"],
    [{ callsPerDay: 0 }, "callsPerDay"],
    [{ callsPer30Days: 1.5 }, "callsPer30Days"],
    [{ refusalDays: -1 }, "refusalDays"],
    [{ sourcesWithoutConsent: [{ supplier: "", source: "Salon" }] }, "sourcesWithoutConsent"],
    [{ sourcesWithoutConsent: [{ supplier: "F-001", source: "" }] }, "sourcesWithoutConsent"],
    [{ sourcesWithoutConsent: [{ supplier: "F-999", source: "Salon" }] }, "sourcesWithoutConsent.0.supplier"],
  ])("%j is refused by its field", async (body, field) => {
    const answer = await refused(() => ask("PUT", rules, people.admin.token, body));
    expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject([{ field }]);
  });

  test.each([["Salon"], [{ source: "Salon" }]])("let no source pass without its supplier: %j", async (source) => {
    const message = 'Une source se nomme avec son fournisseur : {"supplier": "F-001", "source": "Salon"}.';
    const answer = await refused(() => ask("PUT", rules, people.admin.token, { sourcesWithoutConsent: [source] }));
    expect(expectRefusal(answer, 400, "invalid_body").details).toMatchObject([{ message }]);
    const { error } = await people.admin.client.rpc("admin_calling_rules_change", {
      rules: { sourcesWithoutConsent: [source] },
    });
    expect(JSON.parse(error?.hint ?? "")).toMatchObject([{ field: "sourcesWithoutConsent", code: "invalid_value" }]);
  });

  test("let a source pass for the supplier who is named, and for nobody who writes the same name", async () => {
    const sourcesWithoutConsent = [{ supplier: "F-001", source: "Salon" }];
    try {
      const answer = await ask("PUT", rules, people.admin.token, { sourcesWithoutConsent });
      expect(answer.body).toMatchObject({ sourcesWithoutConsent });
      const id = await due();
      await ask("PUT", `/leads/${id}`, owner.token, { source: "Salon" });
      expectRefusal(await refused(() => qualify(id, agent, good)), 409, "consent_missing");
    } finally {
      await openLines(db());
    }
  });
});

describe("POST /api/leads/:id/recording", () => {
  const target = async (id: string, person = agent) => {
    const answer = await ask("POST", `/leads/${id}/recording`, person.token, { extension: "mp3" });
    expect(answer.status, answer.text).toBe(201);
    return schemas.uploadTarget.parse(answer.body);
  };
  const audio = new Blob(["ID3 une voix"], { type: "audio/mpeg" });

  test("an uploaded recording is kept with the call, and heard by the admin", async () => {
    const id = await due();
    await next(agent);
    const { path, token, bucket } = await target(id);
    const { error } = await agent.client.storage.from(bucket).uploadToSignedUrl(path, token, audio);
    expect(error).toBeNull();
    const answer = await qualify(id, agent, { ...good, recordingPath: path, recordingConsent: true });
    expect(answer.body).toMatchObject({ hasAudioRecording: true });
    const { callId } = answer.body as { callId: string };
    const link = await askApi("leads", `/api/admin/audios/${callId}/recording`, { token: people.admin.token });
    expect(link.status, link.text).toBe(200);
    const heard = await fetch((link.body as { url: string }).url);
    expect(await heard.text()).toBe("ID3 une voix");
  });

  test("a plain PUT to its address does as well; without consent it is not kept", async () => {
    const id = await due();
    const { path, url } = await target(id);
    const put = await fetch(url, { method: "PUT", body: audio, headers: { "Content-Type": "audio/mpeg" } });
    expect(put.status, await put.text()).toBe(200);
    const answer = await refused(() => qualify(id, agent, { ...good, recordingPath: path, recordingConsent: false }));
    expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject([{ code: "consent_required" }]);
  });

  test("nobody takes another agent's recording for his own, or puts one into his folder", async () => {
    const [id, another] = [await due(), await due()];
    const { path, token, bucket } = await target(id);
    await agent.client.storage.from(bucket).uploadToSignedUrl(path, token, audio);
    const answer = await refused(() =>
      qualify(another, colleague, { ...good, recordingPath: path, recordingConsent: true }),
    );
    expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject([{ code: "recording_not_found" }]);
    for (const person of [colleague, people.acheteur]) {
      const { error } = await person.client.storage.from(bucket).upload(`${agent.id}/${randomUUID()}.mp3`, audio);
      expect(error).not.toBeNull();
      const signed = await person.client.storage.from(bucket).createSignedUploadUrl(`${agent.id}/${randomUUID()}.mp3`);
      expect(signed.error).not.toBeNull();
    }
  });

  test("a lead that another agent has reserved gets none", async () => {
    const id = await due();
    await next(agent);
    expectRefusal(
      await refused(() => ask("POST", `/leads/${id}/recording`, colleague.token, {})),
      409,
      "lead_reserved",
    );
    const answer = await refused(() => ask("POST", `/leads/${id}/recording`, agent.token, { extension: "exe" }));
    expect(expectRefusal(answer, 422, "invalid_fields").details).toMatchObject([{ field: "extension" }]);
  });
});

test("the statistics agree with the rows", async () => {
  expect(await db()`select * from leads.verify_rollups()`).toEqual([]);
});
