const hour = 3_600_000;
const clock = new Intl.DateTimeFormat("en-CA", {
  timeZone: "Europe/Paris",
  hourCycle: "h23",
  ...{ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit" },
});
const offsets = new Map<number, number>();

/** What the clocks of Paris show at an instant, as if it were UTC: what spreadsheets keep has no zone. */
export function parisTime(instant: string): Date {
  const time = Date.parse(instant);
  const inHour = Math.floor(time / hour);
  // Asked once an hour of the data: the calendar's answer takes longer than all the rest of a row.
  let offset = offsets.get(inHour);
  if (offset === undefined) {
    const [date, hours] = clock.format(inHour * hour).split(", ");
    offset = Date.parse(`${date}T${hours}:00:00Z`) - inHour * hour;
    if (offsets.size > 100_000) offsets.clear();
    offsets.set(inHour, offset);
  }
  return new Date(time + offset);
}
