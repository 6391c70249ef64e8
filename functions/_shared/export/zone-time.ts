const hour = 3_600_000;

/** What clocks show at an instant, as if it were UTC: what spreadsheets keep has no zone. */
export type Clock = (instant: string) => Date;

/** The clocks of a zone, by its IANA name. */
export function clockOf(zone: string): Clock {
  const clock = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    ...{ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
  });
  const offsets = new Map<number, number>();
  return (instant) => {
    const time = Date.parse(instant);
    const inHour = Math.floor(time / hour);
    // Asked once an hour of the data: the calendar's answer takes longer than all the rest of a row.
    let offset = offsets.get(inHour);
    if (offset === undefined) {
      const [date, minutes] = clock.format(inHour * hour).split(", ");
      offset = Date.parse(`${date}T${minutes}:00Z`) - inHour * hour;
      if (offsets.size > 100_000) offsets.clear();
      offsets.set(inHour, offset);
    }
    return new Date(time + offset);
  };
}
