// Membership of networks as options of `tsns run`. Pure.
import type { NetworkAttachment } from "../spec/network.ts";
import { each, one, type Words } from "./word.ts";

/** Has what only the long form of --network says. */
export const needsLongForm = (attachment: NetworkAttachment | undefined): boolean =>
  attachment?.gatewayPriority !== undefined || attachment?.options !== undefined;

/** The long form of --network. */
function attachmentWord({ network, ipv4, ipv6, mac, aliases, linkLocal, gatewayPriority, options }: NetworkAttachment): string {
  const fields: readonly (readonly [string, string | number | undefined])[] = [
    ["name", network],
    ...(aliases ?? []).map((alias) => ["alias", alias] as const),
    ["ip", ipv4],
    ["ip6", ipv6],
    ["mac-address", mac],
    ...(linkLocal ?? []).map((address) => ["link-local-ip", address] as const),
    ["gw-priority", gatewayPriority],
    ...Object.entries(options ?? {}).map(([key, value]) => ["driver-opt", `${key}=${value}`] as const),
  ];
  const said = fields.filter(([, value]) => value !== undefined);
  return said.length === 1 ? network : said.map(([key, value]) => `${key}=${value}`).join(",");
}

export function attachmentWords(attachments: readonly NetworkAttachment[]): Words {
  if (attachments.length > 1 || needsLongForm(attachments[0])) return each("--network", attachments.map(attachmentWord));
  return attachments.flatMap(({ ipv4, ipv6, mac, aliases, linkLocal }) => [
    ...one("--ip", ipv4),
    ...one("--ip6", ipv6),
    ...one("--mac-address", mac),
    ...each("--network-alias", aliases),
    ...each("--link-local-ip", linkLocal),
  ]);
}
