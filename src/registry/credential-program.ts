// Programs that keep credentials (docker-credential-NAME get|store|erase, docker/docker-credential-helpers): run, spoken to over standard input.
// Knows their protocol; not which registry has which program.
import { spawnSync } from "node:child_process";
import { isErrno, TsnsError } from "../base/error.ts";
import { parseObject } from "../base/json.ts";
import type { Credential } from "./credential.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What stands as user name for an identity token. */
const tokenUser = "<token>";
/** What helpers say, with exit code 1, about a server they do not know. */
const unknownServer = "credentials not found in native keychain";

/** Undefined when it has none for this server. Throws TsnsError. */
export function getFromHelper(name: string, server: string, env: Environment): Credential | undefined {
  const { status, said } = ask(name, "get", server, env);
  if (status !== 0) {
    if (said.trim() === unknownServer) return undefined;
    throw failed(name, "get", server, said);
  }
  const value = parseObject(said);
  if (typeof value?.Username !== "string" || typeof value.Secret !== "string")
    throw failed(name, "get", server, "its answer has no Username and Secret");
  if (value.Username === "" && value.Secret === "") return undefined;
  return value.Username === tokenUser
    ? { username: "", password: "", identityToken: value.Secret }
    : { username: value.Username, password: value.Secret };
}

export function storeInHelper(name: string, server: string, { username, password, identityToken }: Credential, env: Environment): void {
  const [Username, Secret] = identityToken ? [tokenUser, identityToken] : [username, password];
  const { status, said } = ask(name, "store", JSON.stringify({ ServerURL: server, Username, Secret }), env);
  if (status !== 0) throw failed(name, "store", server, said);
}

/** One that has none is left as it is. */
export function eraseFromHelper(name: string, server: string, env: Environment): void {
  const { status, said } = ask(name, "erase", server, env);
  if (status !== 0 && said.trim() !== unknownServer) throw failed(name, "erase", server, said);
}

function ask(name: string, verb: string, input: string, env: Environment): { status: number | null; said: string } {
  if (!/^[A-Za-z0-9._-]+$/.test(name))
    throw new TsnsError("invalid", "bad-docker-config", `credential helper ${JSON.stringify(name)}: not the end of a program's name`);
  const program = `docker-credential-${name}`;
  const { status, stdout, stderr, error } = spawnSync(program, [verb], {
    input,
    env: { ...env },
    encoding: "utf8",
    maxBuffer: 1024 * 1024,
  });
  // One that ends without reading what it is told, as it may with erase: how it ends is what counts.
  const isUnread = isErrno(error, "EPIPE") && status !== null;
  if (error && !isUnread) {
    const isMissing = isErrno(error, "ENOENT");
    throw new TsnsError("unavailable", "credential-helper", `${program}: ${isMissing ? "no such program" : error.message}`, {
      hint: "install it, or take it out of credsStore and credHelpers in docker's config.json",
      cause: error,
    });
  }
  // Helpers say what is wrong on standard output.
  return { status, said: status === 0 || stdout.trim() !== "" ? stdout : stderr };
}

function failed(name: string, verb: string, server: string, said: string): TsnsError {
  const reason = said.trim().split("\n", 1)[0] || "it failed";
  return new TsnsError("unavailable", "credential-helper", `docker-credential-${name} ${verb} ${server}: ${reason}`, {
    hint: `try it by hand: echo ${server} | docker-credential-${name} get`,
  });
}
