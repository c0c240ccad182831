// What a person may write for a registry to log in to: HOST[:PORT], with scheme and path as docker's own address has them.
import { TsnsError } from "../../base/error.ts";
import { hostOfServer } from "../../registry/credential.ts";

export const defaultServer = "docker.io";

/** The registry's domain as references have it. Throws TsnsError invalid `bad-registry`. */
export function parseServer(text: string): string {
  const host = hostOfServer(text.trim());
  const isHost = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::\d{1,5})?$/.test(host);
  if (!isHost || !URL.canParse(`https://${host}`)) {
    throw new TsnsError("invalid", "bad-registry", `${JSON.stringify(text)} is no registry`, { hint: "write it as HOST[:PORT]" });
  }
  return ["index.docker.io", "registry-1.docker.io"].includes(host) ? defaultServer : host;
}
