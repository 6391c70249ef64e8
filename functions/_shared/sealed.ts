import { Buffer } from "node:buffer";

// Values that the database keeps and must not be able to read. WebCrypto, which Deno and Node have alike.

const version = "v1";
const nonceBytes = 12;

/** The key of sealed values, out of 32 bytes in base64. Throws where the text is something else. */
export function sealingKey(base64: string): Promise<CryptoKey> {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== 32) throw new Error("the encryption key is not 32 bytes in base64");
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** What tells that two texts are the same, and nothing else to whoever has no key. */
export async function fingerprint(base64: string, text: string): Promise<string> {
  const hash = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", Buffer.from(base64, "base64"), hash, false, ["sign"]);
  return encode(new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`fingerprint ${text}`))));
}

/** Encrypts a text (AES-256-GCM, a fresh nonce each time) for one owner: only `unseal` with the same owner opens it. */
export async function seal(key: CryptoKey, owner: string, text: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const sealed = await crypto.subtle.encrypt(algorithm(iv, owner), key, new TextEncoder().encode(text));
  return [version, encode(iv), encode(new Uint8Array(sealed))].join(".");
}

/** The text that was sealed. Throws, without a word of it, where the key or the owner is another one or it was changed. */
export async function unseal(key: CryptoKey, owner: string, sealed: string): Promise<string> {
  const [found, iv = "", content = "", ...more] = sealed.split(".");
  if (found !== version || more.length > 0) throw new Error("a sealed value of an unknown kind");
  try {
    const opened = await crypto.subtle.decrypt(algorithm(decode(iv), owner), key, decode(content));
    return new TextDecoder().decode(opened);
  } catch {
    throw new Error("a sealed value does not open: the encryption key is not the one that sealed it");
  }
}

function algorithm(iv: Uint8Array<ArrayBuffer>, owner: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(owner) };
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "base64url"));
}
