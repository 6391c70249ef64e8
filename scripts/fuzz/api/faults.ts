import type { Ajv2020, ValidateFunction } from "ajv/dist/2020.js";
import type { Operation } from "./operation.ts";
import type { Case } from "./target.ts";
import type { Schema } from "./valid.ts";
import { type Answer, bytesOf, target } from "./wire.ts";
import { secretPhones, secrets } from "./world.ts";

// What PostgreSQL, PostgREST, a runtime or a library says of itself, and nobody who calls should read.
const inside =
  /SQLSTATE|PGRST\d|violates|relation "|column "|constraint|syntax error|duplicate key|pg_catalog|\bplatform\.\w|\bleads\.[a-z]+_|\bpublic\.\w|search_path|schema cache|\bat [\w.<>]+ \(|\.ts:\d|node_modules|\bdeno\b|file:\/\/|\/(?:root|home|tmp|dev|work|var)\/|stack trace|TypeError|undefined|\[object |\bECONN|127\.0\.0\.1:\d/i;
const english =
  /\b(?:invalid|expected|must|required|missing|not found|error|failed|cannot|could not|unexpected|too|denied|value|request|should)\b/i;

/** What is wrong with an answer of an operation, by what its document says of it. */
export function faultsOf(operation: Operation, ajv: Ajv2020): (one: Case, answer: Answer) => string[] {
  const validators = new Map<string, ValidateFunction>();
  const validator = (status: number, schema: Schema) => {
    const known = validators.get(String(status));
    if (known) return known;
    const made = ajv.compile({ ...schema, components: { schemas: operation.schemas } });
    validators.set(String(status), made);
    return made;
  };
  return (one, answer) => {
    const { status, text } = answer;
    if (status >= 500) return [`status ${status}${status === 503 ? ` ${codeOf(text)}` : ""}`];
    const own = !isAside(one, status);
    const response = operation.responses[String(status)];
    if (own && !response) return [`undocumented status ${status} ${codeOf(text)}`];
    if (one.wire.method === "HEAD" || status === 204) return [...emptyBody(text), ...leaks(one, answer)];
    const type = answer.headers["content-type"]?.split(";")[0] ?? "";
    const told = own ? contentOf(response?.content, type) : undefined;
    if (own && !told) return [`undocumented content type ${type || "(none)"} of ${status}`];
    return [
      ...(type === "application/json"
        ? bodyFaults(one, answer, told ? validator(status, told.schema) : undefined)
        : []),
      ...headerFaults(answer),
      ...leaks(one, answer),
    ];
  };
}

/** What is documented for a media type, whatever the parameters of either are. */
function contentOf(content: Operation["responses"][string]["content"], type: string) {
  return Object.entries(content ?? {}).find(([name]) => name.split(";")[0] === type)?.[1];
}

/** Whether an answer is about something else than the operation: another path or method, or a length that is refused at the door. */
function isAside({ kind, wire }: Case, status: number): boolean {
  if (kind === "method") return status === 405 || (wire.method === "OPTIONS" && status === 204) || status === 400;
  if (kind === "huge") return [404, 405, 414, 431].includes(status);
  return kind === "aside";
}

function emptyBody(text: string): string[] {
  return text === "" ? [] : ["a body where there is none"];
}

function bodyFaults(one: Case, { status, text }: Answer, valid: ValidateFunction | undefined): string[] {
  const body = parsed(text);
  if (body === undefined) return [`${status}: not JSON`];
  const shape = valid && !valid(body) ? [`${status}: not its schema: ${inWords(valid)}`] : [];
  return status < 400 ? shape : [...shape, ...refusalFaults(one, status, body)];
}

function inWords({ errors }: ValidateFunction): string {
  const [first] = errors ?? [];
  return first
    ? `${first.instancePath.replace(/\d+/g, "n")} ${first.message ?? ""} ${JSON.stringify(first.params)}`.slice(0, 160)
    : "";
}

function refusalFaults({ kind, wire }: Case, status: number, body: unknown): string[] {
  const { code, message, details } = body as { code?: unknown; message?: unknown; details?: unknown };
  // The gateway speaks for itself where no function is meant.
  if (kind !== "as documented" && kind !== "odd" && details === undefined && typeof message === "string") return [];
  if (typeof code !== "string" || typeof message !== "string" || !Array.isArray(details))
    return [`${status}: not {code, message, details}`];
  if (!/^[a-z][a-z0-9_]*$/.test(code)) return [`${status}: the code is no word`];
  const said = [message, ...details.map((detail) => String((detail as { message?: unknown }).message))];
  const sent = `${decoded(target(wire))} ${bytesOf(wire.body)?.toString() ?? ""}`;
  // What is quoted is the caller's own.
  const own = said
    .filter((text) => !sent.includes(text))
    .map((text) => text.replace(/«[^»]*»|Colonnes trouvées : .*/gs, ""));
  return [
    ...(message === "" ? [`${status} ${code}: no message`] : []),
    ...own
      .filter((text) => inside.test(text))
      .map((text) => `${status} ${code}: tells of the inside: ${text.slice(0, 120)}`),
    ...own.filter((text) => english.test(text)).map((text) => `${status} ${code}: not French: ${text.slice(0, 120)}`),
  ];
}

function headerFaults({ status, headers }: Answer): string[] {
  return [
    ...(status === 405 && !headers.allow ? ["405 without Allow"] : []),
    ...(status === 429 && !headers["retry-after"] ? ["429 without Retry-After"] : []),
    ...(status === 401 && !headers["www-authenticate"] && headers["x-request-id"]
      ? ["401 without WWW-Authenticate"]
      : []),
  ];
}

/** Contacts that the caller may not see. A buyer may have bought what is on sale; admins and the project's key see all. */
export function leaks({ actor }: Case, { headers, text }: Answer): string[] {
  if (actor === "admin" || actor === "service") return [];
  const all = `${JSON.stringify(headers)} ${text}`.toLowerCase();
  const digits = all.replace(/[^0-9a-z]/g, "");
  const seen = (which: keyof typeof secrets) => all.includes(secrets[which]) || digits.includes(secretPhones[which]);
  return [
    ...(seen("hidden") ? ["shows the contact of a hidden lead"] : []),
    ...(actor !== "acheteur" && seen("onSale") ? ["shows the contact of a lead on sale"] : []),
  ];
}

function codeOf(text: string): string {
  const body = parsed(text);
  return String((body as { code?: unknown } | null | undefined)?.code ?? "");
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
