import * as z from "zod";
import { pageInput } from "../paging.ts";
import { listInput, type Route } from "../route.ts";
import type { RowObject, SqlArguments } from "../sql-object.ts";
import type { System } from "../system.ts";
import type { Field } from "./field.ts";
import { filterArguments, filterInput } from "./filters.ts";
import { orderOf, sortInput } from "./sorting.ts";

type Action = "list" | "one" | "create" | "change" | "remove";

/**
 * A family of endpoints over one published view, from one declaration: a list with filters, sort, search and pages, one row,
 * and what may be written. The view is published by platform.publish: its policies, grants and rules decide; the roles that
 * are named here are for the reference and the tests. Only the actions that have roles exist.
 */
export type Resource = {
  /** As the document writes it: `/api/admin/stalls`. One row is at `<path>/:id`. */
  path: string;
  section: string;
  /** What one row is called, in French: « stand ». */
  noun: string;
  /** The published view. */
  view: string;
  /** The column that one row is asked for by; `id` by default. */
  key?: string;
  fields: Readonly<Record<string, Field>>;
  /** The published function that takes `search` and answers rows of the view; without it a list is not searched. */
  search?: string;
  /** How a list is sorted unless asked otherwise: `-createdAt`. */
  sort: string;
  roles: Partial<Record<Action, readonly string[]>>;
  /** The method that changes a row; what its body does not name stays. */
  changeBy?: "PATCH" | "PUT";
  /** The column that `If-Match` must be equal to. */
  version?: string;
  /** What people are told who succeed, where the system's envelope has a place for it. */
  messages?: Partial<Record<Action, string>>;
};

type Speech = Pick<System, "paging">;

/** The routes of a resource in a system that pages as this one does. */
export function resource(system: Speech, declared: Resource): Route[] {
  const { section, roles, messages = {} } = declared;
  const routes: Record<Action, Omit<Route, "roles" | "section">> = {
    list: listRoute(system, declared),
    one: rowRoute(declared, "GET", "row", "Voir"),
    create: {
      ...writing(declared, "create"),
      method: "POST",
      path: declared.path,
      summary: `Créer : ${declared.noun}`,
      status: 201,
    },
    change: {
      ...rowRoute(declared, declared.changeBy ?? "PATCH", "update", "Changer"),
      ...writing(declared, "change"),
    },
    remove: rowRoute(declared, "DELETE", "delete", "Supprimer"),
  };
  return (Object.keys(routes) as Action[]).flatMap((action): Route[] => {
    const allowed = roles[action];
    return allowed
      ? [{ ...routes[action], section, roles: allowed, ...(messages[action] ? { message: messages[action] } : {}) }]
      : [];
  });
}

function listRoute({ paging }: Speech, declared: Resource): Omit<Route, "roles" | "section"> {
  const { path, noun, fields, view, search } = declared;
  const words = z.string().max(200).optional().describe("Chaque mot doit être trouvé ; accents et casse ignorés.");
  return {
    method: "GET",
    path,
    summary: `Liste : ${noun}`,
    object: search ? { kind: "search", name: search } : { kind: "view", name: view },
    input: z.object({
      ...filterInput(fields),
      ...(search ? { search: words } : {}),
      ...sortInput(fields),
      ...(paging ? pageInput(paging) : listInput).shape,
    }),
    strict: true,
    arguments: (params) => listArguments(declared, params),
    response: z.array(rowOf(declared)),
  };
}

function listArguments(
  { fields, search, sort: usual, key = "id" }: Resource,
  params: Record<string, string>,
): SqlArguments {
  const { search: words, sort, order, page, limit, offset, ...filters } = params;
  return {
    ...(search ? { search: words ?? "" } : {}),
    ...filterArguments(fields, filters),
    select: Object.keys(fields).join(","),
    order: orderOf(fields, key, { sort, order }, usual),
    ...Object.fromEntries(Object.entries({ page, limit, offset }).filter(([, value]) => value !== undefined)),
  };
}

function rowRoute(
  declared: Resource,
  method: Route["method"],
  kind: RowObject["kind"],
  verb: string,
): Omit<Route, "roles" | "section"> {
  const { path, noun, key = "id" } = declared;
  return {
    method,
    path: `${path}/:id`,
    summary: `${verb} : ${noun}`,
    object: rowObject(declared, kind),
    input: z.object({ id: z.string().min(1).max(100) }),
    sqlNames: { id: key },
    ...(kind === "delete" ? { refusals: [404, 409] } : {}),
    response: rowOf(declared),
  };
}

function writing(
  declared: Resource,
  action: "create" | "change",
): Pick<Route, "object" | "body" | "headers" | "refusals" | "response"> {
  const { fields, version } = declared;
  return {
    object: rowObject(declared, action === "create" ? "insert" : "update"),
    body: bodyOf(fields, action),
    ...(version && action === "change" ? { headers: { "If-Match": version } } : {}),
    refusals: action === "create" ? [409, 422] : [404, 409, 422],
    response: rowOf(declared),
  };
}

function rowObject({ view, fields, version, key = "id" }: Resource, kind: RowObject["kind"]): RowObject {
  return { kind, name: view, key, columns: Object.keys(fields).join(","), ...(version ? { version } : {}) };
}

function rowOf({ fields }: Resource): z.ZodObject {
  return z.strictObject(Object.fromEntries(Object.entries(fields).map(([name, { shape }]) => [name, shape])));
}

/** What may be given at first must be, unless its shape says otherwise; a change names what it changes. */
function bodyOf(fields: Resource["fields"], action: "create" | "change"): z.ZodObject {
  const shapes = Object.entries(fields).flatMap(([name, { shape, write }]): [string, z.ZodType][] =>
    write === action || write === "always" ? [[name, action === "change" ? shape.optional() : shape]] : [],
  );
  const body = z.strictObject(Object.fromEntries(shapes));
  if (action === "create") return body;
  return body
    .refine((given) => Object.keys(given).length > 0, "Au moins un champ est attendu.")
    .meta({ minProperties: 1 });
}
