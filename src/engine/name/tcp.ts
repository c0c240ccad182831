// One question to one server by TCP (RFC 7766): for answers that are too long for UDP.
import type { Upstream } from "../../name/upstream.ts";
import { isAnswerTo } from "../../name/wire.ts";
import { type Exchange, failureOf, type Reply } from "./udp.ts";

/** As askUdp. */
export function askTcp(server: Upstream, query: Buffer, end: number, done: (reply: Reply) => void): Exchange {
  const { connect } = process.getBuiltinModule("node:net");
  const socket = connect({ host: server.address, port: server.port });
  const head = Buffer.allocUnsafe(2);
  head.writeUInt16BE(query.length);
  let got: Buffer = Buffer.alloc(0);
  let isOver = false;
  let strays = 0;
  const close = () => {
    isOver = true;
    socket.destroy();
  };
  const finish = (reply: Reply) => {
    if (isOver) return;
    close();
    done(reply);
  };
  socket.on("error", (error) => finish({ failure: failureOf(error) }));
  socket.on("close", () => finish({ failure: "it ended the connection without an answer" }));
  socket.on("connect", () => socket.write(Buffer.concat([head, query])));
  socket.on("data", (chunk: Buffer) => {
    got = Buffer.concat([got, chunk]);
    while (!isOver && got.length >= 2) {
      const length = got.readUInt16BE(0);
      if (got.length < length + 2) return;
      const message = got.subarray(2, length + 2);
      got = got.subarray(length + 2);
      if (isAnswerTo(message, query, end, query.readUInt16BE(0))) finish({ message });
      else strays++;
    }
  });
  return { close, strays: () => strays };
}
