import type { PostgrestError } from "./postgrest-errors.ts";
import { Problem } from "./problem.ts";

/**
 * What is told where a constraint of a table refuses a write that no rule has refused before: which field, where the
 * database's text says so, and never a value. Undefined for any other SQLSTATE (class 23, integrity constraint violation).
 */
export function ofConstraint(code: string, { message, details }: PostgrestError): Problem | undefined {
  const text = message ?? "";
  const keys = keyColumns(details ?? "");
  switch (code) {
    case "23505":
      return refusal(409, "already_exists", "Cet objet existe déjà.", keys, "Cette valeur est déjà prise.");
    case "23P01":
      return refusal(409, "overlaps", "Une autre ligne occupe déjà cette place.", [], "");
    case "23503":
      return /still referenced/.test(details ?? "")
        ? refusal(409, "still_referenced", "D'autres données dépendent de cet objet.", [], "")
        : refusal(422, "invalid_fields", "Certains champs sont invalides.", keys, "Ce qui est désigné n'existe pas.");
    case "23502":
      return refusal(
        422,
        "invalid_fields",
        "Certains champs sont invalides.",
        nullColumn(text),
        "Une valeur est attendue.",
      );
    case "23514":
      return refusal(
        422,
        "invalid_fields",
        "Certains champs sont invalides.",
        checkedColumn(text),
        "Cette valeur n'est pas acceptée.",
      );
    default:
      return undefined;
  }
}

function refusal(status: number, code: string, message: string, columns: string[], said: string): Problem {
  const details = columns.map((column) => ({ field: camel(column), code: fieldCode(status, code), message: said }));
  return new Problem(status, code, message, { details });
}

function fieldCode(status: number, code: string): string {
  return status === 409 ? code : "invalid_value";
}

// Key (owner_id, name)=(…, …) already exists.
function keyColumns(details: string): string[] {
  const [, columns = ""] = /^Key \(([a-z_][a-z0-9_, ]*)\)=/.exec(details) ?? [];
  return columns.split(", ").filter((column) => column !== "");
}

// null value in column "name" of relation "things" violates not-null constraint
function nullColumn(message: string): string[] {
  const [, column] = /^null value in column "([a-z_][a-z0-9_]*)"/.exec(message) ?? [];
  return column ? [column] : [];
}

// new row for relation "things" violates check constraint "things_name_check": Postgres names a column's check so.
function checkedColumn(message: string): string[] {
  const [, table = "", name = ""] =
    /relation "([a-z0-9_]+)" violates check constraint "([a-z0-9_]+)"/.exec(message) ?? [];
  const column = name.startsWith(`${table}_`) && name.endsWith("_check") ? name.slice(table.length + 1, -6) : "";
  return column === "" ? [] : [column];
}

function camel(column: string): string {
  return column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
