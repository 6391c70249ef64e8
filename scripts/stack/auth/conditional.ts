/** The answer to a request that has the file already, where it has: its headers and no bytes. */
export async function unlessKnown(request: Request, answer: Response): Promise<Response> {
  if (answer.status !== 200 || !isKnown(request.headers, answer.headers)) return answer;
  await answer.body?.cancel();
  const headers = new Headers(answer.headers);
  headers.delete("Content-Length");
  return new Response(null, { status: 304, headers });
}

function isKnown(asked: Headers, told: Headers): boolean {
  const tags = asked.get("If-None-Match");
  if (tags !== null)
    return tags.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === told.get("ETag"));
  const since = Date.parse(asked.get("If-Modified-Since") ?? "");
  return Date.parse(told.get("Last-Modified") ?? "") <= since;
}
