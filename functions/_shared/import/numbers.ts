/** The first day of a workbook's dates: 1904 where it was made on an old Macintosh. */
export type Epoch = 1900 | 1904;

const days1904 = 1462;
const secondsOfDay = 86_400;
/** Day 60 of the first calendar is 29 February 1900, which never was. */
const zero = Date.UTC(1899, 11, 30);
const lastDay = 2_958_465;

/** A serial number as `2026-02-10`, or `2026-02-10 14:30:00` where there is a time; undefined for what is no date. */
function serialDate(serial: number, epoch: Epoch): string | undefined {
  const days = epoch === 1904 ? serial + days1904 : serial;
  if (!(days >= 1 && days < lastDay + 1)) return undefined;
  const whole = days < 60 ? days + 1 : days;
  const written = new Date(zero + Math.round(whole * secondsOfDay) * 1000).toISOString();
  return written.endsWith("T00:00:00.000Z") ? written.slice(0, 10) : written.slice(0, 19).replace("T", " ");
}

/** A date that a spreadsheet has left as its number, in a column of dates; null for anything else. */
export function dateFromSerial(text: string, epoch: Epoch): string | null {
  if (!/^\d{4,5}([.,]\d+)?$/.test(text)) return null;
  return serialDate(Number(text.replace(",", ".")), epoch) ?? null;
}

// Number formats that every spreadsheet knows by their number (ECMA-376, 18.8.30).
const isKnownDate = (id: number) =>
  (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 58 && id !== 48 && id !== 49);
const knownPercents = [9, 10];

/** What a number of a cell is. */
export type NumberKind = "date" | "percent" | "number";

/** What a number format says that a number is; `code` is the file's own, if it has one. */
export function kindOfFormat(id: number, code?: string): NumberKind {
  if (code === undefined) return isKnownDate(id) ? "date" : knownPercents.includes(id) ? "percent" : "number";
  const bare = code.replace(/"[^"]*"|\\.|_.|\[(?![hms]+\])[^\]]*\]/gi, "");
  if (/[ymdhs]/i.test(bare)) return "date";
  return bare.includes("%") ? "percent" : "number";
}

/** A number as it is, not as it is shown: a telephone that is shown as 3.36E+10 is all there. */
function numberText(value: number): string {
  // Spreadsheets keep 15 digits; of a longer number some are lost, and it must not pass for a telephone.
  if (Math.abs(value) >= 1e15) return value.toExponential().toUpperCase();
  return String(Number(value.toPrecision(15)));
}

/** The text of a cell that holds a number. */
export function numberCell(value: number, kind: NumberKind, epoch: Epoch): string {
  if (kind === "date") return serialDate(value, epoch) ?? numberText(value);
  // 80 % is stored as 0.8, which is a good value for nothing.
  return kind === "percent" ? `${numberText(value * 100)} %` : numberText(value);
}

/** A date as ISO 8601 writes it, as the text that dates have here: `2026-02-10`, with `14:30:00` where there is a time. */
export function isoText(written: string): string {
  return written.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,]\d+)?$/, (_, day, time) =>
    time === "00:00:00" ? day : `${day} ${time}`,
  );
}
