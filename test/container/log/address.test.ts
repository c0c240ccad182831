// Addresses of log servers and their form in the kernel.
import t from "tap";
import { encodeSocketAddress, parseLogAddress, renderLogAddress } from "../../../src/container/log/address.ts";

t.test("parsing", async (t) => {
  t.same(parseLogAddress("udp://10.0.0.1:5514", 514), { protocol: "udp", host: "10.0.0.1", port: 5514 });
  t.same(parseLogAddress("tcp://logs.example", 514), { protocol: "tcp", host: "logs.example", port: 514 });
  t.same(parseLogAddress("tcp://[::1]:99", 514), { protocol: "tcp", host: "::1", port: 99 });
  t.same(parseLogAddress("unix:///run/x y", 514), { protocol: "unix", host: "/run/x y", port: 0 });
  for (const text of [
    "",
    "udp://",
    "udp://a:0",
    "udp://a:65536",
    "udp://a:b",
    "unix://a",
    `unix:///${"x".repeat(107)}`,
    "tcp://[a]:1",
    "http://a",
    "a:1",
  ])
    t.type(parseLogAddress(text, 514), "string", text);
  t.equal(renderLogAddress({ protocol: "tcp", host: "::1", port: 9 }), "tcp [::1]:9");
  t.equal(renderLogAddress({ protocol: "unixgram", host: "/dev/log", port: 0 }), "unixgram /dev/log");
});

t.test("struct sockaddr", async (t) => {
  t.equal(encodeSocketAddress({ protocol: "udp", host: "10.0.255.1", port: 514 }), `02000202${"0a00ff01"}${"0".repeat(16)}`);
  const v6 = (host: string) => encodeSocketAddress({ protocol: "tcp", host, port: 1 }).slice(16, 48);
  t.equal(v6("::1"), `${"0".repeat(31)}1`);
  t.equal(v6("fe80::1:2"), "fe800000000000000000000000010002");
  t.equal(v6("1:2:3:4:5:6:7:8"), "00010002000300040005000600070008");
  t.equal(v6("::ffff:1.2.3.4"), "00000000000000000000ffff01020304");
  t.equal(v6("2001:db8::"), "20010db8000000000000000000000000");
  t.equal(encodeSocketAddress({ protocol: "unix", host: "/a", port: 0 }), "01002f61");
});
