// Netlink exchanges through the native helper: in any network namespace, and without the 30 ms that the netlink package takes
// to load. Messages are encoded by src/network/message.ts; here only their headers are understood.
import { getSystemErrorName } from "node:util";
import { littleEndian } from "../../base/byte-order.ts";
import { KernelError } from "../../base/error.ts";
import { runNamespaceProgram } from "../sandbox/namespace-program.ts";
import { parseAttributes, parseText } from "./decode.ts";

/** Protocols of netlink(7). */
export const netlinkFamily = { route: 0, netfilter: 12 } as const;

export interface Exchange {
  /** One encoded message, header included. Its flags and sequence number are set here. */
  readonly message: Uint8Array;
  /** A list is asked for (NLM_F_DUMP) instead of an act that is acknowledged (NLM_F_ACK). */
  readonly dump?: boolean;
  /** For the error: what is done ("add address") to what ("eth0"). */
  readonly verb: string;
  readonly target: string;
}

/** One message of an answer, without its header. */
export interface Reply {
  readonly type: number;
  readonly data: Uint8Array;
}

export interface RelayOptions {
  /** A network namespace's file, /proc/PID/ns/net for instance; default: this process's. */
  readonly namespacePath?: string;
  readonly family?: number;
  /** Files opened for the messages to name by number, 100 to 199: the namespaces that links are moved to. */
  readonly descriptors?: ReadonlyMap<number, string>;
}

const flag = { request: 1, ack: 4, dump: 0x300 } as const;
const type = { noop: 1, error: 2, done: 3 } as const;
const headerLength = 16;
/** Flags of an NLMSG_ERROR, linux/netlink.h: the refused message is left out, explanations follow. */
const errorFlag = { capped: 0x100, explained: 0x200 } as const;

/** Encoded messages exchanged in order; the answers of each. Throws KernelError at the first that the kernel refuses. */
export function exchangeAll(exchanges: readonly Exchange[], options: RelayOptions = {}): readonly (readonly Reply[])[] {
  const answers = tryExchanges(exchanges, options);
  for (const [at, answer] of answers.entries()) {
    const exchange = exchanges[at];
    if (answer.errno !== undefined && exchange) throw refusal(answer, exchange);
  }
  return answers.map(({ replies }) => replies);
}

export interface AnswerOrErrno {
  readonly replies: readonly Reply[];
  /** Name of the kernel's errno, absent for success. */
  readonly errno?: string;
  /** The kernel's own explanation of it, where it gives one. */
  readonly reason?: string;
}

/** As exchangeAll, for callers who decide by the errno of each. All messages are sent, whatever becomes of the others. */
export function tryExchanges(exchanges: readonly Exchange[], options: RelayOptions = {}): readonly AnswerOrErrno[] {
  if (exchanges.length === 0) return [];
  const input = Buffer.concat(exchanges.map(({ message, dump }, at) => numbered(message, at + 1, dump ? flag.dump : flag.ack)));
  const files = [...(options.descriptors ?? [])].flatMap(([fd, path]) => [String(fd), path]);
  const where = options.namespacePath ?? "";
  const args = ["netlink", String(options.family ?? netlinkFamily.route), ...(where !== "" || files.length > 0 ? [where, ...files] : [])];
  return parseAnswers(runNamespaceProgram(args, { input }), exchanges.length);
}

/**
 * The same messages sent in each of several network namespaces, by one process; undefined for those that cannot be entered.
 * An empty path is this process's namespace and comes first.
 */
export function tryExchangesIn(
  namespacePaths: readonly string[],
  exchanges: readonly Exchange[],
  options: Omit<RelayOptions, "namespacePath"> = {},
): readonly (readonly AnswerOrErrno[] | undefined)[] {
  const all = namespacePaths.flatMap((path) => (path === "" ? exchanges : [enterMessage(path), ...exchanges]));
  const answers = tryExchanges(all, options);
  let at = 0;
  return namespacePaths.map((path) => {
    const entered = path === "" || answers[at++]?.errno === undefined;
    const own = answers.slice(at, at + exchanges.length);
    at += exchanges.length;
    return entered ? own : undefined;
  });
}

/** What native/ns-netlink.c takes as the order to go on in another namespace. */
export function enterMessage(path: string): Exchange {
  const payload = Buffer.from(`${path}\0`);
  const message = new Uint8Array(headerLength + payload.length);
  message.set(payload, headerLength);
  new DataView(message.buffer).setUint16(4, type.noop, littleEndian);
  return { message, verb: "enter", target: path };
}

/** The error of a message that the kernel refused. */
export function refusal({ errno = "EIO", reason }: AnswerOrErrno, { verb, target }: Exchange): KernelError {
  const what = reason === undefined ? {} : { message: `${verb} ${target}: ${reason} (${errno})` };
  return new KernelError(verb, errno, target, { ...what, ...(errno === "EPERM" ? { hint: "run as root" } : {}) });
}

/** A copy with flags and sequence number, padded to 4 bytes. */
function numbered(message: Uint8Array, sequence: number, extra: number): Uint8Array {
  const bytes = new Uint8Array((message.length + 3) & ~3);
  bytes.set(message);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, message.length, littleEndian);
  const kept = view.getUint16(6, littleEndian) & ~flag.dump;
  view.setUint16(6, (extra === flag.dump ? kept & ~flag.ack : view.getUint16(6, littleEndian)) | flag.request | extra, littleEndian);
  view.setUint32(8, sequence, littleEndian);
  return bytes;
}

/** Answers by sequence number, from 1. Broken lengths end the list. */
export function parseAnswers(bytes: Uint8Array, count: number): readonly AnswerOrErrno[] {
  const replies: Reply[][] = Array.from({ length: count }, () => []);
  const faults: { errno?: string; reason?: string }[] = Array.from({ length: count }, () => ({}));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + headerLength <= bytes.length; ) {
    const length = view.getUint32(at, littleEndian);
    if (length < headerLength || at + length > bytes.length) break;
    const kind = view.getUint16(at + 4, littleEndian);
    const index = view.getUint32(at + 8, littleEndian) - 1;
    const data = bytes.subarray(at + headerLength, at + length);
    if (kind === type.error || kind === type.done) {
      const fault = parseFault(data, kind === type.done ? 0 : view.getUint16(at + 6, littleEndian));
      if (fault && index in faults) faults[index] = fault;
    } else if (kind !== type.noop) {
      replies[index]?.push({ type: kind, data });
    }
    at += (length + 3) & ~3;
  }
  return replies.map((list, at) => ({ replies: list, ...faults[at] }));
}

/** struct nlmsgerr; the code of an acknowledgement and of a dump that ended well is 0. */
function parseFault(data: Uint8Array, flags: number): { errno: string; reason?: string } | undefined {
  if (data.length < 4) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const code = view.getInt32(0, littleEndian);
  if (code >= 0) return undefined;
  const errno = getSystemErrorName(code);
  if ((flags & errorFlag.explained) === 0 || data.length < 8) return { errno };
  const refused = (flags & errorFlag.capped) === 0 ? view.getUint32(4, littleEndian) : headerLength;
  const reason = parseText(parseAttributes(data.subarray(4 + ((refused + 3) & ~3))).get(1)); // NLMSGERR_ATTR_MSG
  return { errno, ...(reason ? { reason } : {}) };
}
