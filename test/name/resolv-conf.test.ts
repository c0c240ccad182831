// resolv.conf(5) and hosts(5) as a resolver reads them; servers that rest; traces in words; frames.
import t from "tap";
import { encodeFrame, makeFrameReader } from "../../src/name/frame.ts";
import { describeAnswers, encodeQuery, isDomainName, rcodeName, typeName } from "../../src/name/record.ts";
import { addressesInHosts, expandName, parseResolvConf } from "../../src/name/resolv-conf.ts";
import { renderTrace } from "../../src/name/trace.ts";
import { makeUpstreamHealth, renderUpstream, restMs } from "../../src/name/upstream.ts";

t.test("resolv.conf", async (t) => {
  const text =
    "# a\nnameserver 10.0.0.1 # x\nnameserver fe80::1%eth0\nnameserver nonsense\nnameserver 1.2.3.4%eth0\nsearch a b\ndomain c d\noptions rotate ndots:40\n";
  t.same(parseResolvConf(text), { servers: ["10.0.0.1", "fe80::1%eth0"], search: ["c"], ndots: 15 });
  t.same(parseResolvConf(""), { servers: [], search: [], ndots: 1 });
  t.same(parseResolvConf("search .").search, []);
});

t.test("which names are asked for", async (t) => {
  const search = ["lan", "example.com."];
  t.same(expandName("web", { search, ndots: 1 }), ["web.lan.", "web.example.com.", "web."]);
  t.same(expandName("web", { search, ndots: 0 }), ["web.", "web.lan.", "web.example.com."]);
  t.same(expandName("a.b", { search, ndots: 2 }), ["a.b.lan.", "a.b.example.com.", "a.b."]);
  t.same(expandName("web.", { search, ndots: 1 }), ["web."]);
  t.same(addressesInHosts("127.0.0.1\tlocalhost\n10.0.0.2 Web web.lan # x\n::1 web\n", "WEB"), ["10.0.0.2", "::1"]);
});

t.test("names", async (t) => {
  t.ok(isDomainName("a.b-c._x."));
  t.ok(isDomainName("."));
  for (const wrong of ["", "a..b", `${"a".repeat(64)}.b`, `${"a.".repeat(128)}a`]) t.notOk(isDomainName(wrong), wrong);
  t.same([typeName(1), typeName(65), typeName(999)], ["A", "HTTPS", "TYPE999"]);
  t.same([rcodeName(3), rcodeName(11)], ["NXDOMAIN", "RCODE11"]);
  t.equal(describeAnswers(Buffer.from("nonsense")), undefined);
  t.same(describeAnswers(encodeQuery("x", "A", 1)), []);
});

t.test("servers that rest", async (t) => {
  const health = makeUpstreamHealth();
  const [one, two] = [
    { address: "10.0.0.1", port: 53 },
    { address: "fd00::1", port: 5353 },
  ];
  t.same([renderUpstream(one), renderUpstream(two)], ["10.0.0.1", "[fd00::1]:5353"]);
  health.failed(one, 1_000);
  t.same(health.order([one, two], 1_001), [two, one]);
  t.same(health.order([one, two], 1_000 + restMs), [one, two]);
  health.failed(one, 1_000);
  health.answered(one);
  t.same(health.order([one, two], 1_001), [one, two]);
});

t.test("a trace in words", async (t) => {
  const attempt = { server: "10.0.0.9", protocol: "udp", startMs: 0, ms: 1000, result: "no answer" } as const;
  const step = { name: "web.", type: "A", source: "network net", result: "NOERROR", answers: ["A 10.1.0.2"], ms: 0.1, attempts: [attempt] };
  const trace = {
    container: "c",
    name: "web",
    servers: ["127.0.0.11"],
    search: ["lan"],
    ndots: 0,
    upstreams: ["10.0.0.9"],
    down: ["10.0.0.9"],
  };
  t.equal(
    renderTrace({ ...trace, steps: [step], found: true }),
    [
      "c asks 127.0.0.11, search lan, ndots 0",
      "what is not known here: 10.0.0.9 (silent lately)",
      "NAME      TYPE      RESULT    ANSWERED BY   TIME      ANSWER",
      "web.      A         NOERROR   network net   0.10 ms   A 10.1.0.2",
      "  udp 10.0.0.9, after 0.00 ms: no answer (1000 ms)",
      "",
    ].join("\n"),
  );
});

t.test("frames in pieces of any size", async (t) => {
  const frames = [0, 1, 300].map((length, tag) => ({ tag, flags: tag, payload: Buffer.alloc(length, tag) }));
  const bytes = Buffer.concat(frames.map(encodeFrame));
  for (const size of [1, 7, 12, 13, bytes.length]) {
    const reader = makeFrameReader();
    const got: typeof frames = [];
    for (let at = 0; at < bytes.length; at += size) {
      t.ok(reader.push(bytes.subarray(at, at + size), (payload, tag, flags) => got.push({ tag, flags, payload: Buffer.from(payload) })));
    }
    t.same(got, frames);
  }
  const never = () => t.fail("no frame");
  t.notOk(makeFrameReader().push(Buffer.from([7, 0, 0, 0]), never), "shorter than its head");
  t.notOk(makeFrameReader().push(Buffer.from([0, 0, 2, 0]), never), "longer than any message");
});
