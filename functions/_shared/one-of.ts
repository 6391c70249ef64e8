/** The condition, as PostgREST reads it, that a column is one of these. */
export function oneOf(values: readonly string[]): string {
  return `in.(${values.map(quoted).join(",")})`;
}

function quoted(value: string): string {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
