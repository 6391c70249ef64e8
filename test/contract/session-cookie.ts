import { createHash } from "node:crypto";
import { seal, sealingKey, unseal } from "../../functions/_shared/sealed.ts";
import { db } from "../support/stack.ts";

/** Makes the token that a cookie stands for one that has expired; returns the refresh token beside it. */
export async function expire(cookie: string): Promise<string> {
  const handle = cookie.split("=")[1] ?? "";
  const key = await sealingKey(handle);
  const hash = createHash("sha256").update(handle).digest();
  const [row] = await db()<{ user_id: string; sealed_session: string }[]>`
    select user_id, sealed_session from platform.session_handles where hash = ${hash}`;
  const held = JSON.parse(await unseal(key, row?.user_id ?? "", row?.sealed_session ?? ""));
  const sealed = await seal(key, row?.user_id ?? "", JSON.stringify({ ...held, access: "expired", expires: 0 }));
  await db()`update platform.session_handles set sealed_session = ${sealed} where hash = ${hash}`;
  return held.refresh;
}
