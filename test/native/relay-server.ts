// A name server that knows nothing, as a program for the relay of a monitor to start: `node relay-server.ts SOCKET LOG`. Answers every message with itself and an
// exclamation mark; what stands behind the head of 12 bytes may be an order: `big N` (an answer of N bytes), `die` (the first server that hears it
// ends), `deaf` (nothing is read until the file LOG.hear is there). LOG has a line for each connection and each order. Ends with its last connection.
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { encodeFrame, frameFlag, makeFrameReader } from "../../src/name/frame.ts";

const [socketPath = "", log = ""] = process.argv.slice(2);
const note = (line: string) => appendFileSync(log, `${line}\n`);
const heard = (line: string) => existsSync(log) && readFileSync(log, "utf8").includes(line);
let connections = 0;

function obey(socket: Socket, order: string): void {
  if (order === "die" && !heard("die")) {
    note("die");
    process.exit(1);
  }
  if (order !== "deaf" || heard("deaf")) return;
  note("deaf");
  socket.pause();
  const timer = setInterval(() => {
    if (!existsSync(`${log}.hear`)) return;
    clearInterval(timer);
    socket.resume();
  }, 20);
}

function answer(payload: Buffer, flags: number): Buffer {
  const order = payload.subarray(12).toString();
  const size = Number(/^big (\d+)$/.exec(order)?.[1] ?? 0);
  const reply = Buffer.concat([payload, Buffer.from(flags & frameFlag.stream ? "!tcp" : "!udp"), Buffer.alloc(size)]);
  reply[2] = (reply[2] ?? 0) | 0x80;
  return size > 0 ? reply.subarray(0, size) : reply;
}

function serve(socket: Socket): void {
  const reader = makeFrameReader();
  connections++;
  socket.on("error", () => undefined);
  socket.on("data", (chunk: Buffer) => {
    const out: Buffer[] = [];
    const good = reader.push(chunk, (payload, tag, flags) => {
      if (flags & frameFlag.hello) return note(`hello ${payload} ${process.pid}`);
      obey(socket, payload.subarray(12).toString());
      out.push(encodeFrame({ tag, flags: 0, payload: answer(payload, flags) }));
    });
    if (!good) note("no frame");
    socket.write(Buffer.concat(out));
  });
  socket.on("close", () => {
    if (--connections === 0) process.exit(0);
  });
}

rmSync(socketPath, { force: true });
createServer(serve).listen(socketPath);
setTimeout(() => connections === 0 && process.exit(0), 10_000).unref();
