// One question to one server by UDP, from a port that the kernel chooses at random. Takes an answer to this question only; what else
// comes is counted and left.
import type { RemoteInfo, Socket } from "node:dgram";
import { isErrno } from "../../base/error.ts";
import type { Upstream } from "../../name/upstream.ts";
import { isAnswerTo } from "../../name/wire.ts";

/** What came of a question to a server. */
export type Reply = { readonly message: Buffer } | { readonly failure: string };

export interface Exchange {
  /** Ends it; `done` is not called any more. */
  close(): void;
  /** Messages that were no answer to the question. */
  strays(): number;
}

/** `query` begins with its id; its question ends at `end`. Calls `done` at most once. */
export function askUdp(server: Upstream, query: Buffer, end: number, done: (reply: Reply) => void): Exchange {
  const { createSocket } = process.getBuiltinModule("node:dgram");
  let socket: Socket | undefined = createSocket(server.address.includes(":") ? "udp6" : "udp4");
  let strays = 0;
  const id = query.readUInt16BE(0);
  const close = () => {
    socket?.close();
    socket = undefined;
  };
  const finish = (reply: Reply) => {
    if (socket === undefined) return;
    close();
    done(reply);
  };
  socket.on("error", (error) => finish({ failure: failureOf(error) }));
  socket.on("message", (message: Buffer, _: RemoteInfo) => {
    if (isAnswerTo(message, query, end, id)) finish({ message });
    else strays++;
  });
  // Connected, so that the kernel passes nothing from other addresses and tells of a closed port.
  socket.connect(server.port, server.address, (error?: Error) => {
    if (error) finish({ failure: failureOf(error) });
    else socket?.send(query, (failed) => failed && finish({ failure: failureOf(failed) }));
  });
  return { close, strays: () => strays };
}

const words: readonly (readonly [errno: string, text: string])[] = [
  ["ECONNREFUSED", "nobody listens there"],
  ["ENETUNREACH", "no route to it"],
  ["EHOSTUNREACH", "no route to it"],
  ["EACCES", "the host's rules forbid it"],
  ["EPERM", "the host's rules forbid it"],
  ["ECONNRESET", "it broke the connection off"],
];

export function failureOf(error: Error): string {
  return words.find(([errno]) => isErrno(error, errno))?.[1] ?? ("code" in error ? String(error.code) : error.message);
}
