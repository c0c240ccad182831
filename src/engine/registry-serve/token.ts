// Tokens of the registry: who somebody has proved to be, for a few minutes, signed with a key that dies with this process. A token without a
// user is everybody's. Knows no HTTP.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { isObject, parseObject } from "../../base/json.ts";

export interface Tokens {
  /** What a token is good for, in seconds. */
  readonly lifeSeconds: number;
  issue(user: string | undefined): string;
  /** Undefined when it is none of this registry's, or its time is over. `user` undefined: it is everybody's. */
  read(token: string): { readonly user: string | undefined } | undefined;
}

/** As docker's token servers have it. */
const usualLifeSeconds = 300;

export function openTokens(options: { readonly lifeSeconds?: number; readonly nowMs?: () => number } = {}): Tokens {
  const { lifeSeconds = usualLifeSeconds, nowMs = Date.now } = options;
  const key = randomBytes(32);
  const sign = (payload: string) => createHmac("sha256", key).update(payload).digest();
  return {
    lifeSeconds,
    issue(user) {
      const value = { ...(user === undefined ? {} : { user }), untilMs: nowMs() + lifeSeconds * 1000 };
      const payload = Buffer.from(JSON.stringify(value)).toString("base64url");
      return `${payload}.${sign(payload).toString("base64url")}`;
    },
    read(token) {
      const [payload = "", signature = "", ...more] = token.split(".");
      const [given, right] = [Buffer.from(signature, "base64url"), sign(payload)];
      if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
      const value = parseObject(Buffer.from(payload, "base64url").toString("utf8"));
      if (!isObject(value) || typeof value.untilMs !== "number" || value.untilMs <= nowMs()) return undefined;
      return { user: typeof value.user === "string" ? value.user : undefined };
    },
  };
}
