// The host's own name servers, as its resolv.conf has them now.
import { readFileSync, statSync } from "node:fs";
import { parseResolvConf } from "../../name/resolv-conf.ts";
import { dnsPort, type Upstream } from "../../name/upstream.ts";
import { fallbackNameservers } from "../../network/file.ts";

export const upstreamsOf = (addresses: readonly string[]): readonly Upstream[] => addresses.map((address) => ({ address, port: dnsPort }));

/** Reads the file again when it is another one. systemd-resolved's stub is asked as it is: it knows which server is for which link. */
export function openHostServers(path = "/etc/resolv.conf"): () => readonly Upstream[] {
  let mark = "";
  let servers: readonly Upstream[] = [];
  return () => {
    const stat = statSync(path, { throwIfNoEntry: false });
    const now = `${stat?.ino} ${stat?.mtimeMs} ${stat?.size}`;
    if (now === mark) return servers;
    mark = now;
    const own = stat ? parseResolvConf(readFileSync(path, "utf8")).servers : [];
    servers = upstreamsOf(own.length > 0 ? own : fallbackNameservers);
    return servers;
  };
}
