import { beforeEach, describe, expect, test } from "vitest";
import * as s from "../../../functions/leads/schemas.ts";
import { db } from "../../support/stack.ts";
import { type Ask, askApi } from "../http.ts";
import { type Person, setStatus, signUp } from "../people.ts";
import { unchanged } from "../unchanged.ts";
import { post } from "./account-people.ts";
import { expectRefusal } from "./expectations.ts";
import { roles } from "./rows.ts";

// GET /api/notifications and unread-count, POST :id/read and read-all: everybody's own.

let person: Person;
let other: Person;
let ids: string[];

beforeEach(async () => {
  [person, other] = await Promise.all([signUp("leads", "agent"), signUp("leads", "acheteur")]);
  ids = [];
  for (const [who, title] of [
    [person, "Un"],
    [person, "Deux"],
    [other, "À un autre"],
  ] as const) {
    const [row] = await db()<{ reference: string }[]>`
      insert into platform.notifications (user_id, system, type, title, message)
      values (${who.id}, 'leads', 'info', ${title}, 'Texte') returning reference`;
    ids.push(row?.reference ?? "");
  }
});

const get = (path: string, ask: Ask) => askApi("leads", `/api/notifications${path}`, ask);
const titles = async () =>
  s.notification
    .array()
    .parse((await get("", { token: person.token })).body)
    .map(({ title, read }) => `${title} ${read ? "lu" : "non lu"}`);

test.each(roles)("%s has an empty list to begin with", async (role) => {
  const newcomer = await signUp("leads", role);
  expect((await get("", newcomer)).body).toEqual([]);
  expect((await get("/unread-count", newcomer)).body).toEqual({ count: 0 });
});

test("the list is one's own, newest first", async () => {
  expect(await titles()).toEqual(["Deux non lu", "Un non lu"]);
  expect((await get("?limit=1&offset=1", person)).body).toEqual([expect.objectContaining({ title: "Un" })]);
});

test("one is marked as read, and may be again", async () => {
  for (let i = 0; i < 2; i++) {
    const answer = await post(`notifications/${ids[0]}/read`, undefined, person);
    expect(s.notification.parse(answer.body)).toMatchObject({ id: ids[0], read: true });
    expect(await titles()).toEqual(["Deux non lu", "Un lu"]);
  }
  expect((await get("/unread-count", person)).body).toEqual({ count: 1 });
});

test("all are marked as read, and nobody else's", async () => {
  expect((await post("notifications/read-all", undefined, person)).body).toEqual({ updated: 2 });
  expect((await post("notifications/read-all", undefined, person)).body).toEqual({ updated: 0 });
  expect((await get("/unread-count", person)).body).toEqual({ count: 0 });
  expect((await get("/unread-count", other)).body).toEqual({ count: 1 });
});

describe("refused is", () => {
  test("another's, as if it were not there", async () => {
    for (const id of [ids[2], "notif-nothing"]) {
      expectRefusal(
        await unchanged(() => post(`notifications/${id}/read`, undefined, person)),
        404,
        "notification_not_found",
      );
    }
  });

  test("whoever has no token, no role, or is suspended", async () => {
    const stranger = await signUp("leads");
    await setStatus(person, "suspended");
    const asked = (ask: Ask) => [
      () => get("", ask),
      () => get("/unread-count", ask),
      () => post("notifications/read-all", undefined, ask),
      () => post(`notifications/${ids[0]}/read`, undefined, ask),
    ];
    for (const ask of asked({})) expectRefusal(await unchanged(ask), 401, "authentication_required");
    for (const ask of asked(stranger)) expectRefusal(await unchanged(ask), 403, "forbidden");
    for (const ask of asked(person)) expectRefusal(await unchanged(ask), 403, "account_suspended");
  });
});
