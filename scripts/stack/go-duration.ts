const unitSeconds: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };
const part = String.raw`(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)`;

/** The seconds of a duration as Go writes it, `24h` or `1h30m`; undefined where it is none. */
export function goDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!new RegExp(`^[+-]?(${part})+$`).test(text)) return undefined;
  const parts = [...text.matchAll(new RegExp(part, "g"))];
  const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitSeconds[unit ?? ""] ?? 0), 0);
  return text.startsWith("-") ? -seconds : seconds;
}
