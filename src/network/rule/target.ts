// What a rule does with a packet that it matches, as a value. Knows targets, not matches.
import type { AddressRange } from "./address.ts";
import { parseAddressRange, parseIp } from "./address.ts";
import type { RuleOption } from "./option.ts";

/** First and last, both included. */
export type PortRange = readonly [number, number];

const decimal = /^\d+$/;

/** Where address translation leads: an address, ports, or both. */
export interface Rewrite {
  readonly address?: AddressRange;
  readonly ports?: PortRange;
  /** `--to-destination IP:8080-8090/9000`: the port that goes to the first of the range. */
  readonly basePort?: number;
}

export interface MarkChange {
  /** set: (mark & ~mask) ^ value; and, or, xor: with the value; save, restore: between packet and connection under the mask. */
  readonly change: "set" | "and" | "or" | "xor" | "save" | "restore";
  readonly value: number;
  readonly mask: number;
}

export type RuleTarget =
  /** Counts only. */
  | { readonly kind: "none" }
  | { readonly kind: "accept" }
  | { readonly kind: "drop" }
  | { readonly kind: "return" }
  | { readonly kind: "jump"; readonly chain: string }
  /** As jump, but the packet returns to where the calling chain was jumped from. */
  | { readonly kind: "goto"; readonly chain: string }
  | { readonly kind: "dnat"; readonly to: Rewrite }
  | { readonly kind: "snat"; readonly to: Rewrite }
  | { readonly kind: "masquerade"; readonly ports?: PortRange }
  /** To the address of the link the packet came in by; 127.0.0.1 for packets of the host itself. */
  | { readonly kind: "redirect"; readonly ports?: PortRange }
  | { readonly kind: "reject"; readonly answer: string }
  | { readonly kind: "log"; readonly prefix: string }
  | { readonly kind: "mark"; readonly of: "packet" | "connection"; readonly mark: MarkChange }
  /** Connection tracking is left out for the packet: no address translation. */
  | { readonly kind: "notrack" }
  /** Every other target; `ends`: the packet leaves the chain (known to end), undefined where it is not known. */
  | { readonly kind: "extension"; readonly name: string; readonly options: readonly RuleOption[]; readonly ends?: boolean };

/** Targets of iptables-extensions(8) that let the packet go on to the next rule. */
const passing: ReadonlySet<string> = new Set(
  (
    "AUDIT CHECKSUM CLASSIFY CONNSECMARK CT DSCP ECN HL HMARK IDLETIMER LED NFLOG RATEEST SECMARK SET TCPMSS TCPOPTSTRIP TEE TOS TRACE TTL " +
    "ULOG"
  ).split(" "),
);
/** And those that decide on it. */
const ending: ReadonlySet<string> = new Set("NFQUEUE QUEUE TPROXY NETMAP SYNPROXY CLUSTERIP DNPT SNPT MIRROR".split(" "));

const firstValue = (options: readonly RuleOption[], name: string): string | undefined =>
  options.find((option) => option.name === name)?.values[0];

/** 80, 80-90 or, where `separator` says so, 80:90. */
export function parsePortRange(text: string, separator = "-"): PortRange | undefined {
  if (text === "") return undefined;
  const one = Number(text);
  if (one >= 0 && one <= 65535 && !text.includes(separator)) return decimal.test(text) ? [one, one] : undefined;
  const [first = "", last = first] = text.split(separator);
  const from = first === "" && text.includes(separator) ? 0 : Number(first);
  const to = last === "" ? 65535 : Number(last);
  if (!/^\d*$/.test(first) || !/^\d*$/.test(last) || text === "" || from > 65535 || to > 65535) return undefined;
  return [from, to];
}

/** `10.0.0.2`, `10.0.0.2:80`, `10.0.0.2-10.0.0.9:80-90`, `:80`, `[fd00::2]:80`; what is not understood is left out. */
export function parseRewrite(text: string): Rewrite {
  if (!text.includes("[") && !text.includes("-") && !text.includes("/")) return parsePlainRewrite(text);
  const bracketed = /^\[([^\]]*)\](?:-\[([^\]]*)\])?(?::(.*))?$/.exec(text);
  const [addressText, portText] = bracketed
    ? [bracketed[2] ? `${bracketed[1]}-${bracketed[2]}` : (bracketed[1] ?? ""), bracketed[3]]
    : splitPort(text);
  const address = parseAddressRange(addressText);
  const [range, base] = (portText ?? "").split("/");
  const ports = parsePortRange(range ?? "");
  return { ...(address ? { address } : {}), ...(ports ? { ports } : {}), ...(base && ports ? { basePort: Number(base) } : {}) };
}

/** One address, one port, or both. */
function parsePlainRewrite(text: string): Rewrite {
  const [addressText, portText] = splitPort(text);
  const ip = parseIp(addressText);
  const ports = portText === undefined ? undefined : parsePortRange(portText);
  if (ip) return ports ? { address: { from: ip, to: ip }, ports } : { address: { from: ip, to: ip } };
  return ports ? { ports } : {};
}

function splitPort(text: string): [string, string | undefined] {
  const at = text.indexOf(":");
  if (at < 0 || at !== text.lastIndexOf(":")) return [text, undefined];
  return [text.slice(0, at), text.slice(at + 1)];
}

/** `0x2000/0x2000`, `16`; all bits without a mask. */
export function parseMark(text: string): { readonly value: number; readonly mask: number } {
  const [value = "0", mask = "0xffffffff"] = text.split("/");
  return { value: Number(value) || 0, mask: Number.isNaN(Number(mask)) ? 0xffffffff : Number(mask) };
}

/** `--set-mark V/M` is `--set-xmark V/(V|M)`; the others are masks. */
function parseMarkChange(options: readonly RuleOption[]): MarkChange {
  for (const { name, values } of options) {
    const { value, mask } = parseMark(values[0] ?? "");
    if (name === "--set-xmark") return { change: "set", value, mask };
    if (name === "--set-mark") return { change: "set", value, mask: (value | mask) >>> 0 };
    if (name === "--and-mark") return { change: "and", value, mask: 0xffffffff };
    if (name === "--or-mark") return { change: "or", value, mask: 0xffffffff };
    if (name === "--xor-mark") return { change: "xor", value, mask: 0xffffffff };
    if (name === "--save-mark" || name === "--restore-mark") {
      const bits = firstValue(options, "--mask") ?? firstValue(options, "--nfmask") ?? "0xffffffff";
      return { change: name === "--save-mark" ? "save" : "restore", value: 0, mask: Number(bits) };
    }
  }
  return { change: "set", value: 0, mask: 0 };
}

function withPorts<K extends "masquerade" | "redirect">(kind: K, options: readonly RuleOption[]): { kind: K; ports?: PortRange } {
  const ports = parsePortRange(firstValue(options, "--to-ports") ?? "");
  return ports ? { kind, ports } : { kind };
}

/** Targets without options. */
const verdicts: ReadonlyMap<string, RuleTarget> = new Map([
  ["ACCEPT", { kind: "accept" }],
  ["DROP", { kind: "drop" }],
  ["RETURN", { kind: "return" }],
]);

/**
 * The target of a rule from its options. `chains`: the user's chains of its table, where they are known; without them
 * every name that is no target of iptables-extensions(8) is a chain.
 */
export function parseTarget(options: readonly RuleOption[], chains?: ReadonlySet<string>): RuleTarget {
  const jump = options.find(({ name }) => name === "-j" || name === "-g");
  const name = jump?.values[0];
  if (jump === undefined || name === undefined) return { kind: "none" };
  if (jump.name === "-g") return { kind: "goto", chain: name };
  if (chains?.has(name)) return { kind: "jump", chain: name };
  const verdict = verdicts.get(name);
  if (verdict) return verdict;
  const own = options.filter((option) => option.module === name && option.name !== "-j");
  switch (name) {
    case "DNAT":
      return { kind: "dnat", to: parseRewrite(firstValue(own, "--to-destination") ?? "") };
    case "SNAT":
      return { kind: "snat", to: parseRewrite(firstValue(own, "--to-source") ?? "") };
    case "MASQUERADE":
    case "REDIRECT":
      return withPorts(name === "REDIRECT" ? "redirect" : "masquerade", own);
    case "REJECT":
      return { kind: "reject", answer: firstValue(own, "--reject-with") ?? "icmp-port-unreachable" };
    case "LOG":
      return { kind: "log", prefix: firstValue(own, "--log-prefix") ?? "" };
    case "MARK":
    case "CONNMARK":
      return { kind: "mark", of: name === "MARK" ? "packet" : "connection", mark: parseMarkChange(own) };
    case "NOTRACK":
      return { kind: "notrack" };
    case "CT":
      return own.some((option) => option.name === "--notrack")
        ? { kind: "notrack" }
        : { kind: "extension", name, options: own, ends: false };
  }
  if (passing.has(name)) return { kind: "extension", name, options: own, ends: false };
  if (ending.has(name)) return { kind: "extension", name, options: own, ends: true };
  return chains ? { kind: "extension", name, options: own } : { kind: "jump", chain: name };
}
