import type { Wire } from "./wire.ts";

const triesAtMost = 60;

/** The least of a request that still has the same fault: parts are left out and texts cut while it stays. */
export async function smallest(wire: Wire, hasFault: (wire: Wire) => Promise<boolean>): Promise<Wire> {
  let least = wire;
  let tries = 0;
  for (let better = true; better && tries < triesAtMost; ) {
    better = false;
    for (const smaller of smallerThan(least)) {
      if (++tries > triesAtMost) break;
      if (!(await hasFault(smaller))) continue;
      least = smaller;
      better = true;
      break;
    }
  }
  return least;
}

function* smallerThan(wire: Wire): Generator<Wire> {
  for (const [n] of wire.query.entries()) yield { ...wire, query: wire.query.toSpliced(n, 1) };
  for (const [n] of wire.headers.entries()) yield { ...wire, headers: wire.headers.toSpliced(n, 1) };
  const { body } = wire;
  if (!body) return;
  const { body: _, ...without } = wire;
  yield without;
  if ("bytes" in body) {
    const half = Math.floor(body.bytes.length / 2);
    if (half > 0) yield { ...wire, body: { bytes: body.bytes.subarray(0, half) } };
    return;
  }
  for (const json of smallerValues(body.json)) yield { ...wire, body: { ...body, json } };
}

function* smallerValues(value: unknown): Generator<unknown> {
  if (typeof value === "string" && value.length > 8) yield value.slice(0, Math.floor(value.length / 2));
  if (typeof value !== "object" || value === null) return;
  const fields = Object.entries(value);
  for (const [name] of fields)
    yield rebuilt(
      value,
      fields.filter(([other]) => other !== name),
    );
  for (const [name, inner] of fields) {
    for (const smaller of smallerValues(inner)) {
      yield rebuilt(
        value,
        fields.map(([other, kept]) => [other, other === name ? smaller : kept]),
      );
    }
  }
}

function rebuilt(like: object, fields: [string, unknown][]): unknown {
  return Array.isArray(like) ? fields.map(([, value]) => value) : Object.fromEntries(fields);
}
