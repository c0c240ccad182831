// Reads the files in which other engines keep which bridge belongs to which of their networks. What cannot be read says nothing.
import { readdirSync, readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { type NetworkOfBridge, parseDnsmasqFile, parseDockerNetworks, parseNetworkFile } from "../../network/bridge-owner.ts";

/** podman's with netavark and with CNI. */
const networkDirectories = ["/etc/containers/networks", "/run/containers/networks", "/etc/cni/net.d"] as const;
const dnsmasqDirectory = "/var/lib/libvirt/dnsmasq";

const dockerDirectory = "/var/lib/docker/containers";

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM")) return [];
    throw error;
  }
}

/** Only where there is such a bridge: one file for each container is read. Networks without a container stay unknown. */
export function readDockerNetworks(containers: string = dockerDirectory, links: string = "/sys/class/net"): readonly NetworkOfBridge[] {
  if (!namesIn(links).some((name) => /^br-[0-9a-f]{12}$/.test(name))) return [];
  const found = namesIn(containers).flatMap((id) => readDirectory(`${containers}/${id}`, /^config\.v2\.json$/));
  return found.flatMap(({ text }) => parseDockerNetworks(text));
}

function readDirectory(path: string, ending: RegExp): readonly { readonly name: string; readonly text: string }[] {
  try {
    return readdirSync(path)
      .filter((name) => ending.test(name))
      .map((name) => ({ name: name.replace(ending, ""), text: readFileSync(`${path}/${name}`, "utf8") }));
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM", "EISDIR")) return [];
    throw error;
  }
}

export function readForeignNetworks(): readonly NetworkOfBridge[] {
  const podman = networkDirectories.flatMap((path) => readDirectory(path, /\.(json|conflist)$/)).map(({ text }) => parseNetworkFile(text));
  const libvirt = readDirectory(dnsmasqDirectory, /\.conf$/).map(({ name, text }) => parseDnsmasqFile(name, text));
  return [...[...podman, ...libvirt].filter((network) => network !== undefined), ...readDockerNetworks()];
}
