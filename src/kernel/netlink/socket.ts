// Netlink sockets of the `netlink` package, opened for one exchange. The package takes 30 ms to load, so it is loaded at first use.
import { getSystemErrorName } from "node:util";
import type { RtNetlinkSocket } from "netlink";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { parseNumber } from "./decode.ts";

/** Opens a socket of the current network namespace for `body`; closed after. */
async function withSocket<T>(body: (socket: RtNetlinkSocket) => Promise<T>): Promise<T> {
  const { createRtNetlink } = await import("netlink");
  let socket: RtNetlinkSocket;
  try {
    socket = createRtNetlink();
  } catch (error) {
    throw new TsnsError("unavailable", "netlink-socket", "cannot open a netlink socket", { cause: error });
  }
  try {
    return await body(socket);
  } finally {
    socket.socket.close();
  }
}

const errorType = 2; // NLMSG_ERROR

export interface Answer {
  readonly type: number;
  readonly data: Uint8Array;
}

/** Sends one encoded message and returns the answer, none for a mere acknowledgement. Throws KernelError with the kernel's errno. */
export function exchange(bytes: Uint8Array, verb: string, target: string): Promise<Answer | undefined> {
  return withSocket(async ({ socket }) => {
    const type = parseNumber(bytes.subarray(4, 6)) ?? 0;
    const flags = parseNumber(bytes.subarray(6, 8)) ?? 0;
    const [replies] = await socket.request(type, bytes.subarray(16), { flags, checkError: false });
    const reply = replies[0];
    if (reply?.type !== errorType) return reply;
    const errno = (parseNumber(reply.data.subarray(0, 4)) ?? 0) | 0;
    if (errno === 0) return undefined;
    const name = getSystemErrorName(errno);
    throw new KernelError(verb, name, target, name === "EPERM" ? { hint: "run as root" } : {});
  });
}

/** Runs one of the package's listings. Throws TsnsError denied `netlink-denied`. */
export async function dump<T>(read: (socket: RtNetlinkSocket) => Promise<T>): Promise<T> {
  try {
    return await withSocket(read);
  } catch (error) {
    if (error instanceof TsnsError || !isErrno(error, "EPERM", "EACCES")) throw error;
    throw new TsnsError("denied", "netlink-denied", "cannot list links", { hint: "run as root", cause: error });
  }
}
