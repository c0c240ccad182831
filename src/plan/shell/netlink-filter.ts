// rtnetlink messages for what meets the packets that come in by a link, read back as commands of tc(8). Knows the messages that
// src/network/message-filter.ts and message-qdisc.ts write.

/** Attributes by type, and the names of links by index, as netlink.ts has read them. */
export interface FilterMessage {
  readonly newFilter: boolean;
  readonly link: string;
  /** tcm_info: order and protocol of a filter. */
  readonly info: number;
  readonly kind: string;
  readonly options: ReadonlyMap<number, DataView> | undefined;
  nested(view: DataView | undefined): ReadonlyMap<number, DataView> | undefined;
  linkName(index: number): string | undefined;
}

/** Undefined where it is none of those. */
export function filterCommand({ newFilter, link, info, kind, options, nested, linkName }: FilterMessage): string[] | undefined {
  if (!newFilter && kind === "tbf") return bucketCommand(link, options);
  if (!newFilter) return kind === "clsact" ? ["tc", "qdisc", "add", "dev", link, "clsact"] : undefined;
  const program = options?.get(5); // TCA_BPF_OPS
  if (kind !== "bpf" || !program) return undefined;
  const start = ["tc", "filter", "add", "dev", link, "ingress", "prio", `${info >>> 16}`, "protocol", "all", "bpf"];
  const direct = options?.has(8) ? ["da"] : []; // TCA_BPF_FLAGS
  const action = nested(nested(nested(options?.get(1))?.get(1))?.get(2))?.get(2); // TCA_BPF_ACT, first, TCA_ACT_OPTIONS, TCA_MIRRED_PARMS
  const inward = action && action.byteLength >= 28 && action.getUint32(20, true) === 3; // TCA_INGRESS_REDIR
  const target = action && action.byteLength >= 28 ? (inward ? "lo" : linkName(action.getUint32(24, true))) : undefined;
  if (action && target === undefined) return undefined;
  const redirect = target === undefined ? [] : ["action", "mirred", inward ? "ingress" : "egress", "redirect", "dev", target];
  return [...start, ...direct, "bytecode", bytecode(program), ...redirect];
}

/** TCA_TBF_PARMS: rate in bytes per second at 8, limit at 24; TCA_TBF_RATE64 for more than fits, TCA_TBF_BURST. */
function bucketCommand(link: string, options: FilterMessage["options"]): string[] | undefined {
  const [parameters, wide, burst] = [options?.get(1), options?.get(4), options?.get(6)];
  if (!parameters || parameters.byteLength < 28 || !burst || burst.byteLength < 4) return undefined;
  const rate = wide && wide.byteLength >= 8 ? Number(wide.getBigUint64(0, true)) : parameters.getUint32(8, true);
  const words = ["rate", `${rate * 8}bit`, "burst", `${burst.getUint32(0, true)}`, "limit", `${parameters.getUint32(24, true)}`];
  return ["tc", "qdisc", "replace", "dev", link, "root", "tbf", ...words];
}

/** struct sock_filter, one after the other: `2,48 0 0 0,6 0 0 2`. */
function bytecode(program: DataView): string {
  const count = program.byteLength >>> 3;
  const each = Array.from({ length: count }, (_, nth) => {
    const at = nth * 8;
    return `${program.getUint16(at, true)} ${program.getUint8(at + 2)} ${program.getUint8(at + 3)} ${program.getUint32(at + 4, true)}`;
  });
  return [count, ...each].join(",");
}
