// Charts as inline SVG: no library, and each figure can be read by its title.
import { html } from "./html.js";

/** Columns, one for each month: `[{label, value}]`. */
export function columns(points, show = String) {
  const [width, height, gap] = [360, 170, 14];
  const highest = Math.max(1, ...points.map(({ value }) => value));
  const step = (width - gap) / Math.max(1, points.length);
  return html`<svg viewBox="0 0 ${width} ${height}" role="img">
    ${points.map(({ label, value }, at) => {
      const tall = Math.max(0, (value / highest) * (height - 50));
      const [x, y] = [gap + at * step, height - 24 - tall];
      const middle = x + (step - gap) / 2;
      return html`<rect x="${x}" y="${y}" width="${step - gap}" height="${tall}" rx="3" fill="#1d4ed8">
          <title>${label} : ${show(value)}</title>
        </rect>
        <text x="${middle}" y="${y - 6}" text-anchor="middle">${show(value)}</text>
        <text x="${middle}" y="${height - 8}" text-anchor="middle">${label}</text>`;
    })}
  </svg>`;
}

/** Lying bars, one for each name: `[{name, value, color?}]`. */
export function bars(rows) {
  const [width, tall] = [360, 26];
  const highest = Math.max(1, ...rows.map(({ value }) => value));
  return html`<svg viewBox="0 0 ${width} ${rows.length * tall}" role="img">
    ${rows.map(({ name, value, color }, at) => {
      const long = (value / highest) * 170;
      return html`<text x="0" y="${at * tall + 16}">${name}</text>
        <rect x="140" y="${at * tall + 5}" width="${long}" height="15" rx="3" fill="${color ?? "#1d4ed8"}">
          <title>${name} : ${value}</title>
        </rect>
        <text x="${146 + long}" y="${at * tall + 16}">${value}</text>`;
    })}
  </svg>`;
}
