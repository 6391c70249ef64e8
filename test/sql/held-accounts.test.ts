import { describe, expect, it } from "vitest";
import { expectLedgerHolds } from "../support/ledger.ts";
import { emailOf, idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// An account that the bank has sent money back from is not paid to again before somebody has looked at it.

const { sql } = await testDatabase();
await openMarket(sql);
await sql`select leads.set_payout_debtor('Société d''essai', 'DE89370400440532013000', null)`;

type Held = { reference: string; reason: string };

const slugOf = async (work: Promise<unknown>) => (await refusal(work)).slug;
const pay = async (to: Sql) =>
  (await to<{ reference: string }[]>`select public.admin_gains_pay('supplier-a') ->> 'reference' as reference`)[0]
    ?.reference ?? "";
const problemOf = async (to: Sql) => (await to`select code from public.admin_payables('supplier-a')`)[0]?.code;
/** Gives the supplier an account, sealed in a way of its own. */
async function give(
  to: Sql,
  sealed: string,
  mask: string,
  validated: boolean,
  bic: string | null = null,
): Promise<void> {
  await become(to, "service_role");
  await to`select public.account_keep(${idOf("supplierA")}, ${sealed}, ${bic}, ${mask}, null, ${validated})`;
  await become(to, "admin");
}
async function owe(to: Sql, cents: number): Promise<void> {
  await to.unsafe("reset role");
  await to`insert into leads.earnings (supplier_id, kind, amount_cents, payable_from) values (${idOf("supplierA")}, 'opening', ${cents}, now())`;
  await to`select platform.post_transfer('leads', 'opening', gen_random_uuid()::text,
    array[('supplier_earnings', ${idOf("supplierA")}, ${cents}::bigint), ('opening', null, ${-cents}::bigint)]::platform.ledger_line[])`;
  await become(to, "admin");
}
async function heldIn(to: Sql): Promise<Held[]> {
  await become(to, "service_role");
  const [row] = await to<{ batch: { held: Held[] } }[]>`select public.payout_batch(null) as batch`;
  await become(to, "admin");
  return row?.batch.held.map(({ reference, reason }) => ({ reference, reason })) ?? [];
}

/** A payout that came back for such a reason, by the road of the file or that of HTTP. */
async function comesBack(to: Sql, reason: string, byFile = false): Promise<void> {
  await become(to, "admin");
  const reference = await pay(to);
  if (byFile) {
    const entries = [{ reference, cents: 500, outcome: "failed", reason }];
    await to`select * from public.admin_payouts_settle(${to.json(entries)})`;
  } else await to`select public.admin_payout_fail(${reference}, ${reason})`;
}

describe("an account that came back", () => {
  it.each([
    ["AC01", true],
    ["AC04 COMPTE CLOTURE", true],
    ["ac06", false],
    ["MD07: titulaire décédé", true],
    ["Compte clos (AC04)", false],
  ])("for %s is held, whatever road told it", async (reason, byFile) => {
    await rolledBack(sql, async (to) => {
      await comesBack(to, reason, byFile);
      expect(await problemOf(to)).toBe("account_held");
      expect(await slugOf(to.savepoint((inner) => pay(inner)))).toBe("account_held");
      await to.unsafe("reset role");
      await expectLedgerHolds(to);
    });
  });

  it.each(["AM05 doublon", "MS03", "AC02", "Compte clos", "Fichier refusé : AC01", "BAC04"])(
    "for %s is not",
    async (reason) => {
      await rolledBack(sql, async (to) => {
        await comesBack(to, reason);
        expect(await problemOf(to)).toBeNull();
      });
    },
  );

  it("is told to the supplier and every admin, by its mask, and kept in the log", () =>
    rolledBack(sql, async (to) => {
      await to`set constraints all immediate`;
      await comesBack(to, "AC04");
      await become(to, "fournisseurA");
      const [own] = await to`select public.fournisseur_iban() as account`;
      expect(own?.account).toMatchObject({ validated: true, held: { code: "AC04", message: "compte clos" } });
      expect(own?.account.iban).toMatch(/••••/);
      await to.unsafe("reset role");
      const told =
        await to`select user_id, title, message from platform.notifications where message like '%compte clos%' order by id`;
      expect(told.map(({ user_id }) => user_id)).toEqual(expect.arrayContaining([idOf("admin"), idOf("fournisseurA")]));
      expect(JSON.stringify(told)).not.toContain("v1.");
      const log =
        await to`select operation, actor from platform.audit_log where relation = 'leads.held_accounts' and after ->> 'code' = 'AC04'
        and after ->> 'supplier_id' = ${idOf("supplierA")} order by at desc limit 1`;
      expect(log).toEqual([{ operation: "INSERT", actor: idOf("admin") }]);
    }));

  it("is held until an admin validates it anew; that the supplier is let in again is not enough", () =>
    rolledBack(sql, async (to) => {
      await comesBack(to, "AC06");
      await to`select platform_api.member_suspend('leads', ${emailOf("fournisseurA")}), platform_api.member_reactivate('leads', ${emailOf("fournisseurA")})`;
      expect(await problemOf(to)).toBe("account_held");
      await to`select public.admin_gains_activate('supplier-a')`;
      expect(await problemOf(to)).toBeNull();
      expect(await pay(to)).toMatch(/^VP-/);
    }));

  it("is over with another account, which is looked at as any", () =>
    rolledBack(sql, async (to) => {
      await comesBack(to, "AC04");
      await give(to, "v1.other", "DE89 •••• •••• •••• 3000", false);
      expect(await problemOf(to)).toBe("supplier_pending_validation");
      await to`select public.admin_gains_activate('supplier-a')`;
      expect(await problemOf(to)).toBeNull();
    }));

  it("keeps back what else is on its way to it, also once there is another", () =>
    rolledBack(sql, async (to) => {
      await become(to, "admin");
      const waits = await pay(to);
      await owe(to, 700);
      const refused = await pay(to);
      await to`select public.admin_payout_fail(${refused}, 'AC04')`;
      const kept = [{ reference: waits, reason: "account_held" }];
      expect(await heldIn(to)).toEqual(kept);
      await give(to, "v1.other", "DE89 •••• •••• •••• 3000", true);
      expect(await heldIn(to)).toEqual(kept);
      await to`select public.admin_payout_fail(${waits}, 'compte remplacé')`;
      expect([await heldIn(to), await problemOf(to)]).toEqual([[], null]);
      await to.unsafe("reset role");
      await expectLedgerHolds(to);
    }));

  it("told again changes nothing, and does not hold what was validated since", () =>
    rolledBack(sql, async (to) => {
      await become(to, "admin");
      const reference = await pay(to);
      const enter = () =>
        to`select result from public.admin_payouts_settle(${to.json([{ reference, cents: 500, outcome: "failed", reason: "AC04" }])})`;
      expect(await enter()).toEqual([{ result: "failed" }]);
      await to`select public.admin_gains_activate('supplier-a')`;
      expect(await enter()).toEqual([{ result: "already" }]);
      expect(await problemOf(to)).toBeNull();
    }));
});

describe("an account outside the EEA", () => {
  it("without a BIC is not paid to, and what was made for it before stays behind", () =>
    rolledBack(sql, async (to) => {
      await give(to, "v1.swiss", "CH93 •••• •••• •••• 2957", true);
      expect(await slugOf(to.savepoint((inner) => pay(inner)))).toBe("bic_missing");
      await give(to, "v1.swiss", "CH93 •••• •••• •••• 2957", true, "UBSWCHZH80A");
      const reference = await pay(to);
      expect(await heldIn(to)).toEqual([]);
      await to.unsafe("reset role");
      await to`update leads.payout_accounts a set bic = null from leads.payouts p where p.id = a.payout_id and p.transfer_reference = ${reference}`;
      expect(await heldIn(to)).toEqual([{ reference, reason: "bic_missing" }]);
    }));

  it("is none from which payouts leave without a BIC", () =>
    rolledBack(sql, async (to) => {
      await become(to, "service_role");
      const set = to.savepoint((inner) => inner`select public.payout_debtor_set('Société', 'CH9300762011623852957')`);
      expect(await slugOf(set)).toBe("invalid_fields");
      await to`select public.payout_debtor_set('Société', 'CH9300762011623852957', 'UBSWCHZH80A')`;
    }));
});

describe("the day of a file", () => {
  const batchFor = async (to: Sql, day: string | null) =>
    (await to`select public.payout_batch(null, ${day}::date) ->> 'executionDate' as day`)[0]?.day;

  it("is the first TARGET day from today on, or the one that is wanted", () =>
    rolledBack(sql, async (to) => {
      const [now] =
        await to`select platform.paris_today()::text as today, platform.next_target_day(platform.paris_today())::text as next,
        platform.next_target_day(platform.paris_today() + 30)::text as later`;
      await become(to, "service_role");
      expect(await batchFor(to, null)).toBe(now?.next);
      expect(await batchFor(to, now?.later)).toBe(now?.later);
    }));

  it("is neither past, nor a day without TARGET, nor more than a year away; the next one is named", () =>
    rolledBack(sql, async (to) => {
      const [days] = await to`select array_agg(d::text) as days from (
        select (platform.paris_today() - 1) as d union all select min(d)::date from generate_series(platform.paris_today(), platform.paris_today() + 7, '1 day') d where not platform.is_target_day(d::date)
        union all select platform.next_target_day(platform.paris_today() + 366)) wanted`;
      await become(to, "service_role");
      for (const day of days?.days ?? []) {
        const refused = await refusal(to.savepoint((inner) => batchFor(inner, day)));
        expect(refused.slug, day).toBe("invalid_fields");
      }
      const marked = to.savepoint(
        (inner) =>
          inner`select public.payout_batch_mark('FILE-9', now()::text, ${to.json({ debtor: {}, executionDate: days?.days[0], orders: [{ reference: "VP-C", cents: 1000 }] })})`,
      );
      expect(await slugOf(marked)).toBe("invalid_fields");
    }));

  it("of a file that was lost is not past either", () =>
    rolledBack(sql, async (to) => {
      const [row] = await to`
        with file as (
          insert into leads.payout_exports (message_id, debtor, execution_date, created_at, payouts, total_cents)
          values ('OLD-FILE', '{}', '2026-01-02', now(), 1, 1000) returning id
        )
        update leads.payouts set export_id = (select id from file) where transfer_reference = 'VP-C'
        returning platform.next_target_day(platform.paris_today())::text as next`;
      await become(to, "service_role");
      const [batch] = await to`select public.payout_batch('OLD-FILE') ->> 'executionDate' as day`;
      expect(batch?.day).toBe(row?.next);
    }));
});
