import fc from "fast-check";
import { SaxesParser } from "saxes";
import { expect, it } from "vitest";
import { readXml } from "../../functions/_shared/import/xml.ts";
import { bytesOf } from "./reading.ts";

// Documents are read here byte by byte. Saxes, which keeps to the letter of XML, says what has to come of them.

type Event = string;

/** What this reader finds in a document that comes in pieces of so many bytes; undefined where it refuses it. */
async function found(document: string, pieceBytes: number): Promise<Event[] | undefined> {
  const bytes = bytesOf(document);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  const events: Event[] = [];
  const told = listener(events);
  try {
    for await (const _ of readXml(pieces(), told));
  } catch {
    return undefined;
  }
  return events;
}

function expected(document: string): Event[] | undefined {
  const parser = new SaxesParser();
  const events: Event[] = [];
  const { open, text, close } = listener(events);
  const bare = (name: string) => name.slice(name.indexOf(":") + 1);
  let isSound = true;
  const unsound = () => {
    isSound = false;
  };
  parser.on("error", unsound);
  parser.on("doctype", unsound);
  parser.on("opentag", ({ name, attributes }) => open(bare(name), attributes));
  parser.on("text", text);
  parser.on("cdata", text);
  parser.on("closetag", ({ name }) => close(bare(name)));
  parser.write(document).close();
  return isSound ? events : undefined;
}

/** Writes down what is told; texts that follow each other are one, and what is outside of all tags is none. */
function listener(events: Event[]) {
  let depth = 0;
  let written = "";
  const ended = () => {
    if (written !== "") events.push(`text ${JSON.stringify(written)}`);
    written = "";
  };
  return {
    open: (name: string, attributes: Readonly<Record<string, string>>) => {
      ended();
      depth += 1;
      events.push(`open ${name} ${JSON.stringify(Object.entries(attributes))}`);
    },
    text: (text: string) => {
      if (depth > 0) written += text;
    },
    close: (name: string) => {
      ended();
      depth -= 1;
      events.push(`close ${name}`);
    },
  };
}

const text = fc
  .array(
    fc.constantFrom(
      "a",
      "é€😀",
      " ",
      "\r\n",
      "\r",
      "\n",
      "\t",
      "&amp;",
      "&#233;",
      "&#x1F600;",
      "&#13;",
      ";",
      "'",
      '"',
      ">",
    ),
  )
  .map((parts) => parts.join(""))
  .filter((written) => !written.includes("]]>"));
const between = fc.constantFrom("", "<!-- - <a> & -->", "<?a b?>", "<![CDATA[<b>&amp;]]]>", "\r\n");
const name = fc.constantFrom("row", "c", "x:c", "é", "_a-1.b");
const space = fc.constantFrom(" ", "\n", "  \t", "\r\n");
const attribute = fc
  .tuple(space, fc.uniqueArray(fc.constantFrom("r", "s", "xml:space", "t"), { maxLength: 3 }), text, fc.boolean())
  .map(([gap, names, value, isSingle]) => {
    const mark = isSingle ? "'" : '"';
    return names
      .map((each) => `${gap}${each}${isSingle ? " = " : "="}${mark}${value.replaceAll(mark, "")}${mark}`)
      .join("");
  });
const { element } = fc.letrec<{ element: string; inside: string }>((tie) => ({
  element: fc
    .tuple(name, attribute, fc.option(tie("inside"), { nil: undefined }))
    .map(([tag, attributes, inside]) =>
      inside === undefined ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${inside}</${tag} >`,
    ),
  inside: fc
    .array(fc.oneof({ depthSize: "small" }, text, between, tie("element")), { maxLength: 4 })
    .map((all) => all.join("")),
}));
const document = fc
  .tuple(fc.constantFrom("", "<?xml version='1.0'?>\n", "\ufeff"), element)
  .map(([start, root]) => `${start}${root}\n`);

it("a sound document is read as saxes reads it, wherever it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(document, fc.integer({ min: 1, max: 40 }), async (written, pieceBytes) => {
      const events = expected(written);
      fc.pre(events !== undefined);
      expect(await found(written, pieceBytes)).toEqual(events);
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ["nothing", ""],
  ["no tag", "a"],
  ["a tag that is not closed", "<a><b></b>"],
  ["a tag that another closes", "<a><b></a></b>"],
  ["a tag that is closed and was not open", "<a/></a>"],
  ["a second root", "<a/><b/>"],
  ["text outside of tags", "<a/>b"],
  ["a name that is none", "<1a/>"],
  ["an attribute without a value", "<a b/>"],
  ["a value without quotes", "<a b=c/>"],
  ["attributes that touch", '<a b="1"c="2"/>'],
  ["a tag in a value", '<a b="<"/>'],
  ["a slash that ends nothing", "<a / b='1'/>"],
  ["a reference to nothing", "<a>&nbsp;</a>"],
  ["a reference to what every object has", "<a>&constructor;</a>"],
  ["a reference without its end", "<a>&amp</a>"],
  ["a reference to a letter that there is not", "<a>&#0;</a>"],
  ["a reference to half a letter", "<a>&#xD800;</a>"],
  ["a DOCTYPE", "<!DOCTYPE a><a/>"],
  ["a remark that does not end", "<a/><!-- "],
  ["a text as it is that does not end", "<a><![CDATA[b]]</a>"],
  ["a sign that XML has no place for", "<a>\u0001</a>"],
])("%s is refused, as saxes does", async (_what, written) => {
  expect(expected(written)).toBeUndefined();
  for (const pieceBytes of [1, 3, 1000]) expect(await found(written, pieceBytes)).toBeUndefined();
});
