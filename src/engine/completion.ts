// Names of what is there, for shells that complete words. Repairs nothing and makes nothing: it runs at a key press.
import { hostImageName } from "../image/host.ts";
import { readLinks } from "../kernel/netlink/list.ts";
import { defaultNetwork } from "../network/name.ts";
import { listContainerRecords } from "../store/container-record.ts";
import { listImages } from "../store/image-record.ts";
import { listNetworks } from "../store/network-record.ts";
import { listVolumeRecords } from "../store/volume-record.ts";
import { observeContainer } from "./container/observe.ts";
import type { Engine } from "./engine.ts";
import { hasStore } from "./look.ts";

export interface NamedObject {
  readonly name: string;
  /** 64 hex digits, for containers. */
  readonly id?: string;
  /** What a shell shows beside the name. */
  readonly note?: string;
}

export type NamedKind = "container" | "running" | "image" | "network" | "volume" | "link" | "bridge";

/** Containers newest first; "running" are those that run now. Nothing when nothing was ever stored. */
export function listNames(engine: Engine, kind: NamedKind): NamedObject[] {
  if (kind === "link" || kind === "bridge") return listLinkNames(kind === "bridge");
  if (!hasStore(engine)) return kind === "image" ? [hostName] : [];
  if (kind === "network") return networkNames(engine);
  if (kind === "volume") return listVolumeRecords(engine.store).map(({ name, driver }) => ({ name, note: driver }));
  if (kind === "image") {
    const names = listImages(engine.store).flatMap((image) => image.names);
    return [...names.filter((name) => name !== hostImageName).map((name) => ({ name: withoutLatest(name) })), hostName];
  }
  return listContainerRecords(engine.store)
    .filter((record) => kind !== "running" || observeContainer(engine, record).status === "running")
    .map(({ id, name, spec }) => ({ name, id, note: spec.imageName }));
}

/** Those of the store and the ones that are always there. */
function networkNames(engine: Engine): NamedObject[] {
  const made = listNetworks(engine.store)
    .filter(({ pending }) => !pending)
    .map(({ spec: { name, driver = "bridge" } }) => ({ name, note: driver }));
  const builtIn = [
    { name: defaultNetwork, note: "bridge" },
    { name: "host", note: "host" },
    { name: "none", note: "null" },
  ];
  return [...made, ...builtIn.filter(({ name }) => !made.some((network) => network.name === name))];
}

/** Interfaces of this network namespace. */
function listLinkNames(bridgesOnly: boolean): NamedObject[] {
  return readLinks()
    .filter(({ kind }) => !bridgesOnly || kind === "bridge")
    .map(({ name, kind }) => (kind === undefined || kind === "" ? { name } : { name, note: kind }));
}

const hostName: NamedObject = { name: withoutLatest(hostImageName), note: "this machine's own root file system" };

function withoutLatest(name: string): string {
  return name.replace(/:latest$/, "");
}
