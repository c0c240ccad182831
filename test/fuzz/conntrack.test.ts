// Kernel text and messages about connections and sockets: whatever comes, the parsers end and never throw; real lines are read.
import fc from "fast-check";
import t from "tap";
import { parseFlowReply } from "../../src/kernel/network/conntrack.ts";
import { parseSocketReply } from "../../src/kernel/network/socket.ts";
import { parseNeighbour } from "../../src/kernel/network/space-neighbour.ts";
import { parseRouteReply } from "../../src/kernel/network/space-route.ts";
import { parseHookedChain } from "../../src/kernel/network/space-rule.ts";
import { parseReceivers, parseSocketRows } from "../../src/kernel/proc/inet-socket.ts";
import { parseFlows, renderEndpoint } from "../../src/network/flow/flow.ts";
import { renderIp } from "../../src/network/rule/address.ts";
import { parseTargetText } from "../../src/network/trace/place.ts";

const conntrack = `ipv4     2 tcp      6 431998 ESTABLISHED src=10.99.0.2 dst=10.99.0.1 sport=47514 dport=8080 src=10.50.0.11 dst=10.99.0.2 sport=80 dport=47514 [ASSURED] mark=0 zone=0 use=2
ipv4     2 udp      17 29 src=10.50.0.12 dst=10.99.0.2 sport=49702 dport=5353 [UNREPLIED] src=10.99.0.2 dst=10.99.0.1 sport=5353 dport=49702 mark=7 zone=3 use=2
ipv4     2 unknown  2 144 src=10.66.32.1 dst=224.0.0.22 [UNREPLIED] src=224.0.0.22 dst=10.66.32.1 mark=0 zone=0 use=2
ipv4     2 icmp     1 29 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=4711 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=4711 mark=0 use=1
ipv6     10 tcp      6 117 TIME_WAIT src=fd99:0000:0000:0000:0000:0000:0000:0002 dst=fd99:0000:0000:0000:0000:0000:0000:0001 sport=40000 dport=8080 packets=5 bytes=300 src=fd50:0000:0000:0000:0000:0000:0000:0010 dst=fd99:0000:0000:0000:0000:0000:0000:0002 sport=80 dport=40000 packets=4 bytes=200 [ASSURED] mark=0 zone=0 use=2
`;

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5031 1 00000000aae0ad4b 100 0 0 10 0                      
   1: 0B00320A:0050 0200630A:B99A 01 00000000:00000000 00:00000000 00000000     0        0 5044 1 00000000aae0ad4b 20 4 30 10 -1                     
`;
const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 77 1 0 100 0 0 10 0
   1: 0000000000000000FFFF00000B00320A:0050 0000000000000000FFFF00000200630A:B99A 01 00000000:00000000 00:00000000 00000000     0        0 78 1 0 20 4 30 10 -1
`;

t.test("lines of real kernels", async (t) => {
  const flows = parseFlows(conntrack);
  t.same(
    flows.map(({ protocol, original, reply, state, timeoutSeconds, mark, zone, assured, unreplied }) => [
      protocol,
      renderEndpoint(original.source, original.sourcePort),
      renderEndpoint(original.destination, original.destinationPort),
      renderEndpoint(reply.source, reply.sourcePort),
      `${state} ${timeoutSeconds} ${mark} ${zone} ${assured} ${unreplied}`,
    ]),
    [
      ["tcp", "10.99.0.2:47514", "10.99.0.1:8080", "10.50.0.11:80", "ESTABLISHED 431998 0 0 true false"],
      ["udp", "10.50.0.12:49702", "10.99.0.2:5353", "10.99.0.2:5353", " 29 7 3 false true"],
      ["2", "10.66.32.1", "224.0.0.22", "224.0.0.22", " 144 0 0 false true"],
      ["icmp", "10.0.0.1", "10.0.0.2", "10.0.0.2", " 29 0 0 false false"],
      ["tcp", "[fd99::2]:40000", "[fd99::1]:8080", "[fd50::10]:80", "TIME_WAIT 117 0 0 true false"],
    ],
  );
  t.same(
    [...parseReceivers(tcp, "tcp"), ...parseReceivers(tcp6, "tcp")].map(
      ({ local, localPort, inode }) => `${renderIp(local)} ${localPort} ${inode}`,
    ),
    ["127.0.0.1 8080 5031", ":: 80 77"],
  );
  t.match(parseSocketRows(tcp6)[1], { local: { family: "ipv4", value: 0x0a32000bn }, remotePort: 0xb99a, inode: 78 });
});

const lines = fc.array(
  fc
    .oneof(fc.string(), fc.constantFrom(...conntrack.split("\n"), ...tcp.split("\n"), ...tcp6.split("\n")))
    .chain((line) =>
      fc
        .tuple(fc.nat(line.length), fc.nat(line.length), fc.string({ maxLength: 3 }))
        .map(([from, to, put]) => line.slice(0, from) + put + line.slice(to)),
    ),
  { maxLength: 8 },
);

t.test("broken text", async (t) => {
  fc.assert(
    fc.property(lines, (parts) => {
      const text = parts.join("\n");
      for (const { original, reply } of parseFlows(text))
        if (original.source.family !== original.destination.family || !reply) return false;
      return parseSocketRows(text).every(({ localPort, inode }) => localPort >= 0 && localPort <= 65535 && Number.isSafeInteger(inode));
    }),
  );
  t.pass();
});

t.test("broken messages", async (t) => {
  const links = new Map([[1, "lo"]]);
  // A length that fits its attribute, so that the bytes behind it are looked at.
  const attribute = fc.tuple(fc.nat(20), fc.uint8Array({ maxLength: 24 })).map(([type, value]) => {
    const bytes = new Uint8Array((value.length + 4 + 3) & ~3);
    new DataView(bytes.buffer).setUint16(0, value.length + 4, true);
    new DataView(bytes.buffer).setUint16(2, type, true);
    bytes.set(value, 4);
    return bytes;
  });
  const message = fc
    .tuple(fc.uint8Array({ maxLength: 80 }), fc.array(attribute, { maxLength: 6 }))
    .map(([head, attributes]) => Uint8Array.from([head, ...attributes].flatMap((part) => [...part])));
  fc.assert(
    fc.property(message, (data) => {
      const reply = { type: 0, data };
      parseFlowReply(reply);
      parseSocketReply(reply);
      parseNeighbour(reply);
      parseHookedChain(reply);
      return ["local", "unicast", "refused", "unknown"].includes(parseRouteReply(reply, links).kind);
    }),
    { numRuns: 500 },
  );
  t.pass();
});

t.test("targets as people write them", async (t) => {
  t.same(parseTargetText("web"), { host: "web" });
  t.same(parseTargetText("[fd00::1]:80"), { host: "fd00::1", port: 80 });
  t.same(parseTargetText("fd00::1"), { host: "fd00::1" });
  t.same(parseTargetText("[fd00::1]:53/udp"), { host: "fd00::1", port: 53, protocol: "udp" });
  t.same(parseTargetText("web/tcp"), { host: "web", protocol: "tcp" });
  for (const text of ["", ":80", "web:0", "web:65536", "web:x", "a:b:c", "[web"])
    t.throws(() => parseTargetText(text), /is no HOST:PORT/, text);
});
