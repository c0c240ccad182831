// The name server over its socket: frames of containers, answers from here and from others, broken and hostile clients, its end.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { type Answer, decode, encode } from "dns-packet";
import t, { type Test } from "tap";
import { startNameServer } from "../../../src/api/name-server/server.ts";
import { openDirectory } from "../../../src/engine/name/directory.ts";
import { openResolver } from "../../../src/engine/name/resolver.ts";
import { encodeFrame, frameFlag } from "../../../src/name/frame.ts";
import type { AskedView } from "../../../src/name/log.ts";
import { encodeQuery } from "../../../src/name/record.ts";
import type { Upstream } from "../../../src/name/upstream.ts";
import { openDatabase } from "../../../src/store/database.ts";
import { connectNames } from "../../fixture/name-client.ts";
import { addLease, addNetwork, idOf } from "../../fixture/name-store.ts";
import { always, closedPort, reply, startUpstream } from "../../fixture/name-upstream.ts";
import { openTestEngine } from "../../fixture/store.ts";

async function start(t: Test, hostServers: readonly Upstream[] = [], lingerMs = 600_000) {
  const engine = openTestEngine(t);
  // as other processes write it
  const store = openDatabase(engine.root);
  t.teardown(() => store.close());
  addNetwork(store, "net");
  addNetwork(store, "other", { pools: [{ subnet: "10.2.0.0/16" }] });
  addNetwork(store, "inner", { internal: true, pools: [{ subnet: "10.3.0.0/16" }] });
  addLease(store, "net", "a", "10.1.0.2", "web");
  addLease(store, "net", "a", "fd00::2", "web");
  addLease(store, "other", "b", "10.2.0.2", "db");
  addLease(store, "inner", "c", "10.3.0.2", "safe");
  const resolver = openResolver({
    directory: openDirectory(engine.store),
    hostServers: () => hostServers,
    patience: { nextMs: 20_000, lastMs: 20_000 },
  });
  const path = `${engine.root}/socket`;
  const server = await startNameServer({ resolver, path, lingerMs, trace: async () => "{}" });
  t.teardown(() => server.close());
  return { store, path, server, join: (container: string) => connectNames(t, path, idOf(container)) };
}

t.test("containers see the names of their own networks", async (t) => {
  const { join, store } = await start(t, [await startUpstream(t, (query) => reply(query, [], 0x8183))]);
  const [one, two] = [await join("a"), await join("b")];
  t.same((await one.ask("web")).data, ["10.1.0.2"]);
  t.same((await one.ask("WEB.net", "AAAA", true)).data, ["fd00::2"]);
  t.same((await two.ask("db")).data, ["10.2.0.2"]);
  t.match(await one.ask("db"), { rcode: "NXDOMAIN" }, "asked outside, not told from here");
  addLease(store, "other", "a", "10.2.0.3", "web");
  t.same((await one.ask("db")).data, ["10.2.0.2"], "on that network from now on");
  t.same((await two.ask("web")).data, ["10.2.0.3"]);
});

t.test("what is outside is asked for there", async (t) => {
  const upstream = await startUpstream(t, always("192.0.2.1"));
  const { join } = await start(t, [closedPort, upstream]);
  const one = await join("a");
  const answer = await one.ask("Debian.org");
  t.match(answer, { id: 4711, rcode: "NOERROR", data: ["192.0.2.1"], questions: [{ name: "Debian.org" }] });
  const inner = await join("c");
  t.match(await inner.ask("debian.org"), { rcode: "SERVFAIL" }, "not from an internal network");
  t.same((await inner.ask("safe")).data, ["10.3.0.2"]);
  t.same(upstream.asked, ["udp Debian.org"]);
});

t.test("nobody answers", async (t) => {
  const { join } = await start(t, [closedPort]);
  const answer = await (await join("a")).ask("debian.org");
  t.match(answer, { id: 4711, rcode: "SERVFAIL", flag_ra: true, questions: [{ name: "debian.org" }] });
});

t.test("a long answer is cut for UDP and whole by TCP", async (t) => {
  const answers = Array.from({ length: 100 }, (_, at): Answer => ({ type: "A", name: "x.org", ttl: 1, data: `192.0.2.${at}` }));
  const upstream = await startUpstream(t, (query, protocol) => (protocol === "tcp" ? reply(query, answers) : reply(query, [], 0x0380)));
  const one = await (await start(t, [upstream])).join("a");
  const short = await one.ask("x.org");
  t.ok(short.flag_tc && short.data.length > 20 && short.data.length < 100, `${short.data.length} of 100`);
  t.equal((await one.ask("x.org", "A", true)).data.length, 100);
});

t.test("a question that cannot be read", async (t) => {
  const one = await (await start(t)).join("a");
  const broken = encodeQuery("web", "A", 9);
  broken[5] = 7;
  t.match(decode(await one.raw(broken)), { id: 9, rcode: "FORMERR" });
  const update = encodeQuery("web", "A", 9);
  update[2] = 0x28;
  t.match(decode(await one.raw(update)), { id: 9, rcode: "NOTIMP" });
  const future = encodeQuery("web", "A", 9);
  future[future.length - 5] = 1;
  t.match(decode(await one.raw(future)), { additionals: [{ extendedRcode: 1 }] });
  one.send(Buffer.alloc(3));
  t.same((await one.ask("web")).data, ["10.1.0.2"], "what has no id is passed over");
});

t.test("many questions at once, in pieces", async (t) => {
  const { path } = await start(t);
  const count = 5_000;
  const socket = connect(path);
  t.teardown(() => socket.destroy());
  const frames = [
    encodeFrame({ tag: 0, flags: frameFlag.hello, payload: Buffer.from(idOf("a")) }),
    ...Array.from({ length: count }, (_, at) => encodeFrame({ tag: at + 1, flags: 0, payload: encodeQuery("web", "A", at & 0xffff) })),
  ];
  const bytes = Buffer.concat(frames);
  let got = 0;
  let length = 0;
  const done = new Promise<void>((resolve) =>
    socket.on("data", (chunk: Buffer) => {
      length ||= 4 + chunk.readUInt32LE(0);
      got += chunk.length;
      if (got >= count * length) resolve();
    }),
  );
  for (let at = 0; at < bytes.length; at += 10_007) socket.write(bytes.subarray(at, at + 10_007));
  await done;
  t.equal(got, count * length, "one answer of the same size each");
});

t.test("who speaks another language is sent away", async (t) => {
  const { path, join } = await start(t);
  const hostile = [
    Buffer.from("GET / HTTP/1.0\r\n\r\n"),
    encodeFrame({ tag: 1, flags: 0, payload: encodeQuery("web", "A", 1) }),
    encodeFrame({ tag: 1, flags: frameFlag.hello, payload: Buffer.alloc(0) }),
    encodeFrame({ tag: 1, flags: frameFlag.control, payload: Buffer.from("no json") }),
    encodeFrame({ tag: 1, flags: frameFlag.control, payload: Buffer.from('{"ask":"more"}') }),
  ];
  for (const bytes of hostile) {
    const socket = connect(path);
    socket.on("error", () => {});
    socket.write(bytes);
    await once(socket.resume(), "close");
  }
  t.same((await (await join("a")).ask("web")).data, ["10.1.0.2"], "others are served on");
});

t.test("who does not read is not listened to", async (t) => {
  const { path, join } = await start(t);
  const socket = connect(path);
  t.teardown(() => socket.destroy());
  socket.write(encodeFrame({ tag: 0, flags: frameFlag.hello, payload: Buffer.from(idOf("a")) }));
  const frame = encodeFrame({ tag: 1, flags: 0, payload: encodeQuery("web", "A", 1) });
  const many = Buffer.concat(Array.from({ length: 1_000 }, () => frame));
  // until the server takes no more
  let written = 0;
  while (socket.write(many) || socket.writableLength < 1 << 20) {
    written++;
    if (written > 2_000) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.ok(written < 2_000, `stopped after ${written} thousand questions`);
  t.same((await (await join("a")).ask("web")).data, ["10.1.0.2"], "others are served on");
});

t.test("a container that asks for too much outside is told that there is no answer; others are not kept waiting", async (t) => {
  // Silent for as long as this test takes: then it says that it has no answer.
  const silent: (() => void)[] = [];
  let isOver = false;
  const upstream = createSocket("udp4", (message, { port, address }) => {
    const query = decode(message);
    const quick: Answer = { type: "A", name: "quick.org", ttl: 60, data: "192.0.2.5" };
    const isQuick = query.questions?.[0]?.name === quick.name;
    const say = () => upstream.send(encode(isQuick ? reply(query, [quick]) : reply(query, [], 0x8182)), port, address);
    if (isQuick || isOver) say();
    else silent.push(say);
  }).bind(0, "127.0.0.1");
  t.teardown(() => upstream.close());
  await once(upstream, "listening");
  const { join, path } = await start(t, [upstream.address()]);
  const one = await join("a");
  const outcomes: number[] = [];
  const all = Array.from({ length: 300 }, (_, at) =>
    one.ask(`silent${at}.org`).then(({ rcode }) => outcomes.push(rcode === "SERVFAIL" ? 1 : 0)),
  );
  const other = await connectNames(t, path, idOf("d"));
  t.match(await one.ask("silent.org"), { rcode: "SERVFAIL" }, "at once");
  t.ok(outcomes.length < 300, "while others are still waited for");
  t.match(await other.ask("web"), { rcode: "SERVFAIL" }, "a container on no network sees nothing");
  const two = await join("b");
  t.same((await two.ask("quick.org")).data, ["192.0.2.5"]);
  isOver = true;
  for (const say of silent) say();
  await Promise.all(all);
  t.equal(outcomes.filter((one) => one === 1).length, 300);
});

t.test("the log", async (t) => {
  const { path, join } = await start(t, [await startUpstream(t, always("192.0.2.1"))]);
  const one = await join("a");
  await one.ask("web");
  const socket = connect(path);
  t.teardown(() => socket.destroy());
  const lines: AskedView[] = [];
  let wake = () => {};
  let rest = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.map((line) => JSON.parse(line) as AskedView));
    wake();
  });
  const until = async (count: number) => {
    while (lines.length < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  socket.write(encodeFrame({ tag: 0, flags: frameFlag.control, payload: Buffer.from(JSON.stringify({ ask: "log", follow: true })) }));
  await until(1);
  t.match(lines, [{ container: idOf("a"), name: "web.", type: "A", source: "network net", result: "NOERROR", answers: ["A 10.1.0.2"] }]);
  await one.ask("debian.org");
  await until(2);
  t.match(lines[1], {
    name: "debian.org.",
    source: /^upstream 127\.0\.0\.1:/,
    attempts: [{ protocol: "udp", result: "NOERROR, 1 answer" }],
  });
});

t.test("it ends when the last container has gone", async (t) => {
  const { server, join, path } = await start(t, [], 1);
  const one = await join("a").catch(() => undefined);
  await one?.close();
  await server.idle;
  server.close();
  const socket = connect(path);
  const [error] = await once(socket, "error");
  t.match(error, { code: /ENOENT|ECONNREFUSED/ });
});
