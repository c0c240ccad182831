// Changes links over rtnetlink, with our own encoder: the package's takes no bridge attributes. Lists are in list.ts.
import { KernelError, TsnsError } from "../../base/error.ts";
import { parseMac } from "../../network/mac.ts";
import * as message from "../../network/message.ts";
import { type Link, readLinks } from "./list.ts";
import { exchange } from "./socket.ts";

/** Adds a bridge; one of that name and hardware address that is there already is kept. Throws KernelError. */
export async function addBridge(name: string, mac: string): Promise<void> {
  const bytes = parseMac(mac);
  if (!bytes) throw new TsnsError("internal", "bad-mac", `"${mac}" is no hardware address`);
  try {
    await exchange(message.bridgeAdd(name, bytes), "add bridge", name);
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === "EEXIST" && (await findLink(name))?.mac === mac.toLowerCase())) throw error;
  }
}

async function findLink(name: string): Promise<Link | undefined> {
  return (await readLinks()).find((link) => link.name === name);
}

/** Sets IFF_UP. Throws KernelError. */
export async function setLinkUp(name: string): Promise<void> {
  await exchange(message.linkUp({ name }), "set link up", name);
}

/** Adds `10.1.2.1/24` to a link; one that is there already is kept. Throws KernelError. */
export async function addAddress(link: string, address: string): Promise<void> {
  const [ip = "", prefix = ""] = address.split("/");
  const index = (await findLink(link))?.index;
  if (index === undefined) throw new KernelError("add address", "ENODEV", link);
  try {
    await exchange(message.addressAdd(index, ip, Number(prefix)), "add address", `${address} to ${link}`);
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === "EEXIST")) throw error;
  }
}

/** Removes a link; a missing one is no error. Throws KernelError. */
export async function removeLink(name: string): Promise<void> {
  try {
    await exchange(message.linkRemove({ name }), "remove link", name);
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === "ENODEV")) throw error;
  }
}
