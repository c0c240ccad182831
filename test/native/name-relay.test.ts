// The relay of the monitor: queries from the container's network namespace to a name server that is started when there is something to ask.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { encodeOperations } from "../../src/kernel/sandbox/encode.ts";
import { distDirectory } from "../../src/kernel/sandbox/location.ts";
import { encodeFrame } from "../../src/name/frame.ts";
import { linkUp } from "../../src/network/message.ts";
import { nameRules, relayPort } from "../../src/network/name-relay.ts";
import { CLONE, type Operation } from "../../src/plan/operation.ts";
import { shellOfStep } from "../../src/plan/shell.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { alive, type Box, cloneFlags, ended, exitRecord, gone, makeBox, makePlan, sandboxProgram, startDetached } from "./sandbox.ts";

t.jobs = 4;
// One object for each: tap keeps what it is given.
const beside = () => ({ ...needRoot, buffered: true });

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const fixture = (name: string) => fileURLToPath(new URL(`./${name}`, import.meta.url));
const id = "0123456789abcdef".repeat(4);
const log = (box: Box) => join(box.dir, "names.log");
const socket = (box: Box) => join(box.dir, "names.socket");
const program = (box: Box) => [process.execPath, fixture("relay-server.ts"), socket(box), log(box)];
const logLines = (box: Box) => (existsSync(log(box)) ? readFileSync(log(box), "utf8").split("\n").slice(0, -1) : []);
const hellos = (box: Box) => logLines(box).filter((line) => line.startsWith("hello "));

interface Choice {
  readonly rules?: readonly [string, string];
  readonly program?: readonly string[];
}

const relay = (
  box: Box,
  { rules = [hex(nameRules(true)), hex(nameRules(false))], program: words = program(box) }: Choice = {},
): Operation => ["name-relay", id, socket(box), `${relayPort}`, ...rules, ...words];
const loopback: readonly Operation[] = [
  ["netlink-socket", "101"],
  ["netlink", "101", hex(linkUp({ index: 1 }))],
];

function start(t: Test, box: Box, monitor: readonly Operation[], flags = cloneFlags) {
  const script = "while [ ! -e /tmp/end ]; do sleep 0.1; done";
  const running = startDetached(t, box, makePlan(box, ["sh", "-c", script], { state: true, monitor, inside: loopback, flags }));
  return { ...running, end: () => writeFileSync(join(box.root, "tmp/end"), "") };
}

/** Runs a program in the network namespace of a process; its output. */
async function inside(pid: number, ...argv: readonly string[]): Promise<string> {
  const child = spawn("nsenter", ["-t", `${pid}`, "-n", "--", ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk));
  await ended(child);
  return text;
}
const ask = (pid: number, how: "udp" | "tcp" | "flood", ...words: readonly string[]) =>
  inside(pid, process.execPath, fixture("relay-client.ts"), how, ...words);

const pssOf = (pid: number) => Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
const isSmall = (pid: number) =>
  waitFor(
    () => `at most 250 kB, it is ${pssOf(pid)}`,
    () => pssOf(pid) <= 250,
  );

t.test("queries by UDP and TCP, answers of any size, one server that is started for them", beside(), async (t) => {
  const box = makeBox(t);
  const { initPid, monitorPid, end } = start(t, box, [relay(box)]);
  if (!process.env.TSNS_SANDBOX) await isSmall(monitorPid);
  t.notOk(existsSync(log(box)), "nobody has asked");
  t.equal(await ask(initPid, "udp", "53", "one"), "one!udp\n");
  t.equal(await ask(initPid, "udp", "53", "two", "big 8000", "three"), "two!udp\n(8000 bytes)\nthree!udp\n", "from port 53");
  t.equal(
    await ask(initPid, "tcp", "53", "one", "big 65535", "two", "big 65535", "three"),
    "one!tcp\n(65535 bytes)\ntwo!tcp\n(65535 bytes)\nthree!tcp\n",
  );
  const many = Array.from({ length: 3000 }, (_, at) => `query ${at}`);
  t.equal(await ask(initPid, "tcp", "53", ...many), `${many.join("!tcp\n")}!tcp\n`, "more than there is room for");
  t.match(hellos(box), [new RegExp(`^hello ${id} `)], "one connection");
  t.equal(hellos(box).length, 1);
  if (!process.env.TSNS_SANDBOX) await isSmall(monitorPid);
  end();
  await exitRecord(box);
  await gone(Number(hellos(box)[0]?.split(" ")[2]));
  await gone(monitorPid);
});

t.test("a name server of the container's own has port 53", beside(), async (t) => {
  const box = makeBox(t);
  const { initPid } = start(t, box, [relay(box)]);
  const own =
    "const d=require('dgram').createSocket('udp4');d.on('message',(m,r)=>{d.send('own',r.port,r.address)});d.bind(53,'0.0.0.0',()=>{" +
    "require('net').createServer((c)=>c.end('own')).listen(53,'0.0.0.0',()=>console.log('up'))})";
  const server = spawn("nsenter", ["-t", `${initPid}`, "-n", "--", process.execPath, "-e", own], { stdio: ["ignore", "pipe", "inherit"] });
  t.teardown(() => void server.kill("SIGKILL"));
  await new Promise((done) => server.stdout.once("data", done));
  t.equal(await ask(initPid, "udp", "53", "one"), "one!udp\n");
  t.equal(await ask(initPid, "tcp", "53", "one"), "one!tcp\n");
  const script =
    "const d=require('dgram').createSocket('udp4');d.on('message',(m)=>{console.log(String(m));d.close()});d.send('x',53,'127.0.0.1')";
  t.equal(await inside(initPid, process.execPath, "-e", script), "own\n");
});

t.test("a container that empties its rule set, or filters by port, keeps its names", beside(), async (t) => {
  const box = makeBox(t);
  const { initPid } = start(t, box, [relay(box)]);
  t.equal(await inside(initPid, "nft", "flush", "ruleset"), "");
  const own = [
    "table ip own {",
    "chain in { type filter hook input priority 0; policy drop; ct state established,related accept; udp dport 53 accept; tcp dport 53 accept; }",
    "chain out { type filter hook output priority 0; policy drop; ct state established,related accept; udp dport 53 accept; tcp dport 53 accept; }",
    "}",
  ].join("\n");
  t.equal(await inside(initPid, "nft", own), "");
  t.equal(await ask(initPid, "udp", "53", "one"), "one!udp\n");
  t.equal(await ask(initPid, "tcp", "53", "one"), "one!tcp\n");
});

t.test("where rules are refused the relay has port 53 itself", beside(), async (t) => {
  const box = makeBox(t);
  const none = hex(nameRules(false)).replaceAll(hex(Buffer.from("payload\0")), hex(Buffer.from("nothing\0")));
  const { initPid } = start(t, box, [relay(box, { rules: [none, none] })]);
  t.equal(await inside(initPid, "nft", "list", "ruleset"), "");
  t.equal(await ask(initPid, "udp", "53", "one"), "one!udp\n");
  t.equal(await ask(initPid, "tcp", "53", "one"), "one!tcp\n");
});

t.test("a server that dies is started again, and asked again what it has not answered", beside(), async (t) => {
  const box = makeBox(t);
  const { initPid } = start(t, box, [relay(box)]);
  t.equal(await ask(initPid, "tcp", "53", "one", "die", "two"), "one!tcp\ndie!tcp\ntwo!tcp\n");
  t.equal(hellos(box).length, 2);
  const pid = Number(hellos(box)[1]?.split(" ")[2]);
  process.kill(pid, "SIGKILL");
  await gone(pid);
  t.equal(await ask(initPid, "udp", "53", "three"), "three!udp\n");
  t.equal(hellos(box).length, 3);
});

t.test("without a server a query is refused", beside(), async (t) => {
  const box = makeBox(t);
  const { initPid } = start(t, box, [relay(box, { program: ["/bin/false"] })]);
  const [udp, tcp] = await Promise.all([ask(initPid, "udp", "53", "one", "two"), ask(initPid, "tcp", "53", "one")]);
  t.equal(udp, "code 2\ncode 2\n");
  t.equal(tcp, "code 2\n");
  // One that comes up by itself is found.
  const server = spawn(process.execPath, [fixture("relay-server.ts"), socket(box), log(box)], { stdio: "ignore" });
  t.teardown(() => void server.kill("SIGKILL"));
  await waitFor("the server", () => existsSync(socket(box)));
  t.equal(await ask(initPid, "udp", "53", "three"), "three!udp\n");
});

t.test("a flood that nobody takes stays within bounds", beside(), async (t) => {
  const box = makeBox(t);
  const { initPid, monitorPid } = start(t, box, [relay(box)]);
  t.equal(await ask(initPid, "udp", "53", "deaf"), "deaf!udp\n");
  t.equal(await ask(initPid, "flood", "5000"), "sent\n");
  if (!process.env.TSNS_SANDBOX) t.ok(pssOf(monitorPid) < 700, `${pssOf(monitorPid)} kB`);
  writeFileSync(`${log(box)}.hear`, "");
  t.equal(await ask(initPid, "udp", "53", "one"), "one!udp\n");
  t.equal(await ask(initPid, "tcp", "53", "one"), "one!tcp\n");
  t.notOk(logLines(box).includes("no frame"));
  if (!process.env.TSNS_SANDBOX) await isSmall(monitorPid);
});

t.test("a container that runs gets names by a frame; once is enough", beside(), async (t) => {
  const box = makeBox(t);
  const { initPid } = start(t, box, []);
  const enable = () => spawnSync(sandboxProgram, ["names", join(box.state, "attach")], { encoding: "utf8" });
  t.match(enable(), { status: 125, stderr: "tsns-sandbox: open ENOENT names\n" });
  writeFileSync(join(box.state, "names"), encodeOperations([["end"]]));
  t.match(enable(), { status: 125, stderr: "tsns-sandbox: parse EINVAL names\n" });
  // A program of the container's has the port.
  const taken = spawn("nsenter", [
    "-t",
    `${initPid}`,
    "-n",
    "--",
    process.execPath,
    "-e",
    `require("net").createServer().listen(${relayPort}, () => console.log(1))`,
  ]);
  await new Promise((done) => taken.stdout.once("data", done));
  writeFileSync(join(box.state, "names"), encodeOperations([relay(box), ["end"]]));
  t.match(enable(), { status: 125, stderr: "tsns-sandbox: bind EADDRINUSE 127.0.0.11 tcp\n" });
  t.equal(await inside(initPid, "nft", "list", "ruleset"), "", "nothing is left");
  taken.kill("SIGKILL");
  await ended(taken);
  writeFileSync(join(box.state, "names"), encodeOperations([relay(box), ["end"]]));
  t.match(enable(), { status: 0, stderr: "" });
  // Once more, as the script of the step does it.
  const script = shellOfStep({ kind: "names.enable", directory: box.state, operation: relay(box) });
  const path = `${distDirectory}:${process.env.PATH}`;
  t.match(spawnSync("sh", ["-euc", script], { encoding: "utf8", env: { PATH: path } }), { status: 0, stderr: "" });
  t.notOk(existsSync(join(box.state, "names")));
  t.equal(await ask(initPid, "udp", "53", "one"), "one!udp\n");
  t.equal(await ask(initPid, "tcp", "53", "one"), "one!tcp\n");
});

t.test("in a container with a user namespace", beside(), async (t) => {
  const box = makeBox(t);
  const maps: Operation = ["idmap", "0 0 65536", "0 0 65536"];
  const { initPid } = start(t, box, [maps, relay(box)], cloneFlags | CLONE.NEWUSER);
  t.equal(await ask(initPid, "udp", "53", "one"), "one!udp\n");
  t.equal(await ask(initPid, "tcp", "53", "one"), "one!tcp\n");
});

t.test("words that are no query, and a server that says what is no frame", beside(), async (t) => {
  const box = makeBox(t);
  const { initPid, monitorPid } = start(t, box, [relay(box)]);
  const junk =
    "const d=require('dgram').createSocket('udp4');const s=(b)=>new Promise((f)=>d.send(b,53,'127.0.0.11',f));" +
    "(async()=>{await s('short');await s(Buffer.alloc(5000));await s(Buffer.alloc(20,255));d.close();" +
    "for(const b of [[0,3,1,2,3],[255,255,...Buffer.alloc(300,255)],[0]])await new Promise((f)=>{const c=require('net').connect(53,'127.0.0.11',()=>c.end(Buffer.from(b)));c.on('close',f).on('error',()=>{}).resume()})" +
    ";console.log('done')})()";
  t.equal(await inside(initPid, process.execPath, "-e", junk), "done\n");
  t.notOk(existsSync(log(box)), "nothing that anybody is asked for");
  let broken = 0;
  const server = createServer((connection) => {
    broken++;
    connection.on("error", () => undefined);
    // What is no frame, then one that means nothing, and the end.
    connection.end(broken === 1 ? Buffer.alloc(64, 255) : encodeFrame({ tag: 0, flags: 0x40, payload: Buffer.alloc(4) }));
    if (broken === 2) server.close();
  });
  server.listen(socket(box));
  t.equal(await ask(initPid, "udp", "53", "one"), "one!udp\n", "by the next one, which is started");
  t.equal(alive(monitorPid) !== undefined, true);
});
