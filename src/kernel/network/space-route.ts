// Asks the kernel of any network namespace how it would route a packet: RTM_GETROUTE, rtnetlink(7). With a link to come in by it is
// the same look-up that a real packet gets, reverse path and martian addresses included. Nothing is changed.
import { addressOfBytes, bitsOf, bytesOfAddress, family } from "../../network/link-address.ts";
import { join, renderMessage, u32 } from "../../network/message.ts";
import { type IpAddress, parseIp, renderIp } from "../../network/rule/address.ts";
import type { RouteAnswer, RouteQuery } from "../../network/trace/space.ts";
import { parseAttributes, parseNumber } from "../netlink/decode.ts";
import { type Reply, tryExchangesIn } from "../netlink/relay.ts";

const getRoute = 26; // RTM_GETROUTE
const rta = { destination: 1, source: 2, in: 3, out: 4, gateway: 5, preferred: 7, mark: 16, via: 18 } as const;
const bodyLength = 12; // struct rtmsg

/** RTN_*, linux/rtnetlink.h, of destinations nobody answers for: the errno that a sender gets. */
const refusals: Readonly<Record<number, string>> = { 6: "EINVAL", 7: "EHOSTUNREACH", 8: "EACCES", 9: "ENETUNREACH" };
const localTypes: readonly number[] = [2, 3, 4, 5]; // local, broadcast, anycast, multicast

/** `links`: names by index. */
export function askRoute(query: RouteQuery, links: ReadonlyMap<number, string>, namespacePath: string | undefined): RouteAnswer {
  const message = routeQuestion(query, links);
  if (!message) return { kind: "unknown", why: `link ${query.in} is gone` };
  const target = renderIp(query.destination);
  const [answers] = tryExchangesIn([namespacePath ?? ""], [{ message, verb: "find route to", target }]);
  const answer = answers?.[0];
  if (!answer) return { kind: "unknown", why: "the namespace is gone" };
  return answer.errno === undefined ? parseRouteReply(answer.replies[0], links) : { kind: "refused", errno: answer.errno };
}

function routeQuestion({ destination, source, in: inLink, mark }: RouteQuery, links: ReadonlyMap<number, string>): Uint8Array | undefined {
  const inIndex = inLink === undefined ? undefined : [...links].find(([, name]) => name === inLink)?.[0];
  if (inLink !== undefined && inIndex === undefined) return undefined;
  const which = family[destination.family];
  const bytes = (ip: IpAddress) => bytesOfAddress(renderIp(ip));
  const body = join([Uint8Array.of(which, bitsOf(which), source ? bitsOf(which) : 0, 0, 0, 0, 0, 0), u32(0)]);
  return renderMessage(getRoute, 0, body, [
    { type: rta.destination, value: bytes(destination) },
    ...(source ? [{ type: rta.source, value: bytes(source) }] : []),
    ...(inIndex === undefined ? [] : [{ type: rta.in, value: u32(inIndex) }]),
    ...(mark === 0 ? [] : [{ type: rta.mark, value: u32(mark) }]),
  ]);
}

/** The answer to a question for one route; takes any bytes. */
export function parseRouteReply(reply: Reply | undefined, links: ReadonlyMap<number, string>): RouteAnswer {
  if (!reply || reply.data.length < bodyLength) return { kind: "unknown", why: "the kernel gave no answer" };
  const { data } = reply;
  const type = data[7] ?? 0;
  const refused = refusals[type];
  if (refused) return { kind: "refused", errno: refused };
  if (localTypes.includes(type)) return { kind: "local" };
  const attributes = parseAttributes(data.subarray(bodyLength));
  const index = parseNumber(attributes.get(rta.out)) ?? 0;
  const link = links.get(index);
  if (type !== 1 || link === undefined) return { kind: "unknown", why: `a route of type ${type} by link ${index}` };
  const address = (bytes: Uint8Array | undefined) => parseIp(addressOfBytes(bytes) ?? "");
  const gateway = address(attributes.get(rta.gateway)) ?? address(attributes.get(rta.via)?.subarray(2));
  const source = address(attributes.get(rta.preferred));
  return { kind: "unicast", link, ...(gateway ? { gateway } : {}), ...(source ? { source } : {}) };
}
