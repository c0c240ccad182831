// Who reaches a published port, in words. Pure.
import type { ExposedPort, ExposureCell } from "../../../src/engine/live/exposure.ts";
import type { LiveMember, LiveNetwork } from "../../../src/engine/live/network.ts";
import { relayedAddress } from "../../../src/network/port-relay.ts";

const places: Readonly<Record<string, string>> = { internet: "internet", lan: "LAN", host: "this host" };

/** The farthest first, networks of this host last, by the names given. */
function sidesOf(cells: readonly ExposureCell[], names: ReadonlyMap<string, string>): readonly { cell: ExposureCell; name: string }[] {
  const named = cells.map((cell) => ({ cell, name: places[cell.side] ?? `network ${names.get(cell.side) ?? cell.side}` }));
  const rank = ({ cell }: { cell: ExposureCell }): number => {
    const at = ["internet", "lan"].indexOf(cell.side);
    return at >= 0 ? at : cell.side === "host" ? 2 : 3;
  };
  return named.toSorted((one, other) => rank(one) - rank(other));
}

/** What stops the farthest one that does not reach it: a rule, else the reason. */
const because = ({ rule, reason }: ExposureCell): string => (rule ? `blocked by ${rule}` : reason);

/** "open to all", "from LAN, this host", "this host only", "blocked by ..." */
export function exposureWords({ cells }: ExposedPort, names: ReadonlyMap<string, string>): string {
  const sides = sidesOf(cells, names);
  const reached = sides.filter(({ cell }) => cell.verdict === "reachable");
  const unknown = sides.filter(({ cell }) => cell.verdict === "unknown");
  const bypassed = cells.some((cell) => cell.bypassed !== undefined) ? ", past the firewall" : "";
  if (reached.length === 0 && unknown.length === 0) {
    const [first] = sides;
    return first ? because(first.cell) : "nobody was asked";
  }
  const perhaps = unknown.length > 0 ? [`perhaps ${unknown.map(({ name }) => name).join(", ")}`] : [];
  const [farthest] = reached;
  if (farthest?.cell.side === "internet" && reached.length === sides.length) return `open to all${bypassed}`;
  if (reached.length === 1 && farthest?.cell.side === "host" && perhaps.length === 0) return "this host only";
  return `from ${[...reached.map(({ name }) => name), ...perhaps].join(", ")}${bypassed}`;
}

/** One line for each side: what becomes of a packet from there, and why. */
export const exposureReasons = ({ cells }: ExposedPort, names: ReadonlyMap<string, string>): readonly string[] =>
  sidesOf(cells, names).map(({ cell, name }) => {
    const claimed = cell.bypassed === undefined ? "" : `; ${cell.bypassed}`;
    const rule = cell.rule && !cell.reason.includes(cell.rule) ? ` by ${cell.rule}` : "";
    return `${name}: ${cell.verdict}${rule}: ${cell.reason}${claimed}`;
  });

/** The address of "10.66.0.2:80", "[fd00::2]:80-90". */
function targetOf({ to = "" }: ExposedPort): string {
  const address = to.slice(0, to.lastIndexOf(":")).replace(/^\[(.*)\]$/, "$1");
  return relayedAddress(address) ?? address;
}

export interface PublishedRow {
  readonly key: string;
  readonly member: LiveMember;
  /** "0.0.0.0:8080/tcp". */
  readonly port: string;
  readonly to: string;
  /** Undefined until it has been looked at, and where no rule leads there. */
  readonly exposed: ExposedPort | undefined;
}

const portText = ({ address, port, lastPort, protocol }: ExposedPort): string => {
  const host = address.includes(":") ? `[${address}]` : address;
  return `${host}:${lastPort === undefined ? port : `${port}-${lastPort}`}/${protocol}`;
};

/** All that leads to the members of a network; what they publish and nothing is known of is there too. */
export function publishedRows({ members }: LiveNetwork, ports: readonly ExposedPort[]): readonly PublishedRow[] {
  return members.flatMap((member): readonly PublishedRow[] => {
    const found = ports.filter((port) => member.addresses.includes(targetOf(port)));
    if (found.length > 0) {
      return found.map((exposed) => {
        const port = portText(exposed);
        return { key: `${member.id || member.hostLink} ${port}`, member, port, to: exposed.to ?? "", exposed };
      });
    }
    return member.ports.map((text) => {
      const [port = "", to = ""] = text.split(" → ");
      return { key: `${member.id} ${text}`, member, port, to, exposed: undefined };
    });
  });
}
