import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as s from "../../../functions/leads/schemas.ts";
import { db } from "../../support/stack.ts";
import { askApi } from "../http.ts";
import { type Person, signIn, signUp } from "../people.ts";
import { addLeads, addSupplier, removeSuppliers, type Supplier, sell } from "./market.ts";
import { seed } from "./seed-files.ts";

// `users/*`, `billing/*` and `fournisseur/*` are about who asks (document, chapter 6): a second supplier, buyer and agent
// read their own figures, and the first ones' stay as they are.

let seller: Person;
let buyer: Person;
let agent: Person;
let supplier: Supplier;

beforeAll(async () => {
  [seller, buyer, agent] = await Promise.all([
    signUp("leads", "fournisseur"),
    signUp("leads", "acheteur"),
    signUp("leads", "agent"),
  ]);
  supplier = await addSupplier(seller);
  const [sold] = await addLeads(supplier, [{ status: "sold", agent }, { agent }, { status: "new" }]);
  await sell(sold as string, buyer);
  await db()`insert into leads.payouts (reference, transfer_reference, supplier_id, amount_cents, date, status, leads_count, period, iban_mask)
    values (${`VIR-${supplier.id}`}, ${`VP-${supplier.id}`}, ${supplier.id}, 1050, '2026-03-15', 'completed', 1, 'Mars 2026', 'FR76 •••• •••• •••• 0001')`;
  await db()`insert into leads.payments (reference, buyer_id, type, amount_cents, status, date, description)
    values (${`pay-${buyer.id}`}, ${buyer.id}, 'lead_payment', 2500, 'completed', '2026-03-15', 'Achat d''un lead')`;
  await db()`insert into platform.notifications (reference, user_id, system, type, title, message)
    values (${`notif-${buyer.id}`}, ${buyer.id}, 'leads', 'info', 'Bienvenue', 'Votre compte est ouvert.')`;
  await db()`insert into leads.calls (reference, agent_id, lead_name, agent_name, called_on, duration_seconds, duration, recording_status, result)
    select ${`AUD-${agent.id}-`} || n, ${agent.id}, 'Zoé Secret', 'Agent', platform.paris_today() - n + 1, 60 * n, n || ':00', 'available',
      case when n = 3 then 'callback' else 'qualified' end
    from generate_series(1, 3) as n`;
});

afterAll(async () => {
  await db()`delete from leads.calls where agent_id = ${agent.id}`;
  await db()`delete from leads.payments where buyer_id = ${buyer.id}`;
  await db()`delete from platform.notifications where user_id = ${buyer.id}`;
  await removeSuppliers(supplier);
});

const read = async (path: string, { token }: Person): Promise<unknown> => {
  const { status, body, text } = await askApi("leads", path, { token });
  expect(status, text).toBe(200);
  return body;
};

describe("a second supplier", () => {
  test("reads his profile: leads brought, sold, earned, and not yet paid, in euros", async () => {
    expect(s.fournisseur.parse(await read("/api/users/fournisseur", seller))).toMatchObject({
      ...{ id: seller.id, email: seller.email, role: "fournisseur", iban: "FR76 •••• •••• •••• 0001", credits: null },
      ...{ totalLeadsUploaded: 3, totalLeadsSold: 1, totalRevenue: 15, pendingPayment: 4.5 },
    });
  });

  test("reads his own months", async () => {
    const months = s.monthlyStats.array().parse(await read("/api/stats/monthly", seller));
    expect(months.at(-1)).toMatchObject({ leads: 3, qualified: 2, revenue: 25 });
    expect(months.reduce((sum, { leads }) => sum + leads, 0)).toBe(3);
  });

  test("reads his own transfers", async () => {
    expect(await read("/api/fournisseur/virements", seller)).toStrictEqual([
      {
        ...{ id: `VIR-${supplier.id}`, reference: `VP-${supplier.id}`, amount: 10.5, date: "2026-03-15" },
        ...{ status: "completed", leadsCount: 1, period: "Mars 2026", iban: "FR76 •••• •••• •••• 0001" },
      },
    ]);
    expect(await read("/api/fournisseur/virements/monthly", seller)).toStrictEqual([
      { month: "Mar", amount: 10.5, period: "2026-03" },
    ]);
  });

  test("leaves the first one's as they were", async () => {
    const sophie = await signIn("sophie@agence-ads.fr");
    expect(await read("/api/users/fournisseur", sophie)).toStrictEqual(seed.users.fournisseur);
    expect(await read("/api/fournisseur/virements", sophie)).toStrictEqual(seed.virements.virements);
  });

  test("is among the admin's gains", async () => {
    const gains = s.fournisseurGain
      .array()
      .parse(await read("/api/admin/gains", await signIn("admin@leads-provider.fr")));
    expect(gains.filter(({ id }) => id === supplier.reference)).toMatchObject([
      { company: supplier.company, totalLeadsSold: 1, totalEarnings: 15, pendingAmount: 4.5, paidAmount: 10.5 },
    ]);
    expect(gains.filter(({ id }) => id !== supplier.reference)).toStrictEqual(seed.gains.gains);
  });
});

describe("a second buyer", () => {
  test("reads his profile", async () => {
    expect(s.acheteur.parse(await read("/api/users/acheteur", buyer))).toMatchObject({
      ...{ id: buyer.id, email: buyer.email, role: "acheteur", credits: 0, totalLeadsPurchased: 1, conversionRate: 0 },
      ...{ preferredSectors: [], preferredRegions: [] },
    });
  });

  test("reads his own payments and notifications, and the packs of everybody", async () => {
    expect(await read("/api/billing/payments", buyer)).toStrictEqual([
      {
        ...{ id: `pay-${buyer.id}`, amount: 25, status: "completed", date: "2026-03-15" },
        ...{ type: "lead_payment", description: "Achat d'un lead" },
      },
    ]);
    expect(await read("/api/billing/notifications", buyer)).toMatchObject([{ id: `notif-${buyer.id}`, read: false }]);
    expect(await read("/api/billing/credit-packs", buyer)).toStrictEqual(seed.billing.creditPacks);
  });

  test("leaves the first one's as they were", async () => {
    const pierre = await signIn("pierre@renovation-plus.fr");
    expect(await read("/api/users/acheteur", pierre)).toStrictEqual(seed.users.acheteur);
    expect(await read("/api/billing/payments", pierre)).toStrictEqual(seed.billing.payments);
    expect(await read("/api/billing/notifications", pierre)).toStrictEqual(seed.billing.notifications);
  });
});

describe("a second agent", () => {
  test("reads his profile: today's and all qualified leads, seconds a call, and the share qualified", async () => {
    expect(s.agent.parse(await read("/api/users/agent", agent))).toMatchObject({
      ...{ id: agent.id, email: agent.email, role: "agent", leadsQualifiedToday: 1, totalLeadsQualified: 2 },
      ...{ averageCallDuration: 120, qualificationRate: 66.67 },
    });
  });

  test("leaves the first one's as they were", async () => {
    const marc = await signIn("marc@leads-provider.fr");
    expect(await read("/api/users/agent", marc)).toStrictEqual(seed.users.agent);
  });
});

test("the platform's figures take them in, on top of what the files say", async () => {
  const admin = await signIn("admin@leads-provider.fr");
  const global = s.globalStats.parse(await read("/api/stats/global", admin));
  const before = seed.stats.global as typeof global;
  expect(global).toMatchObject({
    totalLeads: before.totalLeads + 3,
    qualifiedLeads: before.qualifiedLeads + 2,
    soldLeads: before.soldLeads + 1,
    pendingLeads: before.pendingLeads + 1,
    revenue: before.revenue + 25,
  });
  const sectors = s.sectorShare.array().parse(await read("/api/stats/sectors", admin));
  const isolation = (shares: { name?: unknown; value?: unknown }[]) =>
    shares.find(({ name }) => name === "Isolation")?.value;
  expect(isolation(sectors)).toBe(Number(isolation(seed.stats.sectors)) + 3);
});
