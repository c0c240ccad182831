// parseNetlink meets bytes of any kind: it answers with commands or with nothing, and never throws.
import fc from "fast-check";
import t from "tap";
import { renderHex } from "../../src/network/message.ts";
import { addressAdd } from "../../src/network/message-place.ts";
import { vethAdd } from "../../src/network/message-veth.ts";
import { parseNetlink } from "../../src/plan/shell/netlink.ts";

const names = () => ({ links: new Map([[1, "lo"]]), namespaces: new Map<number, string>() });
const veth = vethAdd({ name: "eth0", index: 9, mac: new Uint8Array(6), mtu: 1500, peerName: "p", peerNamespaceFd: 102 });
const real = [veth, addressAdd(1, "10.0.0.1", 8)];

t.test("any bytes", async () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseNetlink(Buffer.from(bytes).toString("hex"), names())));
  fc.assert(fc.property(fc.string(), (text) => void parseNetlink(text, names())));
});

t.test("real messages with a byte changed or an end cut off", async (t) => {
  const change = fc.record({ which: fc.nat(real.length - 1), at: fc.nat(400), value: fc.nat(255), length: fc.nat(400) });
  fc.assert(
    fc.property(change, ({ which, at, value, length }) => {
      const bytes = Uint8Array.from(real[which] ?? []);
      if (at < bytes.length) bytes[at] = value;
      const commands = parseNetlink(renderHex(bytes.slice(0, length)), names());
      return commands === undefined || commands.every((command) => command[0] === "ip");
    }),
  );
  t.pass();
});
