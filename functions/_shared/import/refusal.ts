/** What is wrong with a file, for programs. */
export type RefusalCode =
  | "empty_file"
  | "no_rows"
  | "missing_columns"
  | "unknown_column"
  | "unknown_sheet"
  | "unknown_encoding"
  | "encoding_unclear"
  | "unreadable_text"
  | "binary_file"
  | "unclosed_quote"
  | "line_too_long"
  | "cell_too_long"
  | "too_many_columns"
  | "damaged_file"
  | "file_too_large"
  | "unpacks_to_too_much"
  | "unsupported_format";

/** A file that cannot be imported as it is; the message tells a person, in French, what to do about it. */
export class ImportRefusal extends Error {
  override name = "ImportRefusal";
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

const choices = new Set<RefusalCode>([
  "missing_columns",
  "unknown_column",
  "unknown_sheet",
  "unknown_encoding",
  "encoding_unclear",
]);

/** Whether it is to be answered by asking again in another way, and not by another file. */
export function isMatterOfChoice({ code }: ImportRefusal): boolean {
  return choices.has(code);
}

/** The refusal of a small file that its repeated texts, rows or columns make a large one. */
export function growsTooMuch(): ImportRefusal {
  const message =
    "Ce fichier répète tant de textes ou de cellules qu'il en devient trop gros : enregistrez-le en « CSV UTF-8 ».";
  return new ImportRefusal("unpacks_to_too_much", message);
}
