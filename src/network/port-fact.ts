// The lines of native/ns-ports.c. Pure; a line of an unknown kind, or one that is too short, says nothing.
import { addressOfBytes } from "./link-address.ts";
import type { PortState } from "./link-state.ts";
import { type BridgeLink, type BridgeNetwork, type PeerAddress, type PeerLink, type PeerNamespace, peerKey } from "./peer.ts";

const interfaceUp = 1; // IFF_UP
const scopeLink = "253"; // RT_SCOPE_LINK
const portStates: readonly PortState[] = ["disabled", "listening", "learning", "forwarding", "blocking"];

/** While its lines come in. */
type OpenLink = { -readonly [K in keyof BridgeLink]: BridgeLink[K] };

interface Facts {
  readonly links: BridgeLink[];
  readonly byIndex: Map<string, OpenLink>;
  readonly addresses: PeerAddress[];
  readonly namespaces: Map<number, PeerNamespace>;
  readonly peers: Map<string, PeerLink>;
  readonly peerAddresses: Map<string, PeerAddress[]>;
}

export function parsePortFacts(text: string): BridgeNetwork {
  const facts: Facts = {
    links: [],
    byIndex: new Map(),
    addresses: [],
    namespaces: new Map(),
    peers: new Map(),
    peerAddresses: new Map(),
  };
  for (const line of text.split("\n")) {
    const fields = line.split("\t");
    const reader = readers[fields[0] ?? ""];
    if (reader && fields.length > reader.least) reader.read(facts, fields);
  }
  return facts;
}

type Fields = readonly string[];

/** By the first word; `least`: how many fields follow it. */
const readers: Readonly<Record<string, { readonly least: number; readonly read: (facts: Facts, fields: Fields) => void }>> = {
  link: { least: 18, read: readLink },
  bridge: { least: 3, read: readBridge },
  port: { least: 5, read: readPort },
  address: { least: 5, read: readAddress },
  peer: { least: 4, read: readPeer },
  namespace: { least: 5, read: readNamespace },
};

function readLink({ links, byIndex }: Facts, fields: Fields): void {
  const number = (at: number) => Number(fields[at]);
  const index = fields[1] ?? "";
  const [master, peerIndex, peerNamespaceId] = [number(8), number(9), number(10)];
  const link: OpenLink = {
    index: Number(index),
    name: unescapeText(fields[2] ?? ""),
    kind: fields[3] ?? "",
    mac: fields[4] ?? "",
    mtu: number(5),
    up: (number(6) & interfaceUp) !== 0,
    operationalState: number(7),
    counters: {
      rxBytes: number(11),
      txBytes: number(12),
      rxPackets: number(13),
      txPackets: number(14),
      rxErrors: number(15),
      txErrors: number(16),
      rxDropped: number(17),
      txDropped: number(18),
    },
  };
  if (master > 0) link.master = master;
  if (peerIndex > 0) link.peerIndex = peerIndex;
  if (peerNamespaceId >= 0) link.peerNamespaceId = peerNamespaceId;
  links.push(link);
  byIndex.set(index, link);
}

function readBridge({ byIndex }: Facts, [, index = "", id = "", stp]: Fields): void {
  const link = byIndex.get(index);
  if (link) link.bridge = { id: `${id.slice(0, 4)}.${id.slice(4)}`, stp: stp !== "0" };
}

function readPort({ byIndex }: Facts, [, index = "", number, state, hairpin, isolated]: Fields): void {
  const link = byIndex.get(index);
  if (!link) return;
  link.port = {
    number: Number(number),
    state: portStates[Number(state)] ?? "disabled",
    hairpin: hairpin === "1",
    isolated: isolated === "1",
  };
}

/** Text of 8 or 32 hex digits; empty for anything else. */
function ipOf(hex: string): string {
  if (hex.length === 8) {
    const value = Number.parseInt(hex, 16);
    return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
  }
  return addressOfBytes(Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))) ?? "";
}

function readAddress(facts: Facts, [, id = "", index = "", hex = "", length, scope]: Fields): void {
  const address = { linkIndex: Number(index), address: ipOf(hex), prefixLength: Number(length), linkLocal: scope === scopeLink };
  if (id === "-1") {
    facts.addresses.push(address);
    return;
  }
  const key = peerKey(id, index);
  const others = facts.peerAddresses.get(key);
  if (others) others.push(address);
  else facts.peerAddresses.set(key, [address]);
}

function readPeer({ peers }: Facts, [, id = "", index = "", name = "", mac = ""]: Fields): void {
  peers.set(peerKey(id, index), { name: unescapeText(name), mac });
}

function readNamespace({ namespaces }: Facts, [, id, inode, pid, command = "", cgroups = "", stat = ""]: Fields): void {
  if (namespaces.has(Number(id))) return;
  const facts = {
    inode: Number(inode),
    pid: Number(pid),
    name: "",
    command: unescapeText(command).trimEnd(),
    cgroups: unescapeText(cgroups),
    // proc_pid_stat(5): state and parent follow the name, which ends at the last parenthesis.
    parentPid: Number(stat.slice(stat.lastIndexOf(")") + 1).split(" ", 3)[2]) || 0,
  };
  namespaces.set(Number(id), facts);
}

/** Undoes text_escaped of native/text.c: `\n`, `\\`, `\xHH`. Bytes beyond ASCII stand as they were. */
function unescapeText(text: string): string {
  if (!text.includes("\\")) return text;
  // Mostly there are only line ends to bring back.
  if (!/\\[^n]/.test(text)) return text.replaceAll("\\n", "\n");
  return text.replace(/\\(n|\\|x[0-9a-f]{2})/g, (_, code: string) => {
    if (code === "n") return "\n";
    return code === "\\" ? "\\" : String.fromCharCode(Number.parseInt(code.slice(1), 16));
  });
}
