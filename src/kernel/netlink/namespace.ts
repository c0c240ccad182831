// Ids that this network namespace has for others, as they stand in IFLA_LINK_NETNSID (ip-netns(8), linux/net_namespace.h).
import { renderMessage, u32 } from "../../network/message.ts";
import { parseAttributes, parseNumber } from "./decode.ts";
import type { Exchange, Reply } from "./relay.ts";

const getNamespaceId = 90; // RTM_GETNSID
const attribute = { id: 1, pid: 2, fd: 3 } as const; // NETNSA_NSID, NETNSA_PID, NETNSA_FD
const bodyLength = 4; // struct rtgenmsg, padded

/** Asks for the id of the network namespace of a process, or of a descriptor of whoever sends. */
export function namespaceIdRequest(of: { readonly pid: number } | { readonly fd: number }): Exchange {
  const value = "pid" in of ? { type: attribute.pid, value: u32(of.pid) } : { type: attribute.fd, value: u32(of.fd) };
  const target = "pid" in of ? `process ${of.pid}` : `descriptor ${of.fd}`;
  return { message: renderMessage(getNamespaceId, 0, new Uint8Array(bodyLength), [value]), verb: "ask the namespace of", target };
}

/** The answer; undefined when that namespace has no id here. */
export function parseNamespaceId(replies: readonly Reply[]): number | undefined {
  const id = parseNumber(parseAttributes(replies[0]?.data.subarray(bodyLength) ?? new Uint8Array()).get(attribute.id));
  return id === undefined || (id | 0) < 0 ? undefined : id;
}
