// Answers of the netlink relay as bytes; exchanges with the kernel are in test/root.
import fc from "fast-check";
import t from "tap";
import { parseAnswers } from "../../../src/kernel/netlink/relay.ts";
import { parseFailure } from "../../../src/kernel/sandbox/namespace-program.ts";

/** One message: length, type, flags, sequence number, port, then the data. */
function message(type: number, sequence: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + ((data.length + 3) & ~3));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 16 + data.length, true);
  view.setUint16(4, type, true);
  view.setUint32(8, sequence, true);
  bytes.set(data, 16);
  return bytes;
}

const errno = (code: number) => new Uint8Array(Int32Array.of(code).buffer);

t.test("answers are sorted by sequence number", async (t) => {
  const bytes = Buffer.concat([message(16, 1, Uint8Array.of(1, 2, 3)), message(3, 1, errno(0)), message(2, 2, errno(-17))]);
  const [first, second] = parseAnswers(bytes, 2);
  t.same(first, { replies: [{ type: 16, data: Uint8Array.of(1, 2, 3) }] });
  t.same(second, { replies: [], errno: "EEXIST" });
});

t.test("an acknowledgement is neither reply nor error", async (t) => {
  t.same(parseAnswers(message(2, 1, errno(0)), 1), [{ replies: [] }]);
});

t.test("the kernel's explanation of an error is kept", async (t) => {
  const reason = Buffer.from("Nexthop has invalid gateway\0");
  const attribute = Buffer.concat([new Uint8Array(Uint16Array.of(4 + reason.length, 1).buffer), reason]);
  const explained = (flags: number, refused: Uint8Array) => {
    const bytes = message(2, 1, Buffer.concat([errno(-101), refused, attribute]));
    new DataView(bytes.buffer).setUint16(6, flags, true);
    return parseAnswers(bytes, 1)[0];
  };
  const header = Buffer.alloc(16);
  header.writeUInt32LE(24);
  t.match(explained(0x300, header), { errno: "ENETUNREACH", reason: "Nexthop has invalid gateway" }, "without the refused message");
  t.match(explained(0x200, Buffer.concat([header, Buffer.alloc(8)])), { reason: "Nexthop has invalid gateway" }, "behind it");
  t.same(explained(0x100, header), { replies: [], errno: "ENETUNREACH" });
});

t.test("a list that broke off says why", async (t) => {
  t.match(parseAnswers(message(3, 1, errno(-16)), 1), [{ errno: "EBUSY" }]);
});

t.test("a failure of the helper names system call and target", async (t) => {
  t.match(parseFailure("ENOENT\topen\t/proc/7/ns/net\n"), { errno: "ENOENT", syscall: "open", target: "/proc/7/ns/net" });
  t.match(parseFailure(""), { errno: "EIO" });
});

t.test("any bytes are taken", async (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(5), (bytes, count) => parseAnswers(bytes, count).length === count));
  t.pass();
});
