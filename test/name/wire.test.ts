// Messages as bytes: what is read of a query, what counts as an answer to it, how a long one is cut.
import { type Answer, decode, encode } from "dns-packet";
import t from "tap";
import { cut, forwardedQuery, isAnswerTo, limitOf, nameOfQuestion, readQuery, readRecord, skipName } from "../../src/name/wire.ts";

const queryOf = (name: string, type: "A" | "MX" = "A") => encode({ type: "query", id: 7, flags: 0x0130, questions: [{ type, name }] });

function wellFormed(message: Buffer) {
  const query = readQuery(message);
  if ("rcode" in query) throw new Error(`refused with ${query.rcode}`);
  return query;
}

t.test("a plain query", async (t) => {
  const message = queryOf("Web.Example");
  t.same(wellFormed(message), { id: 7, flags: 0x0130, end: message.length, type: 1, class: 1 });
  t.equal(nameOfQuestion(message), "web.example");
  t.equal(limitOf(wellFormed(message), false), 512);
  t.equal(limitOf(wellFormed(message), true), 65_535);
});

t.test("EDNS", async (t) => {
  const option = (udpPayloadSize: number) =>
    encode({
      type: "query",
      questions: [{ type: "A", name: "x" }],
      additionals: [
        { type: "OPT", name: ".", udpPayloadSize, extendedRcode: 0, ednsVersion: 0, flags: 0x8000, flag_do: true, options: [] },
      ],
    });
  t.same(wellFormed(option(1400)).edns, { sizeBytes: 1400, version: 0, wantsSignatures: true });
  t.equal(wellFormed(option(12)).edns?.sizeBytes, 512, "less than 512 means 512");
  t.equal(limitOf(wellFormed(option(60_000)), false), 4096);
  const message = option(4096);
  const passed = decode(forwardedQuery(message, wellFormed(message), 1232));
  t.match(passed, { id: 0, questions: [{ name: "x" }], additionals: [{ type: "OPT", udpPayloadSize: 1232, flag_do: true }] });
  const twice = Buffer.concat([message, message.subarray(wellFormed(message).end)]);
  twice.writeUInt16BE(2, 10);
  t.same(readQuery(twice), { rcode: 1 }, "two of them");
});

t.test("what is no query", async (t) => {
  const silent = { rcode: undefined };
  t.same(readQuery(Buffer.alloc(11)), silent, "too short to have an id");
  t.same(readQuery(encode({ type: "response", questions: [{ type: "A", name: "x" }] })), silent, "an answer is not answered");
  const change = (at: number, ...bytes: number[]) => {
    const message = queryOf("web");
    for (const [i, byte] of bytes.entries()) message[at + i] = byte;
    return readQuery(message);
  };
  t.same(change(2, 0x28), { rcode: 4 }, "an update");
  t.same(change(5, 0), { rcode: 1 }, "no question");
  t.same(change(5, 2), { rcode: 1 }, "two questions");
  t.same(change(7, 1), { rcode: 1 }, "with an answer");
  t.same(change(11, 1), { rcode: 1 }, "an additional record that is not there");
  t.same(change(12, 0xc0, 12), { rcode: 1 }, "a pointer to itself");
  t.same(change(12, 64), { rcode: 1 }, "a label of 64 bytes");
  t.same(readQuery(queryOf("web").subarray(0, 18)), { rcode: 1 }, "cut off");
  const long = Buffer.concat([queryOf("x").subarray(0, 12), ...Array.from({ length: 5 }, () => Buffer.alloc(61, 60)), Buffer.alloc(5)]);
  t.same(readQuery(long), { rcode: 1 }, "a name of over 255 bytes");
});

t.test("names in words", async (t) => {
  const name = Buffer.from([4, 0x41, 0x2e, 0xe9, 0x5f, 1, 0x5a, 0]);
  t.equal(nameOfQuestion(name, 0), "a\\046\\233_.z");
  t.equal(nameOfQuestion(Buffer.of(0), 0), "");
  t.equal(skipName(name, 0, false), 8);
  t.equal(skipName(Buffer.of(1, 97, 0xc0, 0), 0, true), 4);
  t.equal(skipName(Buffer.of(1, 97, 0xc0), 0, true), -1);
  t.equal(readRecord(Buffer.from([0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 9, 1]), 0), undefined, "data beyond the end");
});

t.test("what is an answer to a question", async (t) => {
  const query = queryOf("Web.example");
  const answer = (change: object) => encode({ type: "response", id: 7, questions: [{ type: "A", name: "Web.example" }], ...change });
  t.ok(isAnswerTo(answer({}), query, query.length, 7));
  t.ok(isAnswerTo(answer({ questions: [{ type: "A", name: "wEB.EXAMPLE" }] }), query, query.length, 7), "in another case");
  t.notOk(isAnswerTo(answer({ id: 8 }), query, query.length, 7));
  t.notOk(isAnswerTo(answer({ type: "query" }), query, query.length, 7));
  t.notOk(isAnswerTo(answer({ questions: [{ type: "AAAA", name: "web.example" }] }), query, query.length, 7));
  t.notOk(isAnswerTo(answer({ questions: [{ type: "A", name: "wex.example" }] }), query, query.length, 7));
  t.notOk(isAnswerTo(answer({ questions: [] }), query, query.length, 7));
  const dashed = queryOf("a-b");
  t.notOk(
    isAnswerTo(encode({ type: "response", id: 7, questions: [{ type: "A", name: "a\rb" }] }), dashed, dashed.length, 7),
    "no letters",
  );
});

t.test("an answer that is too long", async (t) => {
  const answers = (count: number): Answer[] =>
    Array.from({ length: count }, (_, at) => ({ type: "A", name: "x", ttl: 1, data: `10.0.0.${at}` }));
  const option: Answer = {
    type: "OPT",
    name: ".",
    udpPayloadSize: 4096,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  const whole = encode({ type: "response", id: 7, questions: [{ type: "A", name: "x" }], answers: answers(100), additionals: [option] });
  t.equal(cut(whole, whole.length), whole);
  const short = cut(whole, 512);
  const read = decode(short);
  t.ok(short.length <= 512 && short.length > 490, `${short.length} bytes`);
  t.ok(read.flag_tc);
  t.ok((read.answers?.length ?? 0) > 20);
  t.match(read.additionals, [{ type: "OPT", udpPayloadSize: 4096 }]);
  t.match(read.answers?.[0], { data: "10.0.0.0" });
  t.equal(decode(cut(whole, 20)).answers?.length, 0);
  t.equal(cut(whole, 14).length, 12, "not even the question");
});
