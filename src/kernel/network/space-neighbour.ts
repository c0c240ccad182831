// Where a bridge last saw an address: the neighbour table gives its hardware address, the forwarding table the port.
import { littleEndian } from "../../base/byte-order.ts";
import { addressOfBytes } from "../../network/link-address.ts";
import { renderMac } from "../../network/mac.ts";
import { renderMessage } from "../../network/message.ts";
import { type IpAddress, renderIp } from "../../network/rule/address.ts";
import { parseAttributes } from "../netlink/decode.ts";
import { type Reply, tryExchangesIn } from "../netlink/relay.ts";

const getNeighbour = 30; // RTM_GETNEIGH
const bodyLength = 12; // struct ndmsg
const nda = { destination: 1, hardware: 2 } as const;
const familyBridge = 7; // AF_BRIDGE

export interface NeighbourEntry {
  readonly link: number;
  /** Empty in a forwarding table. */
  readonly address: string;
  readonly mac: string;
}

/** One message of a list of neighbours; undefined for one without hardware address, and for other bytes. */
export function parseNeighbour({ data }: Reply): NeighbourEntry | undefined {
  if (data.length < bodyLength) return undefined;
  const attributes = parseAttributes(data.subarray(bodyLength));
  const hardware = attributes.get(nda.hardware);
  if (!hardware) return undefined;
  const link = new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(4, littleEndian);
  return { link, address: addressOfBytes(attributes.get(nda.destination)) ?? "", mac: renderMac(hardware) };
}

/** The port of a bridge behind which an address is, by what the namespace has learned; read at first use. */
export function openNeighbours(namespacePath: string | undefined): (bridge: number, ip: IpAddress) => number | undefined {
  let lists: { readonly neighbours: readonly NeighbourEntry[]; readonly forwarding: readonly NeighbourEntry[] } | undefined;
  return (bridge, ip) => {
    lists ??= readLists(namespacePath);
    const address = renderIp(ip);
    const mac = lists.neighbours.find((entry) => entry.link === bridge && entry.address === address)?.mac;
    return mac === undefined ? undefined : lists.forwarding.find((entry) => entry.mac === mac && entry.link !== bridge)?.link;
  };
}

function readLists(namespacePath: string | undefined) {
  const ask = (family: number) => {
    const body = new Uint8Array(bodyLength);
    body[0] = family;
    return { message: renderMessage(getNeighbour, 0, body, []), dump: true, verb: "list", target: "neighbours" };
  };
  const [answers] = tryExchangesIn([namespacePath ?? ""], [ask(0), ask(familyBridge)]);
  const [neighbours, forwarding] = answers ?? [];
  const parse = (replies: readonly Reply[] = []) => replies.flatMap((reply) => parseNeighbour(reply) ?? []);
  return { neighbours: parse(neighbours?.replies), forwarding: parse(forwarding?.replies) };
}
