import type postgres from "postgres";

/** The rule of calling as it is until an admin changes it: décret 2022-1313, loi 2025-594. */
export const linesByLaw = {
  days: [1, 2, 3, 4, 5],
  hours: [
    { from: "10:00", until: "13:00" },
    { from: "14:00", until: "20:00" },
  ],
  onHolidays: false,
  callsPerDay: null,
  callsPer30Days: 4,
  refusalDays: 60,
  sourcesWithoutConsent: [],
};

/** Changes some fields of the rule of calling. */
export async function setLines(sql: postgres.Sql | postgres.TransactionSql, fields: object): Promise<void> {
  await sql`update platform.settings set value = value || ${sql.json(fields as never)} where system = 'leads' and section = 'calling'`;
}

/** Lets people be called at any hour, as often as anybody likes, and without a proof of consent if their lead names no source. */
export async function openLines(sql: postgres.Sql | postgres.TransactionSql): Promise<void> {
  const suppliers = await sql<{ supplier: string }[]>`select reference as supplier from leads.suppliers`;
  await setLines(sql, {
    ...{ days: [1, 2, 3, 4, 5, 6, 7], hours: [{ from: "00:00", until: "24:00" }], onHolidays: true },
    ...{
      callsPerDay: null,
      callsPer30Days: null,
      refusalDays: 0,
      sourcesWithoutConsent: suppliers.map((one) => ({ ...one, source: "-" })),
    },
  });
}
