// Who one is at a registry, as ~/.docker/config.json keeps it: the file's own entries, or the credential helpers it names.
// Knows the file's keys and docker's rules of which entry serves which host; credential-program.ts runs the programs.
import { TsnsError } from "../base/error.ts";

/** One way to prove who one is; an identity token (a long-lived refresh token) wins over the password, a registry token over both. */
export interface Credential {
  readonly username: string;
  readonly password: string;
  readonly identityToken?: string | undefined;
  readonly registryToken?: string | undefined;
}

/** The name docker.io's credentials have in the file and in helpers. */
export const dockerHubServer = "https://index.docker.io/v1/";

/** What credentials of a registry are kept under. */
export function credentialServer(domain: string): string {
  return domain === "docker.io" || domain === "index.docker.io" ? dockerHubServer : domain;
}

/** The host of a key: "https://reg.example:5000/v1/" and "reg.example:5000" are the same. */
export function hostOfServer(server: string): string {
  return server.replace(/^https?:\/\//, "").replace(/\/.*$/s, "");
}

/** `auth` of an entry: base64 of USER:PASSWORD, ending at the first NUL as old dockers wrote it. Undefined when it is neither. */
export function decodeAuth(auth: string): { username: string; password: string } | undefined {
  const text = Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = text.indexOf(":");
  return colon <= 0 ? undefined : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

export function encodeAuth({ username, password }: Credential): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}

export function badConfig(path: string, reason: string): TsnsError {
  return new TsnsError("invalid", "bad-docker-config", `${path}: ${reason}`, {
    hint: "correct the file, or point DOCKER_CONFIG to another directory",
  });
}
