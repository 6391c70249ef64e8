import * as z from "zod";
import { database } from "../../_shared/database.ts";
import type { Bytes } from "../../_shared/import/pieces.ts";
import { secretHeaders } from "../../_shared/keys.ts";
import { invalidBody, Problem } from "../../_shared/problem.ts";
import { takeAttempt } from "../../_shared/rate-limit.ts";
import { removeFile, type SignedUpload, signUpload, storedFile, storeFile } from "../../_shared/storage.ts";
import { uploadBucket } from "./import-work.ts";

const pieceBytes = 64 * 1024;

/** A file of leads: in the request, or where its sender has put it. */
export type SentFile = {
  name: string;
  bytes: () => Bytes;
  /** Its place in the bucket, from when on no crash loses it. */
  keep: (supplier: string) => Promise<string>;
  /** After its import was not opened. Never throws. */
  drop: (path: string) => Promise<void>;
};

/** A file that came in a form. */
export function fileOfForm(file: File): SentFile {
  return {
    name: file.name,
    bytes: () => piecesOf(file),
    keep: async (supplier) => {
      const path = `${supplier}/${crypto.randomUUID()}`;
      await storeFile(uploadBucket, path, file, await kindOf(file));
      return path;
    },
    drop: (path) => removeFile(uploadBucket, path).catch(() => undefined),
  };
}

/** A file that its sender has put where `importUploadOf` told him. */
export function fileOfUpload(path: string, name: string): SentFile {
  return {
    name,
    bytes: () => stored(path),
    keep: async () => path,
    // The same file may have been named twice: then it is the other import's.
    drop: async (place) => {
      const named = await database()`select from leads.import_files where path = ${place}`.catch(() => [1]);
      if (named.length === 0) await removeFile(uploadBucket, place).catch(() => undefined);
    },
  };
}

/** Whether the path is one that this supplier's files are put at. */
export function isPlaceOf(path: string, supplier: string): boolean {
  const [folder, name, ...more] = path.split("/");
  return folder === supplier && z.uuid().safeParse(name).success && more.length === 0;
}

/** 422: nothing of this supplier's lies there. */
export function unknownUpload(): Problem {
  const message = "Aucun fichier n'a été déposé à cette adresse : demandez-en une par POST /api/imports/upload.";
  return new Problem(422, "invalid_fields", "Certains champs sont invalides.", {
    details: [{ field: "upload", code: "unknown_upload", message }],
  });
}

/** 400: neither a file nor where it lies, or both. */
export function oneFileExpected(): Problem {
  const message = "Un fichier est attendu : file, ou upload s'il a été déposé.";
  return invalidBody([{ field: "file", code: "invalid_type", message }]);
}

const place = z.object({ bucket: z.string(), path: z.string() });

/** Where a large file may be put, once, by whoever has the address. */
export async function importUploadOf(
  found: unknown,
  request: Request,
): Promise<SignedUpload & { contentType: string }> {
  const signed = place.parse(found);
  // Each address may be filled: they count from when they are given out, whether a file lies there yet or not.
  await takeAttempt({ upload_account: signed.path.split("/")[0] as string });
  return { ...(await signUpload(signed, secretHeaders(), request)), contentType: "text/csv" };
}

async function* stored(path: string): AsyncGenerator<Uint8Array> {
  const pieces = storedFile(uploadBucket, path);
  let first: IteratorResult<Uint8Array>;
  try {
    first = await pieces.next();
  } catch (error) {
    throw error instanceof Problem ? error : unknownUpload();
  }
  try {
    if (!first.done) yield first.value;
    yield* pieces;
  } finally {
    await pieces.return(undefined);
  }
}

/** In pieces of our own: the stream of a file may be one piece, and its first line is all that is wanted. */
async function* piecesOf(file: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += pieceBytes) {
    yield new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer());
  }
}

/** One of the kinds that the bucket takes, by the content: what the sender calls it is stored nowhere. */
async function kindOf(file: Blob): Promise<string> {
  const start = new TextDecoder("latin1").decode(await file.slice(0, 512).arrayBuffer());
  if (start.startsWith("PK")) return "application/zip";
  if (start.startsWith("\x1f\x8b")) return "application/gzip";
  // A spreadsheet of Excel's own, or a page that is called one.
  return start.startsWith("\xd0\xcf\x11\xe0") || /^[^\w"]*</.test(start) ? "application/vnd.ms-excel" : "text/csv";
}
