// Who may use the registry: a file as `htpasswd -B` writes it, read again when it changes. Passwords that were right are known by a keyed hash,
// so that only the first request of a client costs what bcrypt costs.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { KernelError, TsnsError } from "../../base/error.ts";
import { type BcryptHash, matchesBcrypt, parseBcrypt } from "./bcrypt.ts";

export type Users = ReadonlyMap<string, BcryptHash>;

/** Throws invalid `bad-htpasswd` naming the line. */
export function parseHtpasswd(text: string, path: string): Users {
  const users = new Map<string, BcryptHash>();
  for (const [index, line] of text.split("\n").entries()) {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    const colon = trimmed.indexOf(":");
    const hash = colon > 0 ? parseBcrypt(trimmed.slice(colon + 1)) : undefined;
    if (!hash) {
      throw new TsnsError("invalid", "bad-htpasswd", `${path}, line ${index + 1}: not NAME:HASH with a bcrypt hash`, {
        hint: `write it with: htpasswd -B ${path} NAME`,
      });
    }
    users.set(trimmed.slice(0, colon), hash);
  }
  return users;
}

export interface Gate {
  /** Name of the user that an Authorization header proves to be; undefined without or with a wrong one. */
  admit(authorization: string | undefined): Promise<string | undefined>;
  /** Whether there is somebody of this name, now. */
  knows(name: string): boolean;
}

/** Reads the file at once. Throws KernelError when it cannot be read, `bad-htpasswd`. `warn` hears of a change that cannot be used. */
export function openGate(path: string, warn: (text: string) => void): Gate {
  let version = versionOf(path);
  let users = parseHtpasswd(read(path), path);
  const key = randomBytes(32);
  const proven = new Map<string, { readonly hash: BcryptHash; readonly mac: Buffer }>();
  let queue: Promise<unknown> = Promise.resolve();
  const refresh = () => {
    const now = versionOf(path);
    if (now === version) return;
    version = now;
    try {
      users = parseHtpasswd(read(path), path);
    } catch (error) {
      warn(`the old users stay: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    knows(name) {
      refresh();
      return users.has(name);
    },
    async admit(authorization) {
      const given = parseBasic(authorization);
      if (!given) return undefined;
      refresh();
      const { name, password } = given;
      const hash = users.get(name);
      const mac = createHmac("sha256", key).update(password).digest();
      const known = proven.get(name);
      if (known && known.hash === hash && timingSafeEqual(known.mac, mac)) return name;
      // One at a time: many wrong passwords wait for each other, not everybody for them. A name that is not there takes as long.
      const any = hash ?? users.values().next().value;
      const isRight = queue.then(() => (any ? matchesBcrypt(password, any) : false));
      queue = isRight.catch(() => {});
      if (!(await isRight) || !hash) return undefined;
      proven.set(name, { hash, mac });
      return name;
    },
  };
}

function parseBasic(header: string | undefined): { readonly name: string; readonly password: string } | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(header ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function versionOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : "none";
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "EIO";
    throw new KernelError("open", errno, path, { hint: `make it with: htpasswd -Bc ${path} NAME`, cause: error });
  }
}
