import * as fc from "fast-check";
import { oddName, oddText } from "./odd.ts";
import type { Schema } from "./valid.ts";
import type { Wire } from "./wire.ts";

type Part = { name: string; fileName?: string; type?: string; bytes: Buffer };

const heads = [
  "firstName;lastName;email;phone;sector;region",
  "Prénom,Nom,E-mail,Téléphone,Secteur,Région",
  "Nom\tSecteur",
  "",
];

/** A small file of leads, a damaged one, or none. */
const file = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        head: fc.constantFrom(...heads),
        rows: fc.array(
          fc.array(
            fc.oneof(oddText, fc.constantFrom("Jean", "Isolation", "Bretagne", "0639981299", "a@example.test")),
            { maxLength: 7 },
          ),
          { maxLength: 4 },
        ),
      })
      .map(({ head, rows }) => Buffer.from([head, ...rows.map((row) => row.join(";").slice(0, 2000))].join("\n"))),
  },
  {
    weight: 2,
    arbitrary: fc
      .nat(1_000_000)
      .map((n) => Buffer.from(`${heads[0]}\nJean;Dupont;fuzz-${n}@example.test;;Isolation;Bretagne\n`)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        "PK\u0003\u0004",
        "\u001f\u008b\u0008",
        "%PDF-1.4",
        "<html><table><tr><td>a</td></tr></table>",
        "{}",
        "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1",
      )
      .map((text) => Buffer.from(text, "latin1")),
  },
);

const fileName = fc.oneof(
  fc.constantFrom(
    "leads.csv",
    "leads.xlsx",
    "../../leads.csv",
    "",
    ".",
    "a".repeat(300),
    "leads\u0000.csv",
    "é\u202evsc.exe",
    'a"b.csv',
    "con",
    "a/b\\c.csv",
    "%00.csv",
  ),
  oddText,
);

/** Forms with a file: most of them well made, some with what a form may have wrong. */
export function formCases(schema: Schema): fc.Arbitrary<Pick<Wire, "headers" | "body">> {
  const others = Object.keys(schema.properties ?? {}).filter((name) => name !== "file");
  const field = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...others) }, { weight: 1, arbitrary: oddName });
  const value = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        "skip",
        "update",
        "report",
        "utf-8",
        "windows-1252",
        "1",
        "sophie@agence-ads.fr",
        '{"Nom":"lastName"}',
        "{",
        "[]",
        '{"a":{"b":1}}',
        '{"__proto__":"email"}',
      ),
    },
    { weight: 2, arbitrary: oddText },
  );
  const fields = fc.array(
    fc.tuple(field, value).map(([name, text]): Part => ({ name, bytes: Buffer.from(text) })),
    { maxLength: 3 },
  );
  const files = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(filePart("file")) },
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(filePart("file"), filePart("file")) },
    { weight: 1, arbitrary: fc.tuple(filePart("onDuplicate")) },
    { weight: 1, arbitrary: oddText.map((text): Part[] => [{ name: "file", bytes: Buffer.from(text) }]) },
  );
  return fc
    .record({ files, fields, boundary: fc.constantFrom("fuzz-boundary", "'()+_,-./:=?", "x") })
    .map(({ files, fields, boundary }) => ({
      headers: [["Content-Type", `multipart/form-data; boundary="${boundary}"`]],
      body: { bytes: written([...fields, ...files], boundary) },
    }));
}

function filePart(name: string): fc.Arbitrary<Part> {
  return fc.record({
    name: fc.constant(name),
    fileName,
    type: fc.constantFrom("text/csv", "application/octet-stream", "", "text/html", "a".repeat(300)),
    bytes: file,
  });
}

function written(parts: readonly Part[], boundary: string): Buffer {
  const pieces = parts.flatMap(({ name, fileName, type, bytes }) => {
    const file = fileName === undefined ? "" : `; filename="${fileName.slice(0, 500)}"`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${type === undefined ? "" : `Content-Type: ${type}\r\n`}\r\n`;
    return [Buffer.from(head), bytes, Buffer.from("\r\n")];
  });
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}
