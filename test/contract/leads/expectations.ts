import { expect } from "vitest";
import * as z from "zod";
import type { Answer } from "../http.ts";
import type { Role, Row } from "./rows.ts";

type Refusal = { code: string; message: string; details: unknown[]; hint?: string };

/** An answer of 200 of exactly the documented shape, with the values of its file. */
export function expectAnswer(answer: { status: number; body: unknown }, row: Row, role: Role | "public"): void {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect(row.schema.parse(answer.body)).toStrictEqual(answer.body);
  expect(row.monthly ? withoutPeriods(answer.body) : answer.body).toStrictEqual(row.expected(role));
}

const months = z.array(z.looseObject({ month: z.string(), period: z.string() }));

/** Rows by month without the additional field, whose months follow one another. */
function withoutPeriods(body: unknown): object[] {
  const found = months.parse(body);
  expect(found).toHaveLength(6);
  const counted = found.map(({ period }) => Number(period.slice(0, 4)) * 12 + Number(period.slice(5)));
  expect(counted).toEqual(counted.map((_, i) => (counted[0] as number) + i));
  return found.map(({ period: _, ...rest }) => rest);
}

const refusalSchema = z.strictObject({
  code: z.string().regex(/^[a-z][a-z_]+$/),
  message: z.string().regex(/^[A-ZÀ-Ý].+\.$/),
  details: z.array(
    z.strictObject({
      ...{ field: z.string(), code: z.string(), message: z.string() },
      ...{ missing: z.int().optional(), value: z.number().optional() },
    }),
  ),
  hint: z.string().optional(),
});

/** A refusal in the documents' envelope, with a French text and nothing else in it. */
export function expectRefusal(answer: Answer, status: number, code: string): Refusal {
  expect({ status: answer.status, code: (answer.body as Refusal).code }).toEqual({ status, code });
  return refusalSchema.parse(answer.body) as Refusal;
}
