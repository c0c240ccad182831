// What stands at the host's end of a link: nothing that was not asked for, in an order in which the kernel takes it.
import t from "tap";
import { type HostEnd, hostEndMessages, hostEndSteps } from "../../src/network/host-end.ts";
import { heldLink, hostLinkIndex, hostLinkName } from "../../src/network/name.ts";
import { renderLinkRate } from "../../src/network/rate.ts";
import { parseNetlink } from "../../src/plan/shell/netlink.ts";
import { spoofedEndpoint } from "./fixture/frame.ts";

const link = spoofedEndpoint.hostLink;
const commands = (end: HostEnd) =>
  hostEndMessages(spoofedEndpoint, end).map((message) => {
    const links = new Map([
      [1, "lo"],
      [hostLinkIndex(link), link],
      [heldLink(link).index, heldLink(link).name],
    ]);
    const [command] = parseNetlink(Buffer.from(message).toString("hex"), { links, namespaces: new Map() }) ?? [];
    return command?.filter((word) => /^(clsact|da|mirred|tbf|egress|ingress|prio|[12])$/.test(word)).join(" ");
  });

t.test("messages", async (t) => {
  t.equal(commands({})[0], "clsact", "the place for filters comes first");
  t.ok(commands({}).includes("ingress prio 1 da"));
  t.notOk(commands({ spoofing: true }).includes("ingress prio 1 da"));
  const apart = { spoofing: true, onlyTo: Uint8Array.of(2, 0, 0, 0, 0, 1) };
  t.ok(commands(apart).includes("ingress prio 1 da"), "kept from its neighbours whatever it may say of itself");
  t.notMatch(commands({}).join(), "tbf");
  t.same(commands({ rate: { inBits: 8000 } }).at(-1), "tbf");
  t.same(commands({ spoofing: true, rate: { inBits: 8000 } }).at(-1), "tbf");
  t.same(
    commands({ rate: { outBits: 8000 } }).filter((words) => words?.includes("prio 2")),
    ["ingress prio 2 mirred egress"],
  );
});

t.test("what does not go with the link is undone", async (t) => {
  t.same(hostEndSteps(spoofedEndpoint, { rate: { inBits: 8000 } }), []);
  t.same(hostEndSteps({ ...spoofedEndpoint, hostLink: "" }, { rate: { outBits: 8000 } }), [], "a link without an end on the host");
  const [held] = hostEndSteps(spoofedEndpoint, { rate: { outBits: 8000 } });
  t.match(held, {
    step: { kind: "ifb.add", name: "ifb0000own", rate: { bitsPerSecond: 8000 } },
    undo: { kind: "link.remove", name: "ifb0000own" },
  });
});

t.test("indexes follow from names, far from the kernel's, no two alike", async (t) => {
  const names = Array.from({ length: 2000 }, (_, at) => hostLinkName("a".repeat(64), "n", at));
  const indexes = names.flatMap((name) => [hostLinkIndex(name), heldLink(name).index]);
  t.equal(new Set(indexes).size, indexes.length);
  for (const index of indexes) if (index < 2 ** 24 || index >= 2 ** 30) t.fail(`${index}`);
  t.ok(names.every((name) => heldLink(name).name.length <= 15));
});

t.test("rates as --net-rate takes them", async (t) => {
  t.equal(renderLinkRate({ inBits: 1000, outBits: 8000 }), "in=1000bit,out=8000bit");
  t.equal(renderLinkRate({ outBits: 8000 }), "out=8000bit");
});
