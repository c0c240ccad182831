// Names in the kernel follow from root and id, and fit.
import t from "tap";
import { macOfAddress, parseMac, renderMac } from "../../src/network/mac.ts";
import { bridgeName, hostLinkName, namesOfBridge, shortHash, standardRoot } from "../../src/network/name.ts";

t.test("links", async (t) => {
  t.equal(bridgeName(standardRoot), "tsns0");
  t.match(bridgeName("/tmp/x"), /^tsns-[0-9a-z]{10}$/);
  t.not(bridgeName("/tmp/x"), bridgeName("/tmp/y"));
  t.not(bridgeName(standardRoot, "web"), bridgeName(standardRoot, "db"));
  t.match(hostLinkName("0123abcd", "bridge", 5), /^veth[0-9a-z]{11}$/);
  t.not(hostLinkName("0123abcd", "bridge", 5), hostLinkName("0123abcd", "bridge", 6), "another start, another link");
  t.not(hostLinkName("0123abcd", "bridge", 5), hostLinkName("0123abcd", "other", 5), "another network, another link");
});

t.test("chains have at most 28 characters", async (t) => {
  const { forwardChain, dnatChain, masqueradeChain, guardChain } = namesOfBridge(bridgeName("/tmp/x"));
  for (const chain of [forwardChain, dnatChain, masqueradeChain, guardChain]) t.ok(chain.length <= 28 && chain.startsWith("TSNS-"), chain);
});

t.test("the hash is FNV-1a", async (t) => {
  t.equal(shortHash("", 13), 0xcbf29ce484222325n.toString(36));
  t.equal(shortHash("foobar", 13), 0x85944171f73967e8n.toString(36).padStart(13, "0"), "a published test vector");
});

t.test("hardware addresses", async (t) => {
  t.equal(macOfAddress(0x0a420002), "02:74:0a:42:00:02");
  t.same(parseMac("02:74:0A:42:00:02"), Uint8Array.of(2, 0x74, 0x0a, 0x42, 0, 2));
  t.equal(parseMac("02:74:0a:42:00"), undefined);
  t.equal(renderMac(Uint8Array.of(2, 0x74, 0x0a, 0x42, 0, 2)), "02:74:0a:42:00:02");
});
