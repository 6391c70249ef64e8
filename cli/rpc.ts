import { Refusal } from "./output.ts";
import { serviceClient } from "./service.ts";
import { need, type Target } from "./target.ts";

/** supabase-js with the operators' key. */
export function connect(target: Target) {
  return serviceClient(need(target, "apiUrl"), need(target, "secretKey"));
}

/** Calls a published function as the operators. Throws a RpcRefusal with what the database says. */
export async function call<Result>(target: Target, name: string, args: Record<string, unknown> = {}): Promise<Result> {
  const { data, error } = await connect(target).rpc(name, args);
  if (error) throw new RpcRefusal(reasonOf(error), error.details ?? "");
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
