import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { App } from "@supabase/lite";
import { stated } from "./storage-uploads.ts";

type StorageAdapter = NonNullable<App["_storageAdapter"]>;
type Metadata = Awaited<ReturnType<StorageAdapter["headObject"]>>;

/** What is kept beside each file: the answer's headers that the bytes do not tell. */
interface Sheet {
  mimetype: string;
  cacheControl: string;
  size: number;
  eTag: string;
  lastModified: string;
}

// A file is called by a hash of its bucket and name, so that no name, however long or strange, leaves the folder or meets another.
function pathIn(folder: string, bucket: string, name: string): string {
  const hash = createHash("sha256").update(JSON.stringify([bucket, name]));
  return join(folder, hash.digest("hex"));
}

/** Changes what is told of a stored file; its bytes stay. */
export async function restateFile(
  folder: string,
  { bucket, key }: { bucket: string; key: string },
  changes: { mimetype?: string | undefined; cacheControl?: string | undefined },
): Promise<void> {
  const path = `${pathIn(folder, bucket, key)}.json`;
  const sheet = JSON.parse(await readFile(path, "utf8")) as Sheet;
  // Written under another name first: no reader meets half of it.
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify({ ...sheet, ...changes }));
  await rename(draft, path);
}

/** Keeps stored objects as files below a folder; the properties of each lie beside it as JSON. */
export function createFileAdapter(folder: string): StorageAdapter {
  const pathOf = (bucket: string, name: string) => pathIn(folder, bucket, name);

  async function readSheet(path: string): Promise<Metadata> {
    const sheet = JSON.parse(await readFile(`${path}.json`, "utf8")) as Sheet;
    return { ...sheet, contentLength: sheet.size, lastModified: new Date(sheet.lastModified) };
  }

  async function remove(bucket: string, name: string): Promise<void> {
    const path = pathOf(bucket, name);
    await Promise.all([rm(path, { force: true }), rm(`${path}.json`, { force: true })]);
  }

  return {
    driver: undefined,
    async uploadObject(bucket, name, _version, body, mimetype, cacheControl) {
      await mkdir(folder, { recursive: true });
      const path = pathOf(bucket, name);
      // Written under another name first: a reader sees the old file or the new one, never half of it.
      const draft = `${path}.${randomUUID()}`;
      const { size, eTag } = await writeBody(draft, body);
      const sheet: Sheet = {
        mimetype: stated.getStore()?.type ?? mimetype,
        cacheControl: stated.getStore()?.cacheControl ?? cacheControl,
        size,
        eTag,
        lastModified: new Date().toISOString(),
      };
      await writeFile(`${draft}.json`, JSON.stringify(sheet));
      await rename(draft, path);
      await rename(`${draft}.json`, `${path}.json`);
      return readSheet(path);
    },
    async getObject(bucket, name) {
      const path = pathOf(bucket, name);
      const metadata = await readSheet(path);
      const body = Readable.toWeb(createReadStream(path)) as ReadableStream;
      return { httpStatusCode: 200, metadata, body };
    },
    headObject: (bucket, name) => readSheet(pathOf(bucket, name)),
    deleteObject: remove,
    async deleteObjects(bucket, names) {
      await Promise.all(names.map((name) => remove(bucket, name)));
    },
    async copyObject(bucket, name, _version, newBucket, newName) {
      const [from, to] = [pathOf(bucket, name), pathOf(newBucket, newName)];
      await copyFile(from, to);
      await copyFile(`${from}.json`, `${to}.json`);
      const { eTag, lastModified = new Date() } = await readSheet(to);
      return { httpStatusCode: 200, eTag, lastModified };
    },
    privateAssetUrl: async (bucket, name) => `file://${pathOf(bucket, name)}`,
  };
}

type Body = Parameters<StorageAdapter["uploadObject"]>[3];

async function writeBody(path: string, body: Body): Promise<{ size: number; eTag: string }> {
  const hash = createHash("md5");
  let size = 0;
  const source = body instanceof Uint8Array ? Readable.from([body]) : Readable.fromWeb(body as never);
  const measured = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  try {
    await pipeline(source, measured, createWriteStream(path));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return { size, eTag: `"${hash.digest("hex")}"` };
}
