import { type Command, InvalidArgumentError, Option } from "commander";
import { fieldNames, headerKey, isField, readFieldValue } from "../../functions/_shared/import/fields.ts";
import type { ImportKind } from "../../functions/_shared/import/kind.ts";
import { importSubjects } from "../systems/registry.ts";
import type { ImportSubject } from "../systems/system.ts";

export type SubjectOptions = { as?: string };

/** Which kind of rows a command is about. */
export function asOption(): Option {
  const names = importSubjects.map(({ kind }) => kind.name);
  return new Option("--as <kind>", `what the rows are (default: ${names[0]})`).choices(names);
}

/** The rows that --as names, else those that come first. */
export function subjectOf({ as = importSubjects[0]?.kind.name }: SubjectOptions): ImportSubject {
  return importSubjects.find(({ kind }) => kind.name === as) as ImportSubject;
}

/** An option for each way in which senders are named; `description` where it is not who brings the rows. */
export function addSenders(command: Command, description?: string): void {
  for (const { sender } of importSubjects) {
    if (!sender || command.options.some(({ long }) => long === `--${sender.name}`)) continue;
    command.option(`--${sender.name} <${sender.by}>`, description ?? sender.description);
  }
}

/** What the option of a kind's senders was given; undefined where it was not, or there are none. */
export function senderNamed({ sender }: ImportSubject, options: object): string | undefined {
  return sender && (options as Record<string, string | undefined>)[sender.name];
}

/** Each `column=field` of --map, a column by its headerKey. Fields are known only once the kind is. */
export function readMappings(command: Command, kind: ImportKind, texts: readonly string[]): Map<string, string> {
  return new Map(readAll(command, "--map <column=field>", texts, (text) => readMapping(kind, text)));
}

/** Each `field=value` of --set. */
export function readSettings(command: Command, kind: ImportKind, texts: readonly string[]): Map<string, string> {
  return new Map(
    readAll(command, "--set <field=value>", texts, (text) => {
      const setting = readFieldValue(kind, text);
      if (setting) return setting;
      throw new InvalidArgumentError(`Expected FIELD=VALUE (200 letters at most); fields: ${fieldNames(kind)}.`);
    }),
  );
}

function readMapping(kind: ImportKind, text: string): [string, string] {
  const at = text.lastIndexOf("=");
  const column = headerKey(text.slice(0, Math.max(at, 0)));
  const field = text.slice(at + 1).trim();
  if (at < 1 || column === "") throw new InvalidArgumentError('Expected "column=field".');
  if (!isField(kind, field)) {
    throw new InvalidArgumentError(`Unknown field "${field}"; one of: ${fieldNames(kind)}.`);
  }
  return [column, field];
}

/** Says what is wrong as commander does of what it reads itself. */
function readAll<Value>(
  command: Command,
  flags: string,
  texts: readonly string[],
  read: (text: string) => Value,
): Value[] {
  return texts.map((text) => {
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      return command.error(`error: option '${flags}' argument '${text}' is invalid. ${error.message}`);
    }
  });
}
