// rtnetlink messages, byte by byte, and read back by the decoder. That the kernel takes them: test/root/net-message.test.ts.
import t from "tap";
import { parseAttributes, parseNumber, parseText } from "../../src/kernel/netlink/decode.ts";
import { bridgeAdd, linkRemove, linkUp, portAdd, renderAttribute, renderHex } from "../../src/network/message.ts";
import { addressAdd, defaultRouteAdd } from "../../src/network/message-place.ts";
import { vethAdd } from "../../src/network/message-veth.ts";

const attributes = (message: Uint8Array, body: number) => parseAttributes(message.subarray(16 + body));
const child = (parent: ReadonlyMap<number, Uint8Array>, type: number, skip = 0) =>
  parseAttributes((parent.get(type) ?? new Uint8Array()).subarray(skip));

t.test("known bytes", async (t) => {
  // length 32, RTM_NEWLINK, REQUEST|ACK, sequence 1, port 0; family, type, index 1, IFF_UP, mask
  t.equal(renderHex(linkUp({ index: 1 })), "20000000100005000100000000000000" + "00000000010000000100000001000000");
  t.equal(
    renderHex(addressAdd(1000, "10.66.0.2", 20)),
    "30000000140005060100000000000000" + "02140000e8030000" + "080002000a420002" + "080001000a420002" + "080004000a420fff",
  );
  t.equal(renderHex(defaultRouteAdd("10.66.0.1")), "24000000180005060100000000000000" + "02000000fe03000100000000" + "080005000a420001");
});

t.test("lengths count no padding, messages are aligned", async (t) => {
  t.same([...renderAttribute({ type: 3, value: Uint8Array.of(97, 98, 0) })], [7, 0, 3, 0, 97, 98, 0, 0]);
  t.same([...renderAttribute({ type: 18, value: [] })], [4, 0, 18, 0x80]);
  for (const name of ["a", "ab", "abc", "abcd"]) {
    const message = linkRemove({ name });
    t.equal(message.length % 4, 0);
    t.equal(parseNumber(message.subarray(0, 4)), message.length);
    t.equal(parseText(attributes(message, 16).get(3)), name);
  }
});

t.test("a veth pair", async (t) => {
  const mac = Uint8Array.of(2, 0x74, 10, 66, 0, 2);
  const message = vethAdd({ name: "eth0", index: 1000, mac, mtu: 1400, peerName: "vethx", peerNamespaceFd: 102 });
  t.equal(parseNumber(message.subarray(20, 24)), 1000, "the index is chosen by us");
  const outer = attributes(message, 16);
  t.equal(parseText(outer.get(3)), "eth0");
  t.same(outer.get(1), mac);
  t.equal(parseNumber(outer.get(4)), 1400);
  const info = child(outer, 18);
  t.equal(parseText(info.get(1)), "veth");
  const peer = child(child(info, 2), 1, 16);
  t.equal(parseText(peer.get(3)), "vethx");
  t.equal(parseNumber(peer.get(28)), 102);
  t.equal(parseNumber(peer.get(4)), 1400);
});

t.test("bridges and ports", async (t) => {
  t.equal(parseText(child(attributes(bridgeAdd("tsns0", new Uint8Array(6)), 16), 18).get(1)), "bridge");
  const port = attributes(portAdd({ name: "vethx" }, 7), 16);
  t.equal(parseNumber(port.get(10)), 7);
});

t.test("broken attributes end the list", async (t) => {
  t.equal(parseAttributes(Uint8Array.of(3, 0, 1, 0)).size, 0);
  t.equal(parseAttributes(Uint8Array.of(5, 0, 1, 0, 9, 0, 0, 0, 99, 0, 2, 0)).size, 1);
});
