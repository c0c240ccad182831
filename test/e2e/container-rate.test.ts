// tsns net rate: buckets on both ends of a container's link, as tc shows them and as packets meet them.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { pidOf } from "../fixture/busybox-scenario.ts";
import { needRoot } from "../fixture/root.ts";
import { makeBox, serve, sh } from "./network-lab.ts";

/** 2 MB at once: more than a bucket and its queue hold, however long sending takes. */
const flood = (host: string) =>
  `use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => "${host}", PeerPort => 9, Proto => "udp"); $s->send("x" x 1000) for 1 .. 2000`;

t.test("what a container receives and sends", needRoot, async (t) => {
  const root = await makeBox(t);
  const address = await serve(root, "web");
  const pid = await pidOf(root, "web");
  const link = (await root.ok(["net", "rate", "web", "--format", "{{.Link}}"])).split("\n")[0] ?? "";
  const host = () => sh(`tc -s qdisc show dev ${link} root`);
  const own = () => sh(`nsenter -t ${pid} -n tc -s qdisc show dev eth0 root`);
  t.notMatch(host() + own(), "tbf");
  t.match(await root.ok(["net", "rate", "web"]), /in +unlimited[\s\S]*out +unlimited/);

  await root.ok(["net", "rate", "web", "--in", "100kbit", "--out", "64kbit"]);
  t.match(host(), /qdisc tbf .* rate 100Kbit burst 32Kb/);
  t.match(own(), /qdisc tbf .* rate 64Kbit/);
  t.match(await root.ok(["net", "rate", "web"]), /in +100Kbit +32768[\s\S]*out +64Kbit/);
  sh(`perl -e '${flood(address)}'`);
  t.match(host(), /dropped [1-9]/, "what comes too fast is dropped before the container");
  const gateway = await root.ok(["inspect", "-f", "{{.NetworkSettings.Gateway}}", "web"]);
  await root.ok(["exec", "web", "/usr/bin/perl", "-e", flood(gateway)]);
  t.match(own(), /(dropped|overlimits) [1-9]/, "and what it sends too fast");

  t.match(await root.ok(["net", "rate", "--dry-run", "web", "--in", "1gbit"]), `tc qdisc replace dev ${link} root tbf rate 1000000000bit`);
  t.match(host(), "100Kbit", "a dry run changes nothing");
  await root.ok(["net", "rate", "web", "--in", "none"]);
  t.notMatch(host(), "tbf");
  t.match(own(), "tbf", "the other direction stays");
  await root.ok(["net", "rate", "web", "--clear"]);
  await root.ok(["net", "rate", "web", "--clear"]);
  t.notMatch(own(), "tbf");

  const refused = await root.tsns(["net", "rate", "web", "--in", "fast", "--out", "1bit"]);
  t.match(refused.stderr, 'invalid --in "fast"');
  t.match(refused.stderr, 'invalid --out "1bit"');
  t.match((await root.tsns(["net", "rate", "web", "--clear", "--in", "1mbit"])).stderr, "--clear goes without --in and --out");
  await root.ok(["run", "-d", "--name", "lone", "--network", "none", "box", "sleep", "1000"]);
  t.match((await root.tsns(["net", "rate", "lone", "--in", "1mbit"])).stderr, "container lone has no link of its own");
  await root.ok(["stop", "-t", "0", "lone"]);
  t.match((await root.tsns(["net", "rate", "lone"])).stderr, "is not running");
});
