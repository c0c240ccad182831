// What this server says by itself, as another implementation reads it.
import { type Answer, decode } from "dns-packet";
import t from "tap";
import { decide, mostAnswerBytes, refusal, writeAnswer } from "../../src/name/answer.ts";
import { makeAskedLog, viewOfAsked } from "../../src/name/log.ts";
import { encodeQuery } from "../../src/name/record.ts";
import { makeScope, makeZone, type NameLease } from "../../src/name/scope.ts";
import { readQuery } from "../../src/name/wire.ts";

const net = { name: "net", internal: false, subnets: ["10.1.0.0/16"], hosts: ["10.1.0.1"] };
const leases: NameLease[] = [
  { network: "net", address: "10.1.0.2", container: "a", names: ["web", "all"] },
  { network: "net", address: "fd00::2", container: "a", names: ["web", "all"] },
  ...Array.from({ length: 40 }, (_, at) => ({ network: "net", address: `10.1.1.${at}`, container: `c${at}`, names: [`c${at}`, "all"] })),
];
const scope = makeScope([makeZone(net, leases)], []);
const internal = makeScope([makeZone({ ...net, internal: true }, leases)], []);

function ask(name: string, type: string, { from = scope, isStream = true, plain = false } = {}) {
  const asked = encodeQuery(name, type, 99);
  // without its OPT record
  const message = plain ? Buffer.from(asked.subarray(0, asked.length - 11)) : asked;
  if (plain) message.writeUInt16BE(0, 10);
  const query = readQuery(message);
  if ("rcode" in query) throw new Error("no query");
  const decision = decide(from, message, query);
  if (decision === "outside") return undefined;
  return () => {
    const out = Buffer.alloc(mostAnswerBytes(decision, query.end) + 3);
    const bytes = out.subarray(3, writeAnswer(out, 3, message, query, isStream, decision));
    const read = decode(bytes) as ReturnType<typeof decode> & { readonly rcode?: string };
    return {
      ...read,
      bytes: bytes.length,
      data: (read.answers ?? []).map((answer: Answer) => ("data" in answer ? String(answer.data) : "")),
    };
  };
}

t.test("addresses", async (t) => {
  const answer = ask("Web", "A")?.();
  t.match(answer, {
    id: 99,
    flag_qr: true,
    flag_aa: true,
    flag_rd: true,
    flag_ra: true,
    flag_tc: false,
    rcode: "NOERROR",
    data: ["10.1.0.2"],
  });
  t.match(answer?.questions, [{ name: "Web", type: "A" }], "the question in its own case");
  t.match(answer?.answers, [{ name: "Web", ttl: 5, class: "IN" }]);
  t.match(answer?.additionals, [{ type: "OPT" }]);
  t.same(ask("web", "AAAA")?.().data, ["fd00::2"]);
  t.same(ask("web", "A", { plain: true })?.().additionals, [], "no OPT unless there was one");
});

t.test("a name without such an address exists", async (t) => {
  t.match(ask("c1", "AAAA")?.(), { rcode: "NOERROR", data: [] });
  t.match(ask("c1", "MX")?.(), { rcode: "NOERROR", data: [] });
  t.match(ask("host.docker.internal", "AAAA")?.(), { rcode: "NOERROR", data: [] });
});

t.test("backwards", async (t) => {
  t.match(ask("2.0.1.10.in-addr.arpa", "PTR")?.(), { rcode: "NOERROR", data: ["web.net"] });
  t.match(ask("9.9.1.10.in-addr.arpa", "PTR")?.(), { rcode: "NXDOMAIN", data: [] });
});

t.test("several addresses take turns", async (t) => {
  const turn = ask("all", "A");
  const firsts = Array.from({ length: 41 }, () => turn?.().data[0]);
  t.equal(new Set(firsts).size, 41);
  t.equal(new Set(turn?.().data).size, 41, "all of them each time");
});

t.test("what does not fit", async (t) => {
  const answer = ask("all", "A", { isStream: false, plain: true })?.();
  t.ok((answer?.bytes ?? 0) <= 512 && (answer?.bytes ?? 0) > 490);
  t.match(answer, { flag_tc: true });
  t.match(ask("all", "A", { isStream: false })?.(), { flag_tc: false }, "with EDNS it does");
});

t.test("others are to be asked, or nobody", async (t) => {
  t.equal(ask("debian.org", "A"), undefined);
  t.match(ask("debian.org", "A", { from: internal })?.(), { rcode: "SERVFAIL" });
  t.match(ask("web", "A", { from: internal })?.(), { data: ["10.1.0.2"] });
});

t.test("questions that nobody answers", async (t) => {
  const refused = (change: (message: Buffer) => void) => {
    const message = encodeQuery("web", "A", 5);
    change(message);
    const query = readQuery(message);
    if ("rcode" in query) throw new Error("no query");
    const decision = decide(scope, message, query);
    return decision === "outside" ? undefined : decision.rcode;
  };
  t.equal(
    refused((message) => message.writeUInt16BE(3, 19)),
    5,
    "class CH",
  );
  t.equal(
    refused((message) => message.writeUInt16BE(252, 17)),
    5,
    "a whole zone",
  );
});

t.test("refusals", async (t) => {
  const message = encodeQuery("web", "A", 5);
  const bare = refusal(message, 1);
  t.equal(bare.length, 12);
  t.match(decode(bare), { id: 5, flag_qr: true, flag_rd: true, rcode: "FORMERR", questions: [] });
  message[message.length - 5] = 1;
  const query = readQuery(message);
  if ("rcode" in query) throw new Error("no query");
  t.equal(query.edns?.version, 1);
  t.match(decode(refusal(message, 0, query)).additionals, [{ type: "OPT", extendedRcode: 1, ednsVersion: 0 }], "BADVERS");
});

t.test("the log remembers the newest, and tells them in words", async (t) => {
  const log = makeAskedLog(3);
  const heard: number[] = [];
  const stop = log.follow(({ atMs }) => heard.push(atMs));
  const message = encodeQuery("web", "A", 5);
  const query = readQuery(message);
  if ("rcode" in query) throw new Error("no query");
  const decision = decide(scope, message, query);
  if (decision === "outside") throw new Error("outside");
  const question = message.toString("latin1", 12, query.end);
  for (let atMs = 1; atMs <= 5; atMs++) {
    log.add({ atMs, ms: 0.123456, container: "a", question, isStream: false, outcome: decision });
    if (atMs === 4) stop();
  }
  t.same(heard, [1, 2, 3, 4]);
  t.same(
    log.last(2).map(({ atMs }) => atMs),
    [4, 5],
  );
  const [oldest] = log.last(100);
  t.same(oldest && viewOfAsked(oldest), {
    time: "1970-01-01T00:00:00.003Z",
    container: "a",
    name: "web.",
    type: "A",
    protocol: "udp",
    source: "network net",
    result: "NOERROR",
    answers: ["A 10.1.0.2"],
    ms: 0.123,
    attempts: [],
  });
});
