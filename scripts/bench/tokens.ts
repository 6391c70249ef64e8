import type { StackInfo } from "../stack/index.ts";
import { signJwt } from "../stack/keys.ts";

/** A token of a user of the stack, for an hour, as Auth would give it to him. */
export function userToken({ jwtSecret }: StackInfo, id: string): string {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return signJwt({ role: "authenticated", aud: "authenticated", sub: id, exp }, jwtSecret);
}
