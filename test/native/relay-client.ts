// Asks 127.0.0.11 from the network namespace it was started in: `node relay-client.ts udp|tcp PORT TEXT...`, or `flood COUNT`. Prints a line for each
// text: the answer, `(N bytes)` for a long one, `code N` for one that refuses, `none` after four tries of UDP.
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const address = "127.0.0.11";
const [how, port = "53", ...texts] = process.argv.slice(2);

const query = (text: string, id: number): Buffer => {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(id, 0);
  return Buffer.concat([head, Buffer.from(text)]);
};

function shown(answer: Buffer): string {
  const code = (answer[3] ?? 0) & 15;
  if (code !== 0) return `code ${code}`;
  return answer.length > 200 ? `(${answer.length} bytes)` : answer.subarray(12).toString();
}

async function askByDatagram(): Promise<string[]> {
  const socket = createSocket("udp4");
  const answers = new Map<number, string>();
  const closed = new Promise<void>((done) => void socket.once("close", () => done()));
  socket.on("message", (answer, from) => {
    const expected = from.port === Number(port) && from.address === address;
    answers.set(answer.readUInt16BE(0), expected ? shown(answer) : `from ${from.address} port ${from.port}`);
    if (answers.size === texts.length) socket.close();
  });
  for (let attempt = 0; attempt < 4 && answers.size < texts.length; attempt++) {
    for (const [id, text] of texts.entries()) if (!answers.has(id)) socket.send(query(text, id), Number(port), address);
    await Promise.race([closed, sleep(5_000, undefined, { ref: false })]);
  }
  if (answers.size < texts.length) socket.close();
  return texts.map((_, id) => answers.get(id) ?? "none");
}

/** All of them at once in one connection that is closed for writing at once. */
function askByStream(): Promise<string[]> {
  return new Promise((done, failed) => {
    const answers: string[] = [];
    let rest = Buffer.alloc(0);
    const socket = connect({ host: address, port: Number(port), allowHalfOpen: true }, () => {
      const all = texts.map((text, id) => {
        const message = query(text, id);
        const length = Buffer.alloc(2);
        length.writeUInt16BE(message.length);
        return Buffer.concat([length, message]);
      });
      socket.end(Buffer.concat(all));
    });
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0);
        answers[rest.readUInt16BE(2)] = shown(rest.subarray(2, end));
        rest = rest.subarray(end);
      }
    });
    socket.on("error", failed);
    socket.on("end", () => done(texts.map((_, id) => answers[id] ?? "none")));
  });
}

/** Datagrams nobody waits for. */
async function flood(count: number): Promise<string[]> {
  const socket = createSocket("udp4");
  const message = query("x".repeat(400), 1);
  for (let sent = 0; sent < count; sent++) await new Promise((done) => socket.send(message, 53, address, done));
  socket.close();
  return ["sent"];
}

const lines = how === "tcp" ? await askByStream() : how === "flood" ? await flood(Number(port)) : await askByDatagram();
process.stdout.write(`${lines.join("\n")}\n`);
