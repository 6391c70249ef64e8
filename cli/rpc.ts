import type { PostgrestError } from "@supabase/supabase-js";
import { Refusal } from "./output.ts";
import { serviceClient } from "./service.ts";
import { need, type Target } from "./target.ts";

/** supabase-js with the operators' key. */
export function connect(target: Target) {
  return serviceClient(need(target, "apiUrl"), need(target, "secretKey"));
}

/**
 * Calls a published function as the operators. Throws a RpcRefusal where the database refuses, and so has changed nothing;
 * a plain Refusal where it is not known what has become of the call.
 */
export async function call<Result>(
  target: Target,
  name: string,
  args: Record<string, unknown> = {},
  schema = "public",
): Promise<Result> {
  const { data, error } = await connect(target).schema(schema).rpc(name, args);
  if (error) throw refusalOf(error);
  return data as Result;
}

/**
 * All rows of a list, in the order of the numbers in their ids. One answer holds so many as the server likes (max_rows), and
 * does not say that there are more: the next one goes on after the last id, so that no row is missed if others come or go.
 */
export async function allRows<Row extends { id: string }>(
  rowsAfter: (id: string) => PromiseLike<{ data: unknown; error: PostgrestError | null }>,
): Promise<Row[]> {
  const all: Row[] = [];
  for (;;) {
    const { data, error } = await rowsAfter(all.at(-1)?.id ?? "");
    if (error) throw refusalOf(error);
    const rows = data as Row[];
    if (rows.length === 0) return all.sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
    all.push(...rows);
  }
}

function refusalOf(error: PostgrestError): Refusal {
  const message = reasonOf(error);
  return /^PT4\d\d$/.test(error.code) ? new RpcRefusal(message, error.details) : new Refusal(message);
}

/** A refusal of the database; `code` is its stable slug. */
export class RpcRefusal extends Refusal {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** What the database says, with its hint: a next step, or the bad fields as a JSON array. */
function reasonOf({ message, hint }: { message: string; hint: string | null }): string {
  if (!hint) return message;
  if (!hint.startsWith("[")) return `${message} — ${hint}`;
  const fields = JSON.parse(hint) as { field: string; message: string }[];
  return `${message} ${fields.map((problem) => `${problem.field} : ${problem.message}`).join(" ")}`;
}
