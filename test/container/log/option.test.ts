// Options of the log drivers: what is taken, what is refused and in which words.
import t from "tap";
import { parseLog } from "../../../src/container/log/option.ts";

t.test("what is kept", async (t) => {
  t.same(parseLog(undefined), { maxBytes: 10 << 20, maxFiles: 5 });
  t.same(parseLog("json-file", ["max-size=2k", "max-file=3"]), {
    options: { "max-size": "2k", "max-file": "3" },
    maxBytes: 2048,
    maxFiles: 3,
  });
  t.same(parseLog("local"), { driver: "local", maxBytes: 20 << 20, maxFiles: 5 });
  t.same(parseLog("none"), { driver: "none", maxBytes: 20 << 20, maxFiles: 5 });
  t.match(parseLog("syslog", ["cache-max-size=-1", "cache-max-file=1", "syslog-facility=17"]), { maxBytes: 0, maxFiles: 1 });
  t.match(parseLog(undefined, ["tag=a=b", "mode=non-blocking", "max-buffer-size=4m"]).options, { tag: "a=b" });
});

const refusals: readonly (readonly [driver: string, options: readonly string[], message: RegExp])[] = [
  ["foo", [], /^error looking up logging plugin foo: plugin "foo" not found$/],
  ["constructor", [], /plugin "constructor" not found/],
  ["none", ["tag=x"], /^invalid logging opts for driver none$/],
  ["json-file", ["foo=1"], /^unknown log opt 'foo' for json-file log driver$/],
  ["json-file", ["toString=1"], /^unknown log opt 'toString' for json-file log driver$/],
  ["json-file", ["syslog-address=udp://a"], /^unknown log opt 'syslog-address'/],
  ["local", ["tag=x"], /^unknown log opt 'tag' for local log driver$/],
  ["json-file", ["mode=fast"], /^logger: logging mode not supported: fast$/],
  ["json-file", ["max-buffer-size=1m"], /^logger: max-buffer-size option is only supported with 'mode=non-blocking'$/],
  ["json-file", ["mode=non-blocking", "max-buffer-size=many"], /^error parsing option max-buffer-size: invalid size: 'many'$/],
  ["json-file", ["max-size=big"], /max-size=big/],
  ["json-file", ["max-size=0"], /max-size=0/],
  ["json-file", ["max-file=0"], /max-file=0/],
  ["json-file", ["compress=true"], /compress=true.*uncompressed/],
  ["json-file", ["labels-regex=("], /no regular expression/],
  ["syslog", ["syslog-address=tcp+tls://a:1"], /no TLS/],
  ["syslog", ["syslog-tls-cert=/x"], /no TLS/],
  ["syslog", ["syslog-address=ftp://a"], /unsupported scheme: 'ftp'/],
  ["syslog", ["syslog-address=a:514"], /should be in form proto:\/\/address/],
  ["syslog", ["syslog-facility=loud"], /invalid syslog facility/],
  ["syslog", ["syslog-facility=24"], /invalid syslog facility/],
  ["syslog", ["syslog-format=rfc1"], /must be rfc3164, rfc5424, rfc5424micro/],
  ["gelf", [], /^gelf-address is a required parameter$/],
  ["gelf", ["gelf-address=unix:///a"], /unsupported scheme: 'unix'/],
  ["gelf", ["gelf-address=udp://a", "gelf-compression-type=gzip"], /sent uncompressed/],
  ["gelf", ["gelf-address=tcp://a", "gelf-compression-type=none"], /^compression is only supported on UDP$/],
  ["gelf", ["gelf-address=udp://a", "gelf-tcp-max-reconnect=3"], /only supported on TCP/],
  ["fluentd", ["fluentd-address=tls://a:1"], /no TLS/],
  ["fluentd", ["fluentd-request-ack=true"], /not waited for/],
  ["fluentd", ["fluentd-retry-wait=soon"], /duration/],
];

t.test("what is refused", async (t) => {
  for (const [driver, options, message] of refusals)
    t.throws(() => parseLog(driver, options), { kind: "invalid", message }, `${driver} ${options}`);
});
