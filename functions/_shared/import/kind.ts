/** What a cell holds. A date that a spreadsheet has left as its number is put right by the reader; the rest is for SQL to read. */
type CellType = "text" | "date" | "amount" | "number";

/** A field that a file may bring. */
export type ImportField<Field extends string = string> = {
  /** Its column in the staging table: a text, as it was written. */
  column: string;
  type: CellType;
  /**
   * `phone`: of several columns those count that have a digit in them. `moment`: a column may say that its times are
   * UTC, and one that is called « Date » alone may be any date, of which only those that are over are taken.
   */
  reads?: "phone" | "moment";
  /** Where a second value goes: of several columns of this field none is lost. */
  second?: Field;
  /** A row may have several, at home and at work: where one column is empty another may do. */
  several?: true;
  /** A vague name of this field means `field` where a file has `beside` and no `field`: « Name » beside « First name ». */
  vaguely?: { field: Field; beside: Field };
  /** It may be the same for all rows: where it is missing, people are told of --set. */
  forAll?: true;
};

/** Words by which the names of columns, and a file's encoding, are understood. */
export type ImportWords = {
  /** Whom rows are about, as headerKey leaves it: « Prospect email » is « email ». */
  owners?: readonly string[];
  /** Whom they are not about: such a column is never proposed for a field that is missing. */
  strangers?: readonly string[];
  /** Too common in names of columns to propose one by. */
  vague?: readonly string[];
  /** Where a name begins with `beside`, those that begin with `named` are a stranger's. */
  host?: { beside: string; named: string };
  /** Words with accents that such files are full of, in lower case. */
  common?: ReadonlySet<string>;
};

/** SQL functions of an import, each by its name with its schema; executable by whoever imports. */
type ImportFunctions = {
  /** `(owner uuid, file_name text)` opens an import and answers its id. */
  begin: string;
  /** `(owner, sha256 bytea, on_duplicate text, reading jsonb)`: id, reference, status, resumable of the same file asked for so; nulls. */
  known: string;
  /** `(owner, file_name, sha256, on_duplicate, reading, source text)`: id, reference, status, opened. */
  open: string;
  /** `(import_id uuid)` holds an open import until the transaction ends, and removes what an earlier attempt has staged. */
  stage: string;
  /** `(import_id, on_duplicate, staged => bigint)` makes all of the staged rows or none; `staged` is how many there have to be. */
  merge: string;
  /** `(import_id, reason text)` ends an open import as failed. */
  fail: string;
  /** `(import_id)` answers an ImportReport as json. */
  report: string;
  /** `(import_id)` answers day_first, month_first or null, for the staged dates together. */
  dateOrder?: string;
  /**
   * For a merge while the file is read. `open (import_id)` answers the time of its keys, `check (import_id, from, to, keys_from,
   * month_first)` and `insert (import_id, from, to)` do a part of the merge, which is then told `inserted => true`.
   */
  pieces?: PieceFunctions;
  /**
   * For a file that is staged slice by slice, each in a transaction and perhaps an invocation of its own. `begin (import_id)`
   * holds an open import until the transaction ends, and answers staged_to jsonb, staged_rows bigint, is_staged boolean: how far
   * its file is staged. `end (import_id, rows bigint, staged_to jsonb, is_staged boolean)` writes by how many rows it is
   * further, and where the next begins.
   */
  slices?: SliceFunctions;
};

export type PieceFunctions = { open: string; check: string; insert: string };
export type SliceFunctions = { begin: string; end: string };

/**
 * Rows that come in by files: which fields they have, what people call these, and where SQL takes over. The readers,
 * the recognition of columns, the staging and the command line know no more of them than this.
 */
export type ImportKind<Field extends string = string> = {
  /** Its system's slug, or that and a name of its own, slug.name; what `leads-cli import --as` is told. */
  name: string;
  /** By the names that the API gives them. */
  fields: Readonly<Record<Field, ImportField<Field>>>;
  /** In French, for people. */
  labels: Readonly<Record<Field, string>>;
  /**
   * What columns are called in lists made by people and in exports, separated by ", ": for each field from the most precise
   * names to the vaguest. Of two columns for one field the more precise one counts. They are compared by headerKey.
   */
  aliases: Readonly<Record<Field, readonly string[]>>;
  /** What has to be there, and by which fields it may be; `label` where the first one's does not say it. */
  required: readonly { by: readonly [Field, ...Field[]]; label?: string }[];
  /** Fields that mean nothing without each other; `incomplete` tells people so, before what is missing. */
  together?: readonly { fields: readonly Field[]; incomplete: string }[];
  words?: ImportWords;
  /** The table of staged rows: import_id uuid, line integer, defect text, and a text column for each field. */
  staging: string;
  /** The table of refused rows: import_id, line, problems jsonb, [{field, code, message}]. */
  rejects: string;
  functions: ImportFunctions;
};
