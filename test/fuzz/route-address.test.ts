// Properties of addresses, and that no text of /proc or of a user breaks a parser.
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { parseAttributes } from "../../src/kernel/netlink/decode.ts";
import { parseFibTrie, parseRoutes } from "../../src/kernel/network/route.ts";
import { parseIpv6Routes } from "../../src/kernel/network/taken.ts";
import { parseAddress, prefixOfMask, renderAddress } from "../../src/network/address.ts";
import { parsePort } from "../../src/network/port.ts";

const address = fc.nat(0xffffffff);

t.test("addresses and masks survive their notation", async () => {
  fc.assert(fc.property(address, (value) => parseAddress(renderAddress(value)) === value));
  fc.assert(fc.property(fc.nat(32), (length) => prefixOfMask(length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0) === length));
});

t.test("ports: understood or refused", async () => {
  const piece = fc.constantFrom("80", "-", ":", "[", "]", "::1", "127.0.0.1", "/", "udp", "0", "70000", "");
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (input) => {
      try {
        return parsePort(input).every((port) => port.containerPort > 0 && port.containerPort < 65536 && port.hostPort < 65536);
      } catch (error) {
        return error instanceof TsnsError && error.code === "bad-port";
      }
    }),
  );
});

t.test("texts of the kernel break nothing", async () => {
  fc.assert(
    fc.property(fc.string(), fc.uint8Array(), (text, bytes) => {
      parseRoutes(text);
      parseFibTrie(text);
      parseIpv6Routes(text);
      return parseAttributes(bytes).size * 4 <= bytes.length;
    }),
  );
});
