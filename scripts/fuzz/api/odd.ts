import * as fc from "fast-check";

// What a program forgets that somebody may send.

const texts = [
  ...["", " ", "\t\r\n", "0", "-1", "null", "undefined", "true", "NaN", "Infinity", "[object Object]", "all"],
  ...[
    "\u0000",
    "a\u0000b",
    "\ud800",
    "a\udfffb",
    "\u202eabc",
    "\u200b",
    "a\u200bb",
    "\ufeffa",
    "e\u0301\u0323",
    "\uffff",
  ],
  ...["👩‍👩‍👧‍👦", "Z̸̧̛a̵͝l̶̈g̷͗o̴͊", "שלום", "ﷺ", "İ", "ß", "ŉ", "\u00a0", "\u2028", "\u007f", "\u0085", "𝟙𝟚𝟛", "٣", "Ⅷ"],
  ...[
    "' or '1'='1",
    "'; drop table leads.leads; --",
    "'--",
    "\\",
    "\\'",
    '"',
    "%",
    "_",
    "%_%",
    "*",
    "(",
    ")",
    "[",
    "{",
    "$1",
    "{}",
  ],
  ...[
    "../",
    "../../etc/passwd",
    "..%2f",
    "%2e%2e",
    "%00",
    "%",
    "%zz",
    "/",
    "//",
    "file:///etc/passwd",
    "http://127.0.0.1:1/",
  ],
  ...[
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "{{7*7}}",
    "$" + "{7*7}",
    "(a+)+$",
    "a,b",
    "a.b",
    "eq.1",
    "not.is.null",
  ],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "id", "select"],
  ...[
    "1e308",
    "1e400",
    "-0",
    "0x10",
    "1_000",
    "1,5",
    "2147483648",
    "9007199254740993",
    "9223372036854775808",
    "0.1e-400",
  ],
  ...[
    "0000-00-00",
    "2026-02-30",
    "2026-13-01T00:00:00Z",
    "infinity",
    "epoch",
    "now",
    "+294277-01-01",
    "-4714-01-01T00:00:00Z",
  ],
  ...[
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "{00000000-0000-0000-0000-000000000000}",
  ],
  ...["a@b", "a@b.fr\u0000", `${"a".repeat(250)}@b.fr`, "été@école.fr", "a@[127.0.0.1]", '"a b"@c.fr', "a@b.fr,c@d.fr"],
];

const numbers = [
  ...[0, -0, 1, -1, 0.1, 1.5, 99.999, 100, 101, 1e21, 1e308, -1e308, 5e-324, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1],
  ...[2 ** 32, 2 ** 53, 2 ** 53 + 2, 2 ** 63, -(2 ** 63), 1e16, 0.005, 1e-7],
];

/** A text as nobody means it: now and then one of a length that no field has. */
export const oddText = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...texts) },
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }) },
  { weight: 2, arbitrary: fc.constantFrom(101, 201, 255, 256, 1001, 5001, 20_001, 100_000).map((n) => "é".repeat(n)) },
);

const oddNumber = fc.oneof(fc.constantFrom(...numbers), fc.double(), fc.maxSafeInteger());

/** A date or a list of numbers where a text is wanted, and the other way round. */
export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: oddText },
  { weight: 4, arbitrary: oddNumber },
  { weight: 2, arbitrary: fc.constantFrom(null, true, false, [], {}, [[]], [null], { a: [{ b: {} }] }) },
  { weight: 1, arbitrary: fc.constantFrom(10, 31, 33, 500).map(nested) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{}}}').map(parse),
  },
);

/** A field that no schema has, and some that every object has. */
export const oddName = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "then",
    "role",
    "id",
    "is_admin",
    "user_id",
    "supplier_id",
    "",
    " ",
    "\u0000",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
);

/** A header's value: what may stand in one line of HTTP. */
export const oddHeader = fc.oneof(
  fc.constantFrom(
    "",
    "*",
    '""',
    'W/"1"',
    '"1","2"',
    "0",
    "-1",
    "1e9",
    "null",
    "é",
    "ÿ\u0080",
    "a".repeat(7000),
    "'--",
    "../",
    "{}",
    "%00",
  ),
  fc.constantFrom(
    "2026-01-01T00:00:00Z",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "infinity",
    "2147483648",
    "9223372036854775808",
  ),
  fc.string({
    unit: fc.constantFrom(..."abcABC019 -_.,;:=/\\\"'()[]{}%*+~!#$&<>?@^`|") as fc.Arbitrary<string>,
    maxLength: 60,
  }),
);

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 ? { a: value } : [value];
  return value;
}

function parse(text: string): unknown {
  return JSON.parse(text);
}
