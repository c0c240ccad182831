// Answers "does a packet from there get to that socket, and if not, what stops it".
import { lookup } from "node:dns/promises";
import { TsnsError } from "../../base/error.ts";
import { maySeeRules, type SeenSpace, spaceOfInode } from "../../kernel/network/space.ts";
import { bracketed } from "../../network/ip.ts";
import { type IpAddress, parseIp, renderIp } from "../../network/rule/address.ts";
import type { TracedProtocol } from "../../network/trace/packet.ts";
import { outside, parseTargetText, type Sender, senderOfNetwork, type WrittenTarget } from "../../network/trace/place.ts";
import type { SpaceAddress } from "../../network/trace/space.ts";
import { type Trace, type TraceQuestion, trace } from "../../network/trace/trace.ts";
import type { Engine } from "../engine.ts";
import { findNamespace } from "../namespace/find.ts";
import { type NamedWorld, openWorld, spaceOfContainer } from "./trace-world.ts";

export interface TraceRequest {
  /** `host`, `lan`, `internet`, a container, an address or a network. */
  readonly from: string;
  /** `HOST:PORT[/PROTOCOL]`, `CONTAINER[:PORT][/PROTOCOL]`. */
  readonly to: string;
  /** Unless `to` names it: tcp. */
  readonly protocol?: TracedProtocol;
}

export interface TraceReport extends Trace {
  readonly world: NamedWorld;
  readonly question: TraceQuestion;
  readonly from: string;
  readonly to: string;
}

/** Throws TsnsError: denied without CAP_NET_ADMIN, invalid and not-found for what the request names. */
export async function traceRequest(engine: Engine, request: TraceRequest): Promise<TraceReport> {
  const written = parseTargetText(request.to);
  const protocol = protocolOf(written, request);
  requireSight("trace packets");
  const world = openWorld(engine);
  const target = await targetOf(world, written, { to: request.to, protocol, near: nearOf(world, request.from) });
  const sender = senderOf(engine, world, request.from, target.address);
  const question: TraceQuestion = {
    origin: sender.origin,
    ...(sender.source ? { source: sender.source } : {}),
    destination: target.address,
    port: target.port,
    protocol,
  };
  const address = renderIp(target.address);
  const where = `${bracketed(address)}:${target.port}/${protocol}`;
  return { ...trace(world, question), world, question, from: sender.label, to: target.label === "" ? where : `${where} (${target.label})` };
}

function protocolOf(written: WrittenTarget, { to, protocol }: TraceRequest): TracedProtocol {
  if (written.protocol === undefined || protocol === undefined || protocol === written.protocol)
    return written.protocol ?? protocol ?? "tcp";
  throw new TsnsError("invalid", "two-protocols", `"${to}" is not ${protocol}`, {
    hint: "name the protocol once: behind the port, or by --protocol",
    exitCode: 2,
  });
}

/** Rules and namespaces of others are root's to see. */
export function requireSight(doing: string): void {
  if (maySeeRules()) return;
  throw new TsnsError("denied", "net-denied", `cannot ${doing}: the rules of this host are not yours to see`, {
    hint: "run as root (CAP_NET_ADMIN)",
  });
}

interface Destination extends Required<Pick<TraceRequest, "to" | "protocol">> {
  /** Who asks, where that is a namespace: of several addresses it is the one on a network of its own that is meant. */
  readonly near: SeenSpace | undefined;
}

const nearOf = (world: NamedWorld, from: string): SeenSpace | undefined =>
  from === "host" ? world.host : from === "lan" || from === "internet" ? undefined : spaceOfContainer(world, from);

interface Target {
  readonly address: IpAddress;
  readonly port: number;
  /** Empty for an address that was written as one. */
  readonly label: string;
}

async function targetOf(world: NamedWorld, { host, port }: WrittenTarget, request: Destination): Promise<Target> {
  const ip = parseIp(host);
  if (ip) return { address: ip, port: port ?? missingPort(request.to), label: "" };
  const space = host === "host" ? world.host : spaceOfContainer(world, host);
  if (space) return targetInside(space, port, request);
  if (port === undefined) throw noSuchTarget(host);
  try {
    const found = await lookup(host);
    const address = parseIp(found.address);
    if (address) return { address, port, label: host };
  } catch (error) {
    throw noSuchTarget(host, error);
  }
  throw noSuchTarget(host);
}

function noSuchTarget(host: string, cause?: unknown): TsnsError {
  return new TsnsError("not-found", "no-such-target", `"${host}" is no running container and no host with an address`, {
    hint: "tsns ps lists containers; write a host as HOST:PORT",
    ...(cause === undefined ? {} : { cause }),
  });
}

function missingPort(text: string): never {
  throw new TsnsError("invalid", "no-port", `no port in "${text}"`, {
    hint: `write ${bracketed(text)}:PORT`,
    exitCode: 2,
  });
}

function targetInside(space: SeenSpace, port: number | undefined, { protocol, to, near }: Destination): Target {
  const own = space.addresses.filter(({ ip }) => !isLoopbackAddress(ip));
  const all = own.length > 0 || space.path !== undefined ? own : space.addresses;
  const shared = near ? all.filter(({ ip }) => near.addresses.some((place) => isBeside(place, ip))) : [];
  const any = shared.length > 0 ? shared : all;
  const address = (any.find(({ ip }) => ip.family === "ipv4") ?? any[0])?.ip;
  if (!address)
    throw new TsnsError("not-found", "no-address", `${space.label} has no address`, {
      hint: "a container of --network none cannot be reached",
    });
  return { address, port: port ?? onlyPort(space, protocol, to), label: space.label };
}

/** The address is in the network of that one. */
const isBeside = ({ ip, prefixLength }: SpaceAddress, { family, value }: IpAddress): boolean =>
  ip.family === family && (ip.value ^ value) >> BigInt((family === "ipv4" ? 32 : 128) - prefixLength) === 0n;

const isLoopbackAddress = (ip: IpAddress): boolean => (ip.family === "ipv4" ? ip.value >> 24n === 127n : ip.value === 1n);

/** The one port that a container listens on. */
function onlyPort(space: SeenSpace, protocol: TracedProtocol, to: string): number {
  const ports = [...new Set((space.listeners(protocol) ?? []).map(({ port }) => port))].sort((one, other) => one - other);
  const [first] = ports;
  if (ports.length === 1 && first !== undefined) return first;
  const what =
    ports.length === 0
      ? `nothing in ${space.label} listens on a ${protocol} port`
      : `${space.label} listens on ${protocol} ports ${ports.join(", ")}`;
  throw new TsnsError("invalid", "no-port", what, { hint: `name the port: ${to}:PORT`, exitCode: ports.length === 0 ? 1 : 2 });
}

/** Where packets come from. A name is a container's, or whatever else names a namespace. */
function senderOf(engine: Engine, world: NamedWorld, from: string, destination: IpAddress): Sender {
  if (from === "host") return { origin: { kind: "inside", space: world.host }, label: "host" };
  if (from === "lan" || from === "internet") {
    const sender = outside(world.host, from, destination);
    if (sender) return sender;
    const what = from === "lan" ? "no link with other hosts behind it" : "no default route";
    throw new TsnsError("not-found", "no-side", `this host has ${what} (${destination.family})`, {
      hint: "tsns net route ls shows what it has",
    });
  }
  if (/^[0-9.]+(\/\d+)?$|:/.test(from) && !/^\d+$/.test(from)) return senderOfNetwork(world, world.host, from);
  const space = spaceOfContainer(world, from) ?? spaceOfInode(world, findNamespace(engine, "net", from).inode);
  if (!space)
    throw new TsnsError("denied", "namespace-denied", `the network namespace of ${from} cannot be entered`, { hint: "run as root" });
  return { origin: { kind: "inside", space }, label: space.label };
}
