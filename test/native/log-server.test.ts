// Log servers from the monitor's side: what arrives of each protocol, a server that does not read, one that goes and comes back.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import t, { type Test } from "tap";
import { encodeSocketAddress, parseLogAddress } from "../../src/container/log/address.ts";
import { serverOf, serverOperations } from "../../src/container/log/compile.ts";
import type { LogFacts } from "../../src/container/log/fact.ts";
import type { Operation } from "../../src/plan/operation.ts";
import { unpack } from "../fixture/msgpack.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { type Box, errorLine, exitRecord, makeBox, makePlan, runAttached, startDetached } from "./sandbox.ts";

const facts: LogFacts = {
  log: { maxBytes: 0, maxFiles: 1 },
  id: "f00d".repeat(16),
  name: "web",
  imageId: `sha256:${"ab".repeat(32)}`,
  imageName: "busybox",
  command: ["sh", "-c", "x"],
  createdMs: Date.parse("2026-01-02T03:04:05Z"),
  labels: { "com.example.team": "blue\nteam" },
  env: ["TIER=front"],
  hostname: "host1",
};

type Driver = NonNullable<LogFacts["log"]["driver"]>;

/** Operations for a driver; `address` replaces the one it would have. */
function operationsOf(driver: Driver, options: Record<string, string>, address?: string): Operation[] {
  const own = { ...facts, log: { ...facts.log, driver, options } };
  const server = serverOf(own);
  if (!server) throw new Error(`${driver} has no server`);
  const other = address === undefined ? server.address : parseLogAddress(address, 1);
  if (typeof other === "string") throw new Error(other);
  return serverOperations(own, { ...server, address: other }, other.host);
}

const run = (box: Box, script: string, monitor: Operation[]) =>
  runAttached(box, makePlan(box, ["sh", "-c", script], { monitor }), undefined, []);

interface Receiver {
  readonly address: string;
  readonly text: () => string;
  readonly bytes: () => Buffer;
  readonly sockets: Socket[];
  readonly server: Server;
}

async function receiver(t: Test, where: string | number, isPaused = false): Promise<Receiver> {
  const chunks: Buffer[] = [];
  const sockets: Socket[] = [];
  const server = createServer({ pauseOnConnect: isPaused }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  });
  server.listen(typeof where === "string" ? { path: where } : { port: where, host: "127.0.0.1" });
  await once(server, "listening");
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const bound = server.address();
  const address = typeof bound === "object" && bound ? `tcp://127.0.0.1:${bound.port}` : `unix://${where}`;
  return { address, bytes: () => Buffer.concat(chunks), text: () => Buffer.concat(chunks).toString(), sockets, server };
}

/** A unix datagram receiver; Node has none. */
async function datagrams(t: Test, path: string): Promise<() => Buffer[]> {
  const script = `use Socket; $| = 1; socket(S, AF_UNIX, SOCK_DGRAM, 0); bind(S, pack_sockaddr_un($ARGV[0])) or die $!; print "ready\\n";
    while (defined recv(S, $m, 1 << 20, 0)) { print unpack("H*", $m), "\\n" }`;
  const child: ChildProcess = spawn("perl", ["-e", script, path], { stdio: ["ignore", "pipe", "inherit"] });
  t.teardown(() => void child.kill());
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => (said += chunk));
  await waitFor("the receiver", () => said.startsWith("ready\n"));
  return () =>
    said
      .split("\n")
      .slice(1, -1)
      .map((line) => Buffer.from(line, "hex"));
}

t.test("syslog: three formats over tcp, udp and unix", needRoot, async (t) => {
  const box = makeBox(t);
  const tcp = await receiver(t, 0);
  const options = { "syslog-address": tcp.address, "syslog-facility": "local1", tag: "{{.Name}}" };
  const script = "echo out; echo err >&2; echo";
  t.match(run(box, script, operationsOf("syslog", { ...options, "syslog-format": "rfc5424" })), { code: 0, stdout: "out\n\n" });
  await waitFor("two lines", () => tcp.text().split("\n").length === 3);
  const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d)";
  t.match(tcp.text(), new RegExp(`^<142>1 ${time} host1 web \\d+ web - out$`, "m"), "local1.info");
  t.match(tcp.text(), new RegExp(`^<139>1 ${time} host1 web \\d+ web - err$`, "m"), "local1.err; empty lines are none");

  const udp = createSocket("udp4");
  t.teardown(() => udp.close());
  const got: string[] = [];
  udp.on("message", (message) => got.push(message.toString()));
  udp.bind(0, "127.0.0.1");
  await once(udp, "listening");
  const udpOptions = { ...options, "syslog-address": `udp://127.0.0.1:${udp.address().port}`, "syslog-format": "rfc3164" };
  t.equal(run(box, "echo one; echo two", operationsOf("syslog", udpOptions)).code, 0);
  await waitFor("two datagrams", () => got.length === 2);
  t.match(got[0], /^<142>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d host1 web\[\d+\]: one\n$/);

  const path = join(box.dir, "devlog");
  const seen = await datagrams(t, path);
  t.equal(run(box, "echo local", operationsOf("syslog", { "syslog-address": `unixgram://${path}` })).code, 0);
  await waitFor("a datagram", () => seen().length === 1);
  t.match(seen()[0]?.toString(), /^<30>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d f00df00df00d\[\d+\]: local\n$/);
});

t.test("journald: fields and pieces of a long line", needRoot, async (t) => {
  const box = makeBox(t);
  const path = join(box.dir, "journal");
  const seen = await datagrams(t, path);
  const options = { labels: "com.example.team", env: "TIER" };
  const script = "printf '%020000d' 0; echo end; printf '\\377raw\\n' >&2";
  t.equal(run(box, script, operationsOf("journald", options, `unixgram://${path}`)).code, 0);
  await waitFor("three entries", () => seen().length === 3);
  const entries = seen().map(parseJournal);
  const [first, last] = entries.filter(({ PRIORITY }) => `${PRIORITY}` === "6");
  const error = entries.find(({ PRIORITY }) => `${PRIORITY}` === "3");
  t.same(error?.MESSAGE, Buffer.from("\xffraw", "latin1"), "bytes as they are");
  t.match(text(first), { CONTAINER_NAME: "web", CONTAINER_ID: "f00df00df00d", CONTAINER_TAG: "f00df00df00d", TIER: "front" });
  t.match(text(first), { COM_EXAMPLE_TEAM: "blue\nteam", CONTAINER_PARTIAL_MESSAGE: "true", CONTAINER_PARTIAL_ORDINAL: "1" });
  t.match(text(last), {
    CONTAINER_PARTIAL_LAST: "true",
    CONTAINER_PARTIAL_ORDINAL: "2",
    CONTAINER_PARTIAL_ID: text(first).CONTAINER_PARTIAL_ID,
  });
  t.notOk(last?.CONTAINER_PARTIAL_MESSAGE);
  t.same([first?.MESSAGE?.length, `${last?.MESSAGE?.subarray(-4)}`, last?.MESSAGE?.length], [16384, "0end", 3619]);
  t.notOk(error?.CONTAINER_PARTIAL_ID);
});

const text = (fields: Record<string, Buffer> | undefined) =>
  Object.fromEntries(Object.entries(fields ?? {}).map(([key, value]) => [key, value.toString()]));

function parseJournal(message: Buffer): Record<string, Buffer> {
  const fields: Record<string, Buffer> = {};
  for (let at = 0; at < message.length; ) {
    const end = message.indexOf(0x0a, at);
    const line = message.subarray(at, end);
    const equals = line.indexOf(0x3d);
    if (equals >= 0) {
      fields[line.toString("utf8", 0, equals)] = line.subarray(equals + 1);
      at = end + 1;
    } else {
      const size = Number(message.readBigUInt64LE(end + 1));
      fields[line.toString()] = message.subarray(end + 9, end + 9 + size);
      at = end + 10 + size;
    }
  }
  return fields;
}

t.test("fluentd: messages in msgpack, over tcp and unix", needRoot, async (t) => {
  const box = makeBox(t);
  const path = join(box.dir, "fluent");
  const unix = await receiver(t, path);
  const options = { "fluentd-address": unix.address, env: "TIER", tag: "docker.{{.Name}}" };
  t.equal(run(box, "echo hello; printf '\\377' >&2", operationsOf("fluentd", options)).code, 0);
  const messages = () => unpack(unix.bytes());
  await waitFor("two messages", () => messages().length === 2);
  const all = messages() as [string, number, Record<string, string>, object][];
  const [tag, time, record, option] = all.find(([, , { source }]) => source === "stdout") ?? ["", 0, {}, {}];
  const error = all.find(([, , { source }]) => source === "stderr")?.[2];
  t.equal(tag, "docker.web");
  t.ok(Math.abs(time - Date.now() / 1000) < 60);
  t.same(option, {});
  t.same(record, { container_id: facts.id, container_name: "/web", TIER: "front", source: "stdout", log: "hello" });
  t.match(error, {
    source: "stderr",
    partial_message: "true",
    partial_ordinal: "1",
    partial_last: "false",
    partial_id: /^[0-9a-f]{64}$/,
  });

  const tcp = await receiver(t, 0);
  t.equal(
    run(box, "echo a; echo b", operationsOf("fluentd", { "fluentd-address": tcp.address.slice(6), "fluentd-sub-second-precision": "true" }))
      .code,
    0,
  );
  await waitFor("two messages", () => unpack(tcp.bytes()).length === 2);
  const times = (unpack(tcp.bytes()) as [string, Buffer][]).map(([, at]) => at);
  t.equal(times[0]?.length, 8, "an event time");
});

t.test("gelf: datagrams, large ones in pieces; documents on a connection", needRoot, async (t) => {
  const box = makeBox(t);
  const udp = createSocket("udp4");
  t.teardown(() => udp.close());
  const got: Buffer[] = [];
  udp.on("message", (message) => got.push(message));
  udp.bind(0, "127.0.0.1");
  await once(udp, "listening");
  const address = `udp://127.0.0.1:${udp.address().port}`;
  const options = { "gelf-address": address, labels: "com.example.team" };
  t.equal(run(box, "echo 'short \"one\"'; printf '%05000d\\n' 0", operationsOf("gelf", options)).code, 0);
  const chunks = () => got.filter((message) => message[0] === 0x1e && message[1] === 0x0f);
  await waitFor("all pieces", () => got.length > chunks().length && chunks().length > 0 && chunks().length === chunks()[0]?.[11]);
  const whole = JSON.parse(got.find((message) => message[0] === 0x7b)?.toString() ?? "");
  t.match(whole, { version: "1.1", host: "host1", short_message: 'short "one"', level: 6, _container_name: "web", _tag: "f00df00df00d" });
  t.match(whole, { "_com.example.team": "blue\nteam", _created: "2026-01-02T03:04:05Z", _command: "sh -c x" });
  t.ok(Math.abs(whole.timestamp - Date.now() / 1000) < 60);
  t.ok(got.every((message) => message.length <= 1420));
  const pieces = chunks().toSorted((a, b) => a.readUInt8(10) - b.readUInt8(10));
  t.equal(new Set(pieces.map((piece) => piece.toString("hex", 2, 10))).size, 1, "one id");
  t.equal(JSON.parse(Buffer.concat(pieces.map((piece) => piece.subarray(12))).toString()).short_message.length, 5000);

  const tcp = await receiver(t, 0);
  t.equal(run(box, "echo one; echo two >&2", operationsOf("gelf", { "gelf-address": tcp.address })).code, 0);
  await waitFor("two documents", () => tcp.text().split("\0").length === 3);
  const documents = tcp
    .text()
    .split("\0")
    .slice(0, -1)
    .map((document) => JSON.parse(document)) as { short_message: string; level: number }[];
  t.same(documents.map(({ short_message, level }) => `${short_message} ${level}`).toSorted(), ["one 6", "two 3"]);
});

t.test("a server that does not read makes the container wait, or loses lines", needRoot, async (t) => {
  const stuck = await receiver(t, 0, true);
  const lines = 100_000;
  const script = `seq ${lines}; echo done > /home/done`;
  const options = { "fluentd-address": stuck.address, "fluentd-retry-wait": "10ms" };

  const waits = makeBox(t);
  startDetached(t, waits, makePlan(waits, ["sh", "-c", script], { state: true, monitor: operationsOf("fluentd", options) }));
  await waitFor("the connection", () => stuck.sockets.length === 1);
  const loses = makeBox(t);
  const dropping = operationsOf("fluentd", { ...options, mode: "non-blocking", "max-buffer-size": "64k" });
  startDetached(t, loses, makePlan(loses, ["sh", "-c", script], { state: true, monitor: dropping }));
  t.match(await exitRecord(loses), /^code 0\n/, "non-blocking: it came to its end");
  t.notOk(existsSync(join(waits.root, "home/done")), "blocking: it is still at it");

  stuck.sockets[0]?.resume();
  t.match(await exitRecord(waits), /^code 0\n/);
  const records = () => (unpack(stuck.bytes()) as [string, number, { log: string }][]).map(([, , { log }]) => log);
  await waitFor("the last line", () => stuck.bytes().subarray(-400).includes(`${lines}`), 30_000);
  const all = records();
  t.equal(all.length, lines, "nothing is lost");
  t.ok(
    all.every((log, at) => log === `${at + 1}`),
    "and all in order",
  );
});

t.test("one that waits for a server can be ended", needRoot, async (t) => {
  const box = makeBox(t);
  const stuck = await receiver(t, 0, true);
  const monitor = operationsOf("fluentd", { "fluentd-address": stuck.address });
  const { initPid } = startDetached(t, box, makePlan(box, ["sh", "-c", "yes endless"], { state: true, monitor }));
  await waitFor("the connection", () => stuck.sockets.length === 1);
  process.kill(initPid, "SIGKILL");
  t.match(await exitRecord(box), /^code 137\n/);
});

t.test("a server that goes is connected to again when it is back", needRoot, async (t) => {
  const box = makeBox(t);
  const path = join(box.dir, "sock");
  const first = await receiver(t, path);
  // A pipe for each: one whose writer has not closed it yet would be opened and found at its end.
  const script = "echo one; read go < /home/again; echo two; read go < /home/more; echo three";
  const options = { "fluentd-address": first.address, "fluentd-retry-wait": "20ms" };
  const [again, more] = ["again", "more"].map((name) => join(box.root, "home", name)) as [string, string];
  execFileSync("mkfifo", [again, more]);
  startDetached(t, box, makePlan(box, ["sh", "-c", script], { state: true, monitor: operationsOf("fluentd", options) }));
  await waitFor("one", () => first.text().includes("one"));
  for (const socket of first.sockets) socket.destroy();
  first.server.close();
  await once(first.server, "close");
  await writeFile(again, "\n");
  const second = await receiver(t, path);
  await waitFor("two", () => second.text().includes("two"));
  await writeFile(more, "\n");
  await waitFor("three", () => second.text().includes("three"));
  t.notMatch(first.text(), /two/);
});

t.test("one that is not there is an error of the start, unless it may come later", needRoot, async (t) => {
  const box = makeBox(t);
  const monitor = operationsOf("fluentd", { "fluentd-address": `unix://${box.dir}/none` });
  t.match(errorLine(run(box, "true", monitor).report), /^error \d+ log-sink connect ENOENT unix .*\/none$/);
  const late = operationsOf("fluentd", { "fluentd-address": `unix://${box.dir}/none`, "fluentd-async": "true" });
  t.match(run(box, "echo fine", late), { code: 0, stdout: "fine\n" });
  const wrong: Operation[] = [["log-format", "?x00"]];
  t.match(errorLine(run(box, "true", wrong).report), /^error \d+ log-format parse EINVAL \?x00$/);
  const address = encodeSocketAddress({ protocol: "tcp", host: "127.0.0.1", port: 1 });
  t.match(errorLine(run(box, "true", [["log-sink", "stream", address, "1", "1", "1", "z", "x"]]).report), /EINVAL z$/);
});
