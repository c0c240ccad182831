// Addresses of both families in their notation, and any words of a user as links and routes.
import { isIPv6 } from "node:net";
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import {
  addressOfBytes,
  bytesOfAddress,
  covers,
  networkOf,
  parsePrefix,
  prefixesOverlap,
  renderPrefix,
} from "../../src/network/link-address.ts";
import { nameProblem } from "../../src/network/link-name.ts";
import { parseLinkWords } from "../../src/network/link-words.ts";
import { parseRoute } from "../../src/network/route-plan.ts";

const address = fc.oneof(fc.ipV4(), fc.ipV6());
const prefix = fc
  .tuple(address, fc.nat(128))
  .map(([text, length]) => parsePrefix(`${text}/${length}`))
  .filter((value) => value !== undefined);

t.test("addresses survive their bytes and their notation", async () => {
  const bytes = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }));
  fc.assert(fc.property(bytes, (value) => Buffer.compare(bytesOfAddress(addressOfBytes(value) ?? ""), value) === 0));
  fc.assert(fc.property(bytes, (value) => value.length === 4 || isIPv6(addressOfBytes(value) ?? "")));
  fc.assert(fc.property(prefix, (value) => JSON.stringify(parsePrefix(renderPrefix(value))) === JSON.stringify(value)));
});

t.test("a network holds its address, and overlap is holding an end", async () => {
  fc.assert(fc.property(prefix, (value) => covers(value, value.address) && covers(value, networkOf(value).address)));
  fc.assert(fc.property(prefix, prefix, (one, other) => prefixesOverlap(one, other) === prefixesOverlap(other, one)));
  fc.assert(fc.property(prefix, prefix, (one, other) => !prefixesOverlap(one, other) || one.family === other.family));
});

/** A value, or an error of the user's. */
function total(body: () => unknown): boolean {
  try {
    body();
    return true;
  } catch (error) {
    return error instanceof TsnsError && error.exitCode === 2;
  }
}

t.test("any words are understood or refused", async () => {
  const word = fc.oneof(
    fc.constantFrom(
      "via",
      "dev",
      "src",
      "metric",
      "table",
      "mtu",
      "onlink",
      "default",
      "blackhole",
      "up",
      "down",
      "name",
      "master",
      "alias",
      "promisc",
      "on",
    ),
    fc.string(),
    address,
    fc.nat().map(String),
    fc.tuple(address, fc.nat(140)).map(([text, length]) => `${text}/${length}`),
  );
  fc.assert(fc.property(fc.array(word, { maxLength: 8 }), fc.boolean(), (words, ipv6) => total(() => parseRoute(words, ipv6, "x"))));
  fc.assert(fc.property(fc.array(word, { maxLength: 8 }), (words) => total(() => parseLinkWords(words, "x"))));
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), (name) => nameProblem(name) !== undefined || new TextEncoder().encode(name).length <= 15),
  );
});
