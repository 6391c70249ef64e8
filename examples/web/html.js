// A template whose values are text: whatever somebody has written into a lead, it is no markup of this page.

class Markup {
  constructor(text) {
    this.text = text;
  }
  toString() {
    return this.text;
  }
}

export function html(parts, ...values) {
  return new Markup(parts.reduce((text, part, at) => text + markup(values[at - 1]) + part));
}

function markup(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(markup).join("");
  if (value === null || value === undefined || value === false) return "";
  return String(value).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
