// --net-rate and tsns net rate: buckets at the host's end of a container's link, as tc shows them and as packets meet them.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { makeBox, serve, sh } from "./network-lab.ts";

/** 2 MB at once: more than a bucket and its queue hold, however long sending takes. */
const flood = (host: string) =>
  `use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr => "${host}", PeerPort => 9, Proto => "udp"); $s->send("x" x 1000) for 1 .. 2000`;

const links = () => sh("ip -o link show type ifb | cut -d: -f2 | tr -d ' \\n'");
const queue = (link: string) => sh(`tc -s qdisc show dev ${link} root`);

t.test("what a container receives and sends", needRoot, async (t) => {
  const root = await makeBox(t);
  const address = await serve(root, "web", ["--cap-add", "NET_ADMIN"]);
  const link = (await root.ok(["net", "rate", "web", "--format", "{{.Link}}"])).split("\n")[0] ?? "";
  const held = `ifb${link.slice(4)}`;
  t.notMatch(queue(link), "tbf");
  t.match(await root.ok(["net", "rate", "web"]), /bridge +in +unlimited[\s\S]*bridge +out +unlimited/);

  await root.ok(["net", "rate", "web", "--in", "100kbit", "--out", "64kbit"]);
  t.match(queue(link), /qdisc tbf .* rate 100Kbit burst 32Kb/);
  t.match(queue(held), /qdisc tbf .* rate 64Kbit/);
  t.match(await root.ok(["net", "rate", "web"]), /in +100Kbit +32768[\s\S]*out +64Kbit/);
  sh(`perl -e '${flood(address)}'`);
  t.match(queue(link), /dropped [1-9]/, "what comes too fast is dropped before the container");
  const gateway = await root.ok(["inspect", "-f", "{{.NetworkSettings.Gateway}}", "web"]);
  await root.tsns(["exec", "web", "tc", "qdisc", "del", "dev", "eth0", "root"]);
  await root.ok(["exec", "web", "/usr/bin/perl", "-e", flood(gateway)]);
  t.match(queue(held), /dropped [1-9]/, "and what it sends too fast, whatever it does to its own end");
  t.match(await root.ok(["inspect", "-f", "{{json .HostConfig.NetRate}}", "web"]), '{"InBits":100000,"OutBits":64000}');

  t.match(await root.ok(["net", "rate", "--dry-run", "web", "--in", "1gbit"]), `tc qdisc replace dev ${link} root tbf rate 1000000000bit`);
  t.match(queue(link), "100Kbit", "a dry run changes nothing");
  await root.ok(["net", "rate", "web", "--in", "none", "--out", "1mbit"]);
  t.notMatch(queue(link), "tbf");
  t.match(queue(held), "rate 1Mbit", "another rate takes the place of the first");
  await root.ok(["net", "rate", "web", "--clear"]);
  await root.ok(["net", "rate", "web", "--clear"]);
  t.equal(links(), "", "nothing of it is left");
  t.notMatch(sh(`tc filter show dev ${link} ingress`), "mirred");
  t.match(await root.ok(["exec", "web", "ping", "-c1", "-W5", gateway]), " 0% packet loss");
  t.match(await root.ok(["inspect", "-f", "{{json .HostConfig}}", "web"]), /^(?!.*NetRate)/);

  const refused = await root.tsns(["net", "rate", "web", "--in", "fast", "--out", "1bit"]);
  t.match(refused.stderr, 'invalid --in "fast"');
  t.match(refused.stderr, 'invalid --out "1bit"');
  t.match((await root.tsns(["net", "rate", "web", "--clear", "--in", "1mbit"])).stderr, "--clear goes without --in and --out");
  await root.ok(["run", "-d", "--name", "lone", "--network", "none", "box", "sleep", "1000"]);
  t.match((await root.tsns(["net", "rate", "lone", "--in", "1mbit"])).stderr, "container lone has no link of its own");
  await root.ok(["stop", "-t", "0", "lone"]);
  t.match((await root.tsns(["net", "rate", "lone"])).stderr, "is not running");
});

t.test("asked for at creation", needRoot, async (t) => {
  const root = await makeBox(t);
  const rates = () => root.ok(["net", "rate", "web", "--format", "{{.Direction}} {{.Rate}}"]);
  await root.ok(["run", "-d", "--name", "web", "--net-rate", "in=2mbit,out=1mbit", "box", "sleep", "1000"]);
  t.equal(await rates(), "in 2Mbit\nout 1Mbit");
  const gateway = await root.ok(["inspect", "-f", "{{.NetworkSettings.Gateway}}", "web"]);
  t.match(await root.ok(["exec", "web", "ping", "-c1", "-W5", gateway]), " 0% packet loss");
  t.match(await root.ok(["inspect", "--as", "run", "web"]), "--net-rate in=2000000bit,out=1000000bit");
  await root.ok(["restart", "-t", "0", "web"]);
  t.equal(await rates(), "in 2Mbit\nout 1Mbit");
  await root.ok(["net", "rate", "web", "--in", "none", "--out", "3mbit"]);
  await root.ok(["restart", "-t", "0", "web"]);
  t.equal(await rates(), "in unlimited\nout 3Mbit", "as it was changed meanwhile");
  await root.ok(["rm", "-f", "web"]);
  t.equal(links(), "");

  const script = await root.ok(["run", "--dry-run", "--explain=sh", "--net-rate", "10mbit", "box", "true"]);
  t.match(script, /ip link add name ifb\w+ index \d+ type ifb/);
  t.match(script, /tc qdisc replace dev veth\w+ root tbf rate 10000000bit/);
  t.match(script, /tc filter add dev veth\w+ ingress prio 2 .* action mirred egress redirect dev ifb\w+/);
  for (const [text, words] of [
    ["up=1mbit", 'invalid --net-rate "up=1mbit"'],
    ["in=1mbit,in=2mbit", "in is there twice"],
    ["in=fast", 'invalid --net-rate in "fast"'],
    ["", 'invalid --net-rate ""'],
  ] as const) {
    const refused = await root.tsns(["create", "--net-rate", text, "box"]);
    t.match([refused.code, refused.stderr.includes(words)], [125, true], refused.stderr);
  }
  t.match((await root.tsns(["create", "--net-rate", "1mbit", "--network", "host", "box"])).stderr, "--net-rate and --network host");
});
