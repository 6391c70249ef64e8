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
export async function call<Result>(target: Target, name: string, args: Record<string, unknown> = {}): Promise<Result> {
  const { data, error } = await connect(target).rpc(name, args);
  if (error && /^PT4\d\d$/.test(error.code)) throw new RpcRefusal(reasonOf(error), error.details);
  if (error) throw new Refusal(reasonOf(error));
  return data as Result;
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
