// The name server's readers of foreign bytes: queries of containers, answers of other servers, frames. Whatever comes, they return, and
// what they send can be read by another implementation.

import { once } from "node:events";
import { connect } from "node:net";
import { decode } from "dns-packet";
import fc from "fast-check";
import t from "tap";
import { startNameServer } from "../../src/api/name-server/server.ts";
import { openDirectory } from "../../src/engine/name/directory.ts";
import { openResolver } from "../../src/engine/name/resolver.ts";
import { decide, mostAnswerBytes, refusal, writeAnswer } from "../../src/name/answer.ts";
import { makeFrameReader } from "../../src/name/frame.ts";
import { viewOfAsked } from "../../src/name/log.ts";
import { describeAnswers, encodeQuery } from "../../src/name/record.ts";
import { addressesInHosts, expandName, parseResolvConf } from "../../src/name/resolv-conf.ts";
import { addressOfReverse, reverseName } from "../../src/name/reverse.ts";
import { makeScope, makeZone } from "../../src/name/scope.ts";
import { cut, forwardedQuery, isAnswerTo, limitOf, nameOfQuestion, plainUdpBytes, readQuery } from "../../src/name/wire.ts";
import { connectNames } from "../fixture/name-client.ts";
import { addLease, addNetwork, idOf } from "../fixture/name-store.ts";
import { openTestEngine } from "../fixture/store.ts";

const network = { name: "net", internal: false, subnets: ["10.1.0.0/16"], hosts: ["10.1.0.1"] };
const leases = Array.from({ length: 60 }, (_, at) => ({
  network: "net",
  address: `10.1.1.${at}`,
  container: `c${at}`,
  names: [`c${at}`, "web"],
}));
const scope = makeScope([makeZone(network, leases)], []);

/** Bytes; bytes behind a good header; a good query with some bytes changed, cut or added. */
const messages = fc.oneof(
  fc.uint8Array({ maxLength: 600 }),
  fc.uint8Array({ maxLength: 300 }).map((rest) => Buffer.concat([Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), rest])),
  fc
    .tuple(
      fc.constantFrom("web", "web.net", "2.1.1.10.in-addr.arpa", "host.docker.internal", "x.example"),
      fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 }),
      fc.nat(80),
      fc.uint8Array({ maxLength: 20 }),
    )
    .map(([name, changes, length, more]) => {
      const message = Buffer.concat([encodeQuery(name, "A", 1), more]);
      for (const [at, byte] of changes) if (at < message.length) message[at] = byte;
      return length < 20 ? message.subarray(0, length * 3) : message;
    }),
);

t.test("queries", async (t) => {
  fc.assert(
    fc.property(messages, fc.boolean(), (bytes, isStream) => {
      const message = Buffer.from(bytes);
      const query = readQuery(message);
      if ("rcode" in query) {
        if (query.rcode !== undefined) decode(refusal(message, query.rcode));
        return;
      }
      const passed = forwardedQuery(message, query, 1232);
      if (passed.length > message.length) throw new Error("more is passed on than was asked");
      const decision = decide(scope, message, query);
      if (decision === "outside") return;
      const out = Buffer.alloc(mostAnswerBytes(decision, query.end));
      const answer = out.subarray(0, writeAnswer(out, 0, message, query, isStream, decision));
      if (answer.length > limitOf(query, isStream)) throw new Error(`${answer.length} bytes are more than were asked for`);
      decode(answer);
      const question = message.toString("latin1", 12, query.end);
      viewOfAsked({ atMs: 0, ms: 0, container: "c", question, isStream, outcome: decision });
    }),
    { numRuns: 3_000 },
  );
  t.pass("all of them");
});

t.test("answers of others", async (t) => {
  const asked = encodeQuery("web.example", "A", 1);
  const query = readQuery(asked);
  if ("rcode" in query) throw new Error("no query");
  const answers = fc.tuple(fc.uint8Array({ maxLength: 700 }), fc.array(fc.nat(3), { minLength: 3, maxLength: 3 })).map(([rest, counts]) => {
    const head = Buffer.from(asked.subarray(0, query.end));
    head.writeUInt16BE(0x8180, 2);
    for (const [at, count] of counts.entries()) head.writeUInt16BE(count, 6 + 2 * at);
    return Buffer.concat([head, rest]);
  });
  fc.assert(
    fc.property(fc.oneof(answers, messages), fc.integer({ min: plainUdpBytes, max: 700 }), (bytes, limit) => {
      const message = Buffer.from(bytes);
      const isAnswer = isAnswerTo(message, asked, query.end, 1);
      if (isAnswer && (message.length < query.end || message.readUInt16BE(2) >>> 11 !== 0x10)) throw new Error("that is no answer at all");
      if (isAnswer && cut(message, limit).length > limit) throw new Error("not cut");
      describeAnswers(message);
    }),
    { numRuns: 3_000 },
  );
  t.pass("all of them");
});

t.test("frames", async (t) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), (chunks) => {
      const reader = makeFrameReader();
      for (const chunk of chunks) {
        if (!reader.push(Buffer.from(chunk), (payload) => payload.length)) break;
      }
    }),
    { numRuns: 1_000 },
  );
  t.pass("all of them");
});

t.test("a server that is sent all of that answers the next question", async (t) => {
  const engine = openTestEngine(t);
  addNetwork(engine.store, "net");
  addLease(engine.store, "net", "a", "10.1.0.2", "web");
  const path = `${engine.root}/socket`;
  const resolver = openResolver({ directory: openDirectory(engine.store), hostServers: () => [] });
  const server = await startNameServer({ resolver, path, trace: async () => "{}" });
  t.teardown(() => server.close());
  const client = await connectNames(t, path, idOf("a"));
  for (const message of fc.sample(messages, 3_000)) client.send(Buffer.from(message));
  t.same((await client.ask("web")).data, ["10.1.0.2"]);
  for (const bytes of fc.sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), 100)) {
    const socket = connect(path);
    socket.on("error", () => {});
    socket.end(bytes);
    await once(socket.resume(), "close");
  }
  t.same((await client.ask("web")).data, ["10.1.0.2"], "also while others send noise");
});

t.test("names and files", async (t) => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      const conf = parseResolvConf(`search ${text}\n${other}\nnameserver ${text}\noptions ${other}`);
      expandName(other, conf);
      addressesInHosts(text, other);
      addressOfReverse(text);
      reverseName(text);
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const backwards = reverseName(address);
      if (backwards !== undefined && reverseName(addressOfReverse(backwards) ?? "") !== backwards) throw new Error(address);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 63, minLength: 1 }), (label) =>
      /^[a-z0-9_\\-]+$/.test(nameOfQuestion(Buffer.from([label.length, ...label, 0]), 0)),
    ),
  );
  t.pass("all of them");
});
