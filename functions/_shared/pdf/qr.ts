import { rgb } from "@cantoo/pdf-lib";
import { encode } from "uqr";
import type { Sheet } from "./sheet.ts";

// What readers need to see around it, in modules (ISO/IEC 18004).
const margin = 4;

/** Draws a text as a QR code, its margin included, in a square of `size` points whose lower left corner is `x`, `y`. */
export function drawQr({ page }: Sheet, text: string, x: number, y: number, size: number): void {
  const { data } = encode(text, { ecc: "M", border: margin });
  // One shape for all modules, so that no thin light lines show between them.
  const shape = data.flatMap((row, at) => darkRuns(row).map(([from, to]) => `M${from} ${at}H${to}V${at + 1}H${from}Z`));
  page.drawSvgPath(shape.join(""), { x, y: y + size, scale: size / data.length, color: rgb(0, 0, 0) });
}

/** Where dark modules begin and end in a row. */
function darkRuns(row: boolean[]): [from: number, to: number][] {
  const edges = [...row, false].flatMap((dark, at) => (dark !== (row[at - 1] ?? false) ? [at] : []));
  return edges.flatMap((from, at) => (at % 2 === 0 ? [[from, edges[at + 1] ?? row.length] as [number, number]] : []));
}
