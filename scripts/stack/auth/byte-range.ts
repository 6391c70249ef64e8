/**
 * Cuts an answer down to the bytes that the request's Range header names, so that a player can seek in a recording.
 * A header of another form than one range is left unheeded, which HTTP allows.
 */
export function withRange(range: string | undefined, answer: Response): Response {
  const size = Number(answer.headers.get("Content-Length"));
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (answer.status !== 200 || !answer.body || !size || (first === "" && last === "")) return answer;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  const headers = new Headers(answer.headers);
  if (start > end) {
    headers.set("Content-Range", `bytes */${size}`);
    headers.delete("Content-Length");
    return new Response(null, { status: 416, headers });
  }
  headers.set("Content-Range", `bytes ${start}-${end}/${size}`);
  headers.set("Content-Length", String(end - start + 1));
  return new Response(answer.body.pipeThrough(slice(start, end)), { status: 206, headers });
}

function slice(start: number, end: number): TransformStream<Uint8Array, Uint8Array> {
  let position = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const from = Math.max(0, start - position);
      const to = Math.min(chunk.length, end + 1 - position);
      if (from < to) controller.enqueue(chunk.subarray(from, to));
      position += chunk.length;
      if (position > end) controller.terminate();
    },
  });
}
