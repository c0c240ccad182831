// The filter at the host's end of a container's link on the real kernel: raw frames from inside, and which of them its neighbour sees.
import "../fixture/fresh-namespaces.ts";
import { execFileSync, spawn } from "node:child_process";
import t from "tap";
import { exchangeAll } from "../../src/kernel/netlink/relay.ts";
import { hostEndMessages } from "../../src/network/host-end.ts";
import { hostLinkIndex } from "../../src/network/name.ts";
import { patience } from "../fixture/patience.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { frames, neighbourMac, spoofedEndpoint } from "../network/fixture/frame.ts";
import { sh } from "../network/lab.ts";

/** Prints each frame it sees in hexadecimal until it has seen the last. */
const watcher = `use Socket; socket(my $s, 17, 3, unpack("S", pack("n", 3))) or die; $| = 1;
my $i = qx(cat /sys/class/net/eth0/ifindex); bind($s, pack("SnlSCCa8", 17, 3, $i, 0, 0, 0, "")) or die; print "ready\\n";
while (1) { recv($s, my $f, 2000, 0); $f = unpack("H*", $f); print "$f\\n"; last if $f eq $ARGV[0] }`;

/** Sends frames, in hexadecimal, as they are. */
const sender = `use Socket; socket(my $s, 17, 3, 0) or die; my $i = qx(cat /sys/class/net/eth0/ifindex);
send($s, pack("H*", $_), 0, pack("SnlSCCa8", 17, 8, $i, 0, 0, 6, "")) or die for @ARGV`;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const inside = (name: string, script: string, ...args: readonly string[]) => ["netns", "exec", name, "perl", "-e", script, ...args];

/** What the neighbour sees of the frames, the last of which passes. */
function seen(sent: readonly string[]): Promise<readonly string[]> {
  const child = spawn("ip", [...inside("next", watcher, sent.at(-1) ?? "")], { stdio: ["ignore", "pipe", "inherit"] });
  const limit = setTimeout(() => child.kill(), 10_000 * patience);
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (data) => {
      const before = said;
      said += data;
      if (!before.includes("\n") && said.includes("\n")) execFileSync("ip", inside("own", sender, ...sent));
    });
    child.on("close", () => {
      clearTimeout(limit);
      const lines = said.trim().split("\n").slice(1);
      if (lines.at(-1) === sent.at(-1)) resolve(lines);
      else reject(new Error(`the last frame did not arrive: ${said}`));
    });
  });
}

t.before(async () => {
  if (needRoot.skip !== false) return;
  const own = spoofedEndpoint.hostLink;
  sh(`mount -t tmpfs none /run; ip netns add own; ip netns add next; ip link add br0 type bridge mcast_snooping 0
    ip link add eth0 index 1000 address ${spoofedEndpoint.mac} netns own type veth peer name ${own} index ${hostLinkIndex(own)}
    ip link add eth0 address ${neighbourMac} netns next type veth peer name vnext
    for n in own next; do ip -n $n link set eth0 arp off up; done
    for l in ${own} vnext; do ip link set $l master br0 up; done; ip link set br0 up`);
  // The kernel finds out a moment later that both ends of a pair are up.
  await waitFor("links that frames pass", () => {
    const hasCarrier = ["own", "next"].every((name) => sh(`ip -n ${name} link show eth0`).includes("state UP"));
    return hasCarrier && sh("bridge link show").match(/state forwarding/g)?.length === 2;
  });
});

const marker = hex(frames().find(({ what }) => what === "another protocol from its own hardware address")?.bytes ?? new Uint8Array());

t.test("without the filter all frames arrive", needRoot, async (t) => {
  // one from the neighbour's hardware address would take its place at the bridge; tags are not part of what is seen
  const own = (bytes: Uint8Array) => hex(bytes.subarray(6, 12)) === spoofedEndpoint.mac.replaceAll(":", "");
  const sent = frames().filter(({ what, bytes }) => own(bytes) && !what.includes("below"));
  const arrived = new Set(await seen([...sent.map(({ bytes }) => hex(bytes)), marker]));
  for (const { what, bytes } of sent) t.ok(arrived.has(hex(bytes)), what);
});

t.test("with it those of its own do", needRoot, async (t) => {
  exchangeAll(
    hostEndMessages(spoofedEndpoint, { linkLocal: ["169.254.7.7", "fe80::7"] }).map((message) => ({
      message,
      verb: "set",
      target: "filter",
    })),
  );
  const arrived = new Set(
    await seen([
      ...frames()
        .filter(({ bytes }) => hex(bytes) !== marker)
        .map(({ bytes }) => hex(bytes)),
      marker,
    ]),
  );
  const passing = new Set(frames().flatMap(({ bytes, passes }) => (passes ? [hex(bytes)] : [])));
  for (const { what, bytes, passes } of frames()) t.equal(arrived.has(hex(bytes)), passes, what);
  const strange = [...arrived].filter((frame) => frame.startsWith(neighbourMac.replaceAll(":", "")) && !passing.has(frame));
  t.same(strange, [], "nothing of the others, tags taken off or not");
});
