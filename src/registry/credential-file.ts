// docker's config.json read and written: who one is at which registry, there or in the helpers it names. Every other key stays as it is.
// A credential helper's program is run by credential-program.ts.
import { chownSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { isErrno, KernelError } from "../base/error.ts";
import { isObject, type JsonObject } from "../base/json.ts";
import { badConfig, type Credential, credentialServer, decodeAuth, encodeAuth, hostOfServer } from "./credential.ts";
import { eraseFromHelper, getFromHelper, storeInHelper } from "./credential-program.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where credentials are kept. */
export interface CredentialPlace {
  readonly path: string;
  /** What a registry is called there. */
  readonly server: string;
  /** End of the program's name; without one the file holds them, readable by its owner. */
  readonly helper: string | undefined;
}

export function dockerConfigPath(env: Environment): string {
  return `${env.DOCKER_CONFIG || `${env.HOME || homedir()}/.docker`}/config.json`;
}

/** Throws TsnsError invalid `bad-docker-config`, KernelError. */
function readConfig(path: string): JsonObject {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return {};
    throw kernelError("read", path, error);
  }
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    throw badConfig(path, `not JSON (${error instanceof Error ? error.message : error})`);
  }
  throw badConfig(path, "not a JSON object");
}

const objectAt = (config: JsonObject, key: string): JsonObject => (isObject(config[key]) ? config[key] : {});

/** The helper of a registry: its own, else the one for all. */
function helperOf(config: JsonObject, server: string): string | undefined {
  const helpers = objectAt(config, "credHelpers");
  const own = helpers[server] ?? helpers[hostOfServer(server)];
  const name = own ?? config.credsStore;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** Where a registry's credentials are, or would be, kept. */
export function placeOfCredential(domain: string, env: Environment): CredentialPlace {
  const path = dockerConfigPath(env);
  const server = credentialServer(domain);
  return { path, server, helper: helperOf(readConfig(path), server) };
}

/** Undefined for a registry one is not logged in to. */
export function readCredential(domain: string, env: Environment): Credential | undefined {
  const path = dockerConfigPath(env);
  const config = readConfig(path);
  const server = credentialServer(domain);
  const helper = helperOf(config, server);
  const kept = helper === undefined ? undefined : getFromHelper(helper, server, env);
  return kept ?? credentialOfEntry(entryOf(config, server), path, server);
}

/** The entry under the very key, else under one for the same host. */
function entryOf(config: JsonObject, server: string): JsonObject | undefined {
  const auths = objectAt(config, "auths");
  const host = hostOfServer(server);
  const key = server in auths ? server : Object.keys(auths).find((name) => hostOfServer(name) === host);
  const entry = key === undefined ? undefined : auths[key];
  return isObject(entry) ? entry : undefined;
}

function credentialOfEntry(entry: JsonObject | undefined, path: string, server: string): Credential | undefined {
  if (!entry) return undefined;
  const text = (key: string) => (typeof entry[key] === "string" && entry[key] !== "" ? entry[key] : undefined);
  const auth = text("auth");
  const decoded = auth === undefined ? undefined : decodeAuth(auth);
  const [identityToken, registryToken] = [text("identitytoken"), text("registrytoken")];
  if (auth !== undefined && !decoded && identityToken === undefined)
    throw badConfig(path, `"auth" of ${server} is not base64 of USER:PASSWORD`);
  const username = decoded?.username ?? text("username");
  const password = decoded?.password ?? text("password");
  if (username === undefined && identityToken === undefined && registryToken === undefined) return undefined;
  return { username: username ?? "", password: password ?? "", identityToken, registryToken };
}

/** Keeps a credential; returns where. */
export function storeCredential(domain: string, credential: Credential, env: Environment): CredentialPlace {
  const place = placeOfCredential(domain, env);
  const { path, server, helper } = place;
  if (helper !== undefined) storeInHelper(helper, server, credential, env);
  const config = readConfig(path);
  const { identityToken } = credential;
  // docker keeps an empty entry for what a helper holds; beside an identity token no password stays.
  const held = {
    auth: encodeAuth(identityToken ? { ...credential, password: "" } : credential),
    ...(identityToken ? { identitytoken: identityToken } : {}),
  };
  const entry = helper === undefined ? held : {};
  writeConfig(path, { ...config, auths: { ...objectAt(config, "auths"), [server]: entry } });
  return place;
}

/** Forgets a registry's credentials, under every spelling of its address. */
export function eraseCredential(domain: string, env: Environment): CredentialPlace {
  const place = placeOfCredential(domain, env);
  const { path, server, helper } = place;
  if (helper !== undefined) eraseFromHelper(helper, server, env);
  const config = readConfig(path);
  const auths = objectAt(config, "auths");
  const host = hostOfServer(server);
  const kept = Object.entries(auths).filter(([name]) => hostOfServer(name) !== host);
  if (kept.length < Object.keys(auths).length) writeConfig(path, { ...config, auths: Object.fromEntries(kept) });
  return place;
}

/** Replaces the file as a whole, where it really lies, with the owner it had; only its owner may read it. */
function writeConfig(path: string, config: JsonObject): void {
  let target = path;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    target = realPathOf(path);
    const temporary = `${target}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, JSON.stringify(config, undefined, "\t"), { mode: 0o600, flush: true });
      keepOwner(target, temporary);
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw kernelError("write", target, error);
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return path;
    throw error;
  }
}

function keepOwner(from: string, to: string): void {
  const owner = statSync(from, { throwIfNoEntry: false });
  if (!owner) return;
  try {
    chownSync(to, owner.uid, owner.gid);
  } catch (error) {
    // Not root: the file becomes this user's, who may write the directory.
    if (!isErrno(error, "EPERM")) throw error;
  }
}

function kernelError(syscall: string, path: string, error: unknown): unknown {
  return error instanceof Error && "code" in error ? new KernelError(syscall, String(error.code), path, { cause: error }) : error;
}
