// Properties of addresses, subnets and choices, and that no text of /proc or of a user breaks a parser.
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { parseAttributes } from "../../src/kernel/netlink/decode.ts";
import { parseFibTrie, parseRoutes } from "../../src/kernel/network/route.ts";
import { parseIpv6Routes } from "../../src/kernel/network/taken.ts";
import {
  contains,
  lastOf,
  maskOf,
  overlaps,
  parseAddress,
  parseSubnet,
  prefixOfMask,
  renderAddress,
  renderSubnet,
  subnetOf,
} from "../../src/network/address.ts";
import { parsePort } from "../../src/network/port.ts";

const address = fc.nat(0xffffffff);
const subnet = fc.tuple(address, fc.nat(32)).map(([value, prefixLength]) => subnetOf(value, prefixLength));

t.test("addresses and subnets survive their notation", async () => {
  fc.assert(fc.property(address, (value) => parseAddress(renderAddress(value)) === value));
  fc.assert(fc.property(subnet, (value) => renderSubnet(parseSubnet(renderSubnet(value))) === renderSubnet(value)));
  fc.assert(fc.property(fc.nat(32), (prefixLength) => prefixOfMask(maskOf(prefixLength)) === prefixLength));
});

t.test("overlap is sharing an end", async () => {
  const shares = (one: ReturnType<typeof parseSubnet>, other: ReturnType<typeof parseSubnet>) =>
    contains(one, other.base) || contains(other, one.base);
  fc.assert(fc.property(subnet, subnet, (one, other) => overlaps(one, other) === shares(one, other) && overlaps(one, one)));
  fc.assert(fc.property(subnet, (one) => contains(one, one.base) && contains(one, lastOf(one))));
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
