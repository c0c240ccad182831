// Other servers, over real sockets: in order, the next one when one is silent, refuses, lies or cannot be reached; TCP for long answers; IPv6.
import { type Answer, decode } from "dns-packet";
import t from "tap";
import { forward } from "../../../src/engine/name/forward.ts";
import { encodeQuery } from "../../../src/name/record.ts";
import { makeUpstreamHealth, type Upstream } from "../../../src/name/upstream.ts";
import { forwardedQuery, readQuery } from "../../../src/name/wire.ts";
import { always, type Behaviour, closedPort, reply, startUpstream } from "../../fixture/name-upstream.ts";

const silent: Behaviour = () => undefined;
/** Silence is noticed at once, and answers are waited for long enough for a machine under load. */
const hasty = { nextMs: 50, lastMs: 5_000 };
/** What is seen with it was not waited for. */
const calm = { nextMs: 20_000, lastMs: 20_000 };

function questionOf(name: string) {
  const message = encodeQuery(name, "A", 1);
  const query = readQuery(message);
  if ("rcode" in query) throw new Error("no query");
  return { query: forwardedQuery(message, query, 1232), end: query.end };
}

async function ask(servers: readonly Upstream[], { health = makeUpstreamHealth(), patience = calm } = {}) {
  const result = await forward(questionOf("a.example"), servers, health, patience);
  const answers = result.message ? (decode(result.message).answers ?? []) : undefined;
  return { ...result, data: answers?.map((answer: Answer) => ("data" in answer ? String(answer.data) : "")) };
}

t.test("the first server answers: no other is asked", async (t) => {
  const [one, two] = [await startUpstream(t, always("192.0.2.1")), await startUpstream(t, always("192.0.2.2"))];
  const { data, server, attempts } = await ask([one, two]);
  t.same(data, ["192.0.2.1"]);
  t.equal(server, `127.0.0.1:${one.port}`);
  t.match(attempts, [{ protocol: "udp", result: "NOERROR, 1 answer" }]);
  t.same([one.asked, two.asked], [["udp a.example"], []]);
});

t.test("one that is silent comes last for a while", async (t) => {
  const [one, two] = [await startUpstream(t, silent), await startUpstream(t, always("192.0.2.2"))];
  const health = makeUpstreamHealth();
  const { data, attempts } = await ask([one, two], { health, patience: hasty });
  t.same(data, ["192.0.2.2"]);
  t.match(attempts[0], { server: `127.0.0.1:${one.port}`, result: "no answer" });
  t.ok(attempts.some(({ result }) => result === "NOERROR, 1 answer"));
  t.ok(health.isDown(one, Date.now()));
  t.same((await ask([one, two], { health })).attempts.length, 1, "the other one is asked first now");
  t.notOk(health.isDown(one, Date.now() + 60_000), "and first again later");
});

t.test("a late answer counts while others are asked", async (t) => {
  const slow = await startUpstream(t, silent);
  const late = await startUpstream(t, (query) => (late.asked.length < 2 ? undefined : always("192.0.2.3")(query, "udp")));
  const { data } = await ask([late, slow], { patience: hasty });
  t.same(data, ["192.0.2.3"], "asked a second time, after the other one");
  t.equal(late.asked.length, 2);
});

t.test("nobody listens there: the next one at once", async (t) => {
  const two = await startUpstream(t, always("192.0.2.2"));
  const { data, attempts } = await ask([closedPort, two]);
  t.same(data, ["192.0.2.2"]);
  t.match(attempts, [{ result: "nobody listens there" }, { result: "NOERROR, 1 answer" }]);
});

t.test("refusals and failures of a server: the next one; of all: the first one's", async (t) => {
  const failing = await startUpstream(t, (query) => reply(query, [], 0x8182));
  const refusing = await startUpstream(t, (query) => reply(query, [], 0x8185));
  const good = await startUpstream(t, always("192.0.2.2"));
  t.same((await ask([failing, refusing, good])).data, ["192.0.2.2"]);
  const { message, attempts } = await ask([failing, refusing]);
  t.equal((message?.readUInt16BE(2) ?? 0) & 15, 2);
  t.match(
    attempts.map(({ result }) => result),
    ["SERVFAIL, 0 answers", "REFUSED, 0 answers"],
  );
});

t.test("NXDOMAIN is an answer", async (t) => {
  const [one, two] = [await startUpstream(t, (query) => reply(query, [], 0x8183)), await startUpstream(t, always("192.0.2.2"))];
  const { message } = await ask([one, two]);
  t.equal((message?.readUInt16BE(2) ?? 0) & 15, 3);
  t.same(two.asked, []);
});

t.test("a cut answer is asked for by TCP", async (t) => {
  const many: Behaviour = (query, protocol) => {
    if (protocol === "udp") return reply(query, [], 0x0380);
    return reply(
      query,
      Array.from({ length: 200 }, (_, at) => ({ type: "A", name: "a.example", ttl: 1, data: `192.0.2.${at}` })),
    );
  };
  const one = await startUpstream(t, many);
  const { data, attempts } = await ask([one]);
  t.equal(data?.length, 200);
  t.match(attempts, [
    { protocol: "udp", result: "too long for UDP" },
    { protocol: "tcp", result: "NOERROR, 200 answers" },
  ]);
});

t.test("no TCP: the cut answer is better than none", async (t) => {
  const cutting: Behaviour = (query) => ({ ...always("192.0.2.9")(query, "udp"), flags: 0x0380 });
  const one = await startUpstream(t, cutting, { address: "127.251.3.8", withTcp: false });
  const { data, attempts, message } = await ask([one]);
  t.same(data, ["192.0.2.9"]);
  t.ok((message?.readUInt16BE(2) ?? 0) & 0x0200, "still marked as cut");
  t.match(attempts[1], { protocol: "tcp", result: "nobody listens there" });
});

t.test("answers to something else are left", async (t) => {
  const lying: Behaviour = (query) => {
    const right = always("203.0.113.66")(query, "udp") as ReturnType<typeof reply>;
    return [
      { ...right, id: ((right.id ?? 0) + 1) & 0xffff },
      { ...right, questions: [{ type: "A", name: "b.example" }] },
      { ...right, questions: [{ type: "AAAA", name: "a.example" }] },
      { ...right, type: "query" },
      Buffer.from([1, 2, 3]),
      always("192.0.2.7")(query, "udp") as ReturnType<typeof reply>,
    ];
  };
  const { data, attempts } = await ask([await startUpstream(t, lying)]);
  t.same(data, ["192.0.2.7"]);
  t.match(attempts[0]?.result, /5 messages that answered something else/);
});

t.test("over IPv6", async (t) => {
  const one = await startUpstream(t, always("2001:db8::1"), { address: "::1" });
  const { data, server } = await ask([one]);
  t.same(data, ["2001:db8::1"]);
  t.equal(server, `[::1]:${one.port}`);
});

t.test("ids and ports differ from question to question", async (t) => {
  const ids: number[] = [];
  const one = await startUpstream(t, (query) => {
    ids.push(query.id ?? 0);
    return always("192.0.2.1")(query, "udp");
  });
  await Promise.all(Array.from({ length: 30 }, () => ask([one])));
  t.ok(new Set(ids).size > 25, `${new Set(ids).size} of 30 ids`);
});

t.test("nobody at all", async (t) => {
  t.match(await ask([]), { attempts: [] });
  t.match(await ask([closedPort]), { attempts: [{ result: "nobody listens there" }] });
  t.equal(
    (await forward(questionOf("x"), [await startUpstream(t, silent)], makeUpstreamHealth(), { nextMs: 20, lastMs: 20 })).message,
    undefined,
  );
  const mute = await Promise.all([startUpstream(t, silent), startUpstream(t, silent)]);
  const brief = await forward(questionOf("x"), mute, makeUpstreamHealth(), { nextMs: 600_000, lastMs: 600_000, mostMs: 50 });
  t.match([brief.message, brief.attempts.length], [undefined, 1], "no longer than the asker waits");
});
