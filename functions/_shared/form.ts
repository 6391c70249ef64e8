import { Problem } from "./problem.ts";

/** Beyond so many times what is accepted, a caller who goes on sending is cut off. */
export const patience = 8;

/**
 * The form of a request, with its files. Throws a Problem: 415 for another kind, 413 beyond `longestBytes`, 400 for
 * what is no form.
 */
export async function readForm(request: Request, longestBytes: number): Promise<FormData> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^multipart\/form-data\s*;/i.test(type)) {
    await readAway(request.body, longestBytes);
    throw new Problem(415, "unsupported_media_type", "Le fichier doit être envoyé dans un formulaire.", {
      hint: "Content-Type: multipart/form-data",
    });
  }
  const told = Number(request.headers.get("content-length") ?? 0);
  const { body, tooLong } = atMost(request.body, longestBytes, told > longestBytes);
  try {
    return await new Response(body, { headers: { "Content-Type": type } }).formData();
  } catch {
    throw tooLong() ? fileTooLarge(longestBytes) : new Problem(400, "invalid_body", "Ce formulaire est illisible.");
  }
}

/** 413: the file is longer than the endpoint accepts. */
export function fileTooLarge(longestBytes: number): Problem {
  return new Problem(413, "file_too_large", `Le fichier dépasse ${Math.floor(longestBytes / 1024 / 1024)} Mo.`);
}

/**
 * The same bytes up to a limit; what comes after it is read, so that a caller who is still sending gets the answer and
 * no broken connection, and is not kept.
 */
function atMost(body: ReadableStream<Uint8Array> | null, longest: number, alreadyTooLong: boolean) {
  let length = alreadyTooLong ? longest + 1 : 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(part, controller) {
      length += part.byteLength;
      if (length <= longest) controller.enqueue(part);
      else if (length > longest * patience) controller.error(new Error("too long by far"));
    },
  });
  return { body: body?.pipeThrough(counting) ?? null, tooLong: () => length > longest };
}

/** Reads a body that nobody wants, to be able to say so: see atMost. */
export async function readAway(body: ReadableStream<Uint8Array> | null, longestBytes: number): Promise<void> {
  const { body: rest } = atMost(body, longestBytes, true);
  await rest?.pipeTo(new WritableStream()).catch(() => {});
}
