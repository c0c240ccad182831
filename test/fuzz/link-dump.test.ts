// Decoders of rtnetlink answers and of native/ns-ports.c's lines: any bytes are taken, recorded ones with any change too.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { renderStp } from "../../cmds/net/bridge-table.ts";
import { parseForwardingEntry, parseLinkAddress } from "../../src/kernel/netlink/decode-address.ts";
import { parseLink } from "../../src/kernel/netlink/decode-link.ts";
import { parseDnsmasqFile, parseDockerNetworks, parseNetworkFile } from "../../src/network/bridge-owner.ts";
import { parsePortFacts } from "../../src/network/port-fact.ts";
import { viewBridges } from "../../src/network/view.ts";

const recorded = readFileSync(new URL("../kernel/netlink/fixture/bridge-dump.hex", import.meta.url), "latin1")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => Buffer.from(line, "hex"));
const facts = readFileSync(new URL("../network/fixture/port-facts.txt", import.meta.url), "latin1");
const nobody = { ofProcess: () => undefined, ofBridge: () => undefined };

/** A recorded message cut somewhere, with some of its bytes replaced. */
const damaged = fc
  .tuple(fc.constantFrom(...recorded), fc.nat(2500), fc.array(fc.tuple(fc.nat(2500), fc.nat(255)), { maxLength: 8 }))
  .map(([bytes, length, changes]) => {
    const copy = new Uint8Array(bytes.subarray(0, Math.min(length, bytes.length)));
    for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
    return copy;
  });

t.test("messages", async (t) => {
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const link = parseLink(bytes);
      if (link?.bridge) renderStp({ bridge: link, ports: [link] });
      for (const parse of [parseLinkAddress, parseForwardingEntry]) parse(bytes);
      return link === undefined || link.mac.length % 3 === 2 || link.mac === "";
    }),
  );
  t.pass();
});

t.test("facts", async (t) => {
  const line = fc.constantFrom(...facts.split("\n"));
  const word = fc.oneof(fc.constantFrom("link", "bridge", "port", "address", "peer", "namespace", "-1", "0", "\\x41\\n", ""), fc.string());
  const text = fc
    .array(
      fc.oneof(
        line,
        fc.array(word, { maxLength: 22 }).map((words) => words.join("\t")),
      ),
    )
    .map((lines) => lines.join("\n"));
  fc.assert(fc.property(text, (given) => Array.isArray(viewBridges(parsePortFacts(given), nobody))));
  t.pass();
});

t.test("files of other engines", async (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      parseNetworkFile(text);
      parseDockerNetworks(text);
      parseDnsmasqFile("default", text);
    }),
  );
  t.pass();
});
