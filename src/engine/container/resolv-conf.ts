// What /etc/resolv.conf of a container says, from its Spec and the files of the host.
import type { ContainerSpec } from "../../container/spec.ts";
import { tryReadText } from "../../kernel/text-file.ts";
import { renderResolvConf } from "../../network/file.ts";
import { nameServerAddress } from "../../network/name-relay.ts";

/** `named`: the container asks the name server, which then asks the servers of --dns or those of the host. */
export function resolvConfOf(spec: ContainerSpec, named: boolean): string {
  const host = spec.network.mode === "host";
  const resolvConf = readOptional("/etc/resolv.conf");
  if (host && !spec.dns) return resolvConf;
  return renderResolvConf({
    host: resolvConf,
    resolved: readOptional("/run/systemd/resolve/resolv.conf"),
    onHost: host,
    ...(spec.dns?.servers ? { nameservers: spec.dns.servers } : {}),
    ...(spec.dns?.search ? { search: spec.dns.search } : {}),
    ...(spec.dns?.options ? { options: spec.dns.options } : {}),
    ...(named ? { nameServer: nameServerAddress } : {}),
  });
}

const readOptional = (path: string): string => tryReadText(path) ?? "";
