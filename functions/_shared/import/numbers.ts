/** The first day of a workbook's dates: 1904 where it was made on an old Macintosh. */
export type Epoch = 1900 | 1904;

const days1904 = 1462;
const secondsOfDay = 86_400;
/** Day 60 of the first calendar is 29 February 1900, which never was. */
const zero = Date.UTC(1899, 11, 30);
const lastDay = 2_958_465;
/** In 1954: what is shown as a time and is less was no date. */
const earliestDay = 20_000;

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

/** Whether a text begins with a day that is over at `now` (ms), whichever of day and month comes first. */
export function isPastDate(text: string, now: number): boolean {
  const iso = /^\s*(20\d\d)-(\d\d)-(\d\d)/.exec(text);
  const local = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](20\d\d|\d\d)(?!\d)/.exec(text);
  const [year, month, day] = (iso ? iso.slice(1, 4) : [local?.[3], local?.[2], local?.[1]]).map(Number);
  if (!year || !month || !day || Math.min(month, day) > 12 || Math.max(month, day) > 31) return false;
  const full = year < 100 ? 2000 + year : year;
  const first = Date.UTC(full, month - 1, day);
  return (iso ? first : Math.min(first, Date.UTC(full, day - 1, month))) <= now;
}

// Number formats that every spreadsheet knows by their number (ECMA-376, 18.8.30).
const isKnownDate = (id: number) =>
  (id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
const knownCodes: Readonly<Record<number, string>> = {
  ...{ 9: "0%", 10: "0.00%", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss" },
  ...{ 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0" },
};

/** What a number of a cell is: a time of day, a length of time (30:00:00), a percentage with so many decimals shown, … */
export type NumberKind =
  | { as: "date" | "number" }
  | { as: "time" | "duration"; seconds: boolean }
  | { as: "percent"; decimals: number };

/** A number that is shown as one. */
export const plainNumber: NumberKind = { as: "number" };

/** What a number format says that a number is; `code` is the file's own, if it has one. */
export function kindOfFormat(id: number, code: string | undefined = knownCodes[id]): NumberKind {
  if (code === undefined || /^(general|standard)$/i.test(code)) return isKnownDate(id) ? { as: "date" } : plainNumber;
  // Of the parts for positive and negative numbers the first counts; quoted text, colours and fillers say nothing.
  const bare = code.split(";")[0]?.replace(/"[^"]*"|\\.|[_*].|\[(?![hms]+\])[^\]]*\]/gi, "") ?? "";
  const seconds = /s/i.test(bare);
  if (/\[[hms]+\]/i.test(bare)) return { as: "duration", seconds };
  // Without their time signs, minutes are months.
  if (/[yd]/i.test(bare) || (/m/i.test(bare) && !/[hs]/i.test(bare))) return { as: "date" };
  if (/[hs]/i.test(bare)) return { as: "time", seconds };
  return bare.includes("%") ? { as: "percent", decimals: /\.([0#?]+)/.exec(bare)?.[1]?.length ?? 0 } : plainNumber;
}

/** A number as it is, not as it is shown: a telephone that is shown as 3.36E+10 is all there. */
function numberText(value: number): string {
  // Spreadsheets keep 15 digits; of a longer number some are lost, and it must not pass for a telephone.
  if (Math.abs(value) >= 1e15) return value.toExponential().toUpperCase();
  return String(Number(value.toPrecision(15)));
}

/** So many days are `30:00:00`, or `30:00` where seconds are not shown. */
function clockText(days: number, seconds: boolean): string {
  const all = Math.round(days * secondsOfDay);
  const [hours, minutes, rest] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const two = (number: number) => String(number).padStart(2, "0");
  return seconds || rest !== 0 ? `${two(hours)}:${two(minutes)}:${two(rest)}` : `${two(hours)}:${two(minutes)}`;
}

/** The text of a cell that holds a number: what people see in it, but for numbers, which are whole. */
export function numberCell(value: number, kind: NumberKind, epoch: Epoch): string {
  switch (kind.as) {
    case "date":
      return serialDate(value, epoch) ?? numberText(value);
    case "duration":
      return value >= 0 ? clockText(value, kind.seconds) : numberText(value);
    case "time":
      // Of a date that is shown by its time alone the day is there all the same.
      if (value >= earliestDay) return serialDate(value, epoch) ?? numberText(value);
      return value >= 0 ? clockText(value % 1, kind.seconds) : numberText(value);
    case "percent":
      return `${Number((value * 100).toFixed(Math.min(kind.decimals, 10)))} %`;
    default:
      return numberText(value);
  }
}

/** A date as ISO 8601 writes it, as the text that dates have here: `2026-02-10`, with `14:30:00` where there is a time. */
export function isoText(written: string): string {
  return written.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,]\d+)?$/, (_, day, time) =>
    time === "00:00:00" ? day : `${day} ${time}`,
  );
}
