/** An element of a document: its name, what is in it, and its attributes. What turns out empty is left out. */
export type XmlElement = readonly [name: string, content: XmlContent, attributes?: Readonly<Record<string, string>>];
type XmlContent = string | null | readonly (XmlElement | undefined)[];

/** The document of an element, in UTF-8. */
export function xmlDocument(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${rendered(root)}`;
}

function rendered([name, content, attributes = {}]: XmlElement): string {
  const inner =
    typeof content === "string"
      ? escaped(content)
      : (content ?? []).map((element) => (element ? rendered(element) : "")).join("");
  if (!inner) return "";
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name}${pairs.join("")}>${inner}</${name}>`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  return printable(text).replace(/[&<>"]/g, (found) => entities[found] ?? found);
}

/** A text on one line, without the characters that XML cannot write, halves of a pair among them. */
export function printable(text: string): string {
  return text
    .replace(/[^\s\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
}
