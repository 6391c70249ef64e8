const longestKey = 1024;

/** Whether a file may be called so: its folders lead nowhere else, and it holds nothing that a path or a header cannot. */
export function isKey(key: string): boolean {
  const parts = key.split("/");
  const leads = parts.every((part) => !["", ".", ".."].includes(part));
  return leads && isPlain(key) && Buffer.byteLength(key) <= longestKey;
}

/** Whether Storage takes a new file by this name: of other signs it knows that S3 may not keep them. */
export function isNewKey(key: string): boolean {
  return isKey(key) && /^[\w/!.*'() &$=@;:+,?-]+$/.test(key);
}

/** Whether a bucket may be called so. */
export function isBucketName(name: string): boolean {
  return /^[\w!.*'() &$=@;:+,?-]{1,100}$/.test(name) && name !== "." && name !== "..";
}

/** Whether a text has no control characters, backslashes or halves of characters. */
export function isPlain(text: string): boolean {
  return !/[\p{Cc}\p{Cs}\\]/u.test(text);
}

/** A bucket and a file's name out of a path below `/object/`, without the words that say what is done; undefined where one is none. */
export function targetOf(url: string): { bucket: string; key: string } | undefined {
  const path = new URL(url).pathname.replace(
    /^\/storage\/v1\/object\/((upload\/)?sign\/|public\/|info\/(public\/)?)?/,
    "",
  );
  const [bucket = "", ...key] = path.split("/");
  try {
    const target = { bucket: decodeURIComponent(bucket), key: decodeURIComponent(key.join("/")) };
    return isKey(target.bucket) && isKey(target.key) ? target : undefined;
  } catch {
    return undefined;
  }
}
