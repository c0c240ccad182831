// Reads the files in which other engines keep which bridge belongs to which of their networks. What cannot be read says nothing.
import { readdirSync, readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { type NetworkOfBridge, parseDnsmasqFile, parseNetworkFile } from "../../network/bridge-owner.ts";

/** podman's with netavark and with CNI. */
const networkDirectories = ["/etc/containers/networks", "/run/containers/networks", "/etc/cni/net.d"] as const;
const dnsmasqDirectory = "/var/lib/libvirt/dnsmasq";

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
  return [...podman, ...libvirt].filter((network) => network !== undefined);
}
