import type { PostgrestError } from "./postgrest-errors.ts";
import { type FieldProblem, Problem } from "./problem.ts";

/**
 * What is told where a constraint of a table refuses a write that no rule has refused before (SQLSTATE class 23): the field,
 * where the constraint has the name that Postgres gives it, and never a value. Under row-level security the database does not
 * say the key. Undefined for any other SQLSTATE.
 *
 * @param written the view that was written, which is called as its table is
 */
export function ofConstraint(code: string, { message }: PostgrestError, written = ""): Problem | undefined {
  const text = message ?? "";
  const [, table = written] = /(?:relation|on table) "(\w+)"/.exec(text) ?? [];
  const [, constraint = ""] = /constraint "(\w+)"/.exec(text) ?? [];
  const column = columnOf(constraint, table);
  switch (code) {
    case "23505":
      return new Problem(
        409,
        "already_exists",
        "Cet objet existe déjà.",
        of(column, code, "Cette valeur est déjà prise."),
      );
    case "23P01":
      return new Problem(409, "overlaps", "Une autre ligne occupe déjà cette place.");
    case "23503":
      return /^update or delete/.test(text)
        ? new Problem(409, "still_referenced", "D'autres données dépendent de cet objet.")
        : invalidFields(of(column, code, "Ce qui est désigné n'existe pas."));
    case "23502":
      return invalidFields(of(/in column "(\w+)"/.exec(text)?.[1], code, "Une valeur est attendue."));
    case "23514":
      return invalidFields(of(column, code, "Cette valeur n'est pas acceptée."));
    default:
      return undefined;
  }
}

const fieldCodes: Record<string, string> = {
  "23505": "already_exists",
  "23503": "unknown_reference",
  "23502": "required",
};

function invalidFields(details: { details: FieldProblem[] }): Problem {
  return new Problem(422, "invalid_fields", "Certains champs sont invalides.", details);
}

function of(column: string | undefined, code: string, message: string): { details: FieldProblem[] } {
  if (!column) return { details: [] };
  const field = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return { details: [{ field, code: fieldCodes[code] ?? "invalid_value", message }] };
}

/** The column in the name that Postgres gives a constraint of one column: `papers_title_key`, `sales_paper_id_fkey`. */
function columnOf(constraint: string, table: string): string | undefined {
  const [, column] = new RegExp(`^${table}_(\\w+)_(?:key|fkey|check)$`).exec(constraint) ?? [];
  return table === "" ? undefined : column;
}
