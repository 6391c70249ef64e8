// What a spreadsheet takes for a formula, also after a tab or a line break, and in the wide letters of East Asian
// keyboards (OWASP, CSV injection). Apostrophes before it count too, so that taking one off gives back what was written.
const formula = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const guardedFormula = /^'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** What a spreadsheet would take for a formula, with an apostrophe before it; `withoutGuard` takes it off. */
export function guarded(value: string): string {
  return formula.test(value) ? `'${value}` : value;
}

/** The value without the apostrophe that a spreadsheet, or `guarded`, has put before it. */
export function withoutGuard(value: string): string {
  return guardedFormula.test(value) ? value.slice(1) : value;
}

/** A telephone in its one form, masked or not: it calculates nothing, and its + is part of it. */
export function isTelephone(value: string): boolean {
  return /^\+[0-9][0-9 •]*$/.test(value);
}
