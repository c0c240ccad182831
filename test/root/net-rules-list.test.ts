// `net rules` on recorded rule sets restored into the kernel: both backends and both families at once, with counters and owners.
import "../fixture/fresh-namespaces.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { openEngine } from "../../src/engine/engine.ts";
import { listForwards } from "../../src/engine/network/forward-list.ts";
import { listNats } from "../../src/engine/network/nat.ts";
import { listRules } from "../../src/engine/network/rules.ts";
import { renderRuleOwner } from "../../src/network/rule/view.ts";
import { needRoot } from "../fixture/root.ts";
import { sh } from "../network/lab.ts";

const rules = (name: string) => new URL(`../kernel/iptables/${name}.rules`, import.meta.url).pathname;

t.test("docker with nft, libvirt with legacy, ufw with ip6tables", needRoot, async (t) => {
  const root = mkdtempSync(join(tmpdir(), "tsns-rules-"));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  using engine = openEngine(root);
  sh(
    `iptables-nft-restore -c < ${rules("docker-nft")}; iptables-legacy-restore -c < ${rules("libvirt-legacy")}; ip6tables-nft-restore -c < ${rules("ufw-nft-ipv6")}`,
  );
  const all = (await listRules(engine)).rules;
  t.same(new Set(all.map(({ family, backend }) => `${family} ${backend}`)), new Set(["ipv4 nft", "ipv4 legacy", "ipv6 nft"]));
  for (const [program, name] of [
    ["iptables-nft-save", "ipv4 nft"],
    ["iptables-legacy-save", "ipv4 legacy"],
    ["ip6tables-nft-save", "ipv6 nft"],
  ]) {
    const listed = all.filter(({ family, backend, number }) => `${family} ${backend}` === name && number > 0);
    const saved = sh(`${program} -c 2>/dev/null`)
      .split("\n")
      .filter((line) => line.startsWith("["));
    t.same(
      listed.map(({ packets, bytes, rule }) => `[${packets}:${bytes}] ${rule}`).sort(),
      saved.sort(),
      `${name}: every rule with its counters`,
    );
  }
  const dnat = all.find(({ rule }) => rule.includes("--dport 8080 -j DNAT"));
  t.match(dnat, {
    packets: 2n,
    does: "forward TCP port 8080 of any local address not coming in by docker0 to 172.17.0.2 port 80",
    number: 2,
  });
  const owners = (wanted: string) =>
    listRules(engine, { owner: wanted }).then((report) => new Set(report.rules.map(({ owner }) => renderRuleOwner(owner))));
  for (const program of ["docker", "libvirt", "ufw"]) t.same(await owners(program), new Set([program]));
  const chain = await listRules(engine, { chain: "LIBVIRT_PRT", table: "nat", backend: "legacy", family: "ipv4" });
  t.equal(chain.rules.length, 6, "the chain itself and five rules");
  await t.rejects(listRules(engine, { chain: "NO-SUCH" }), { code: "no-such-chain" });
  await t.rejects(listRules(engine, { table: "nut" }), { code: "no-such-table", exitCode: 2 });

  t.match(await listForwards(engine), [
    { listen: "0.0.0.0:8080/tcp", target: "172.17.0.2:80", owner: { program: "docker" }, state: "active", packets: 2n },
    { listen: "127.0.0.1:5300/udp", target: "172.17.0.2:53" },
  ]);
  t.match(
    (await listNats(engine)).map(({ source, out, to, owner }) => [source, out, to, owner.program]),
    [
      ["172.17.0.0/16", "!docker0", "masquerade", "docker"],
      ["172.17.0.2", "any", "masquerade", "-"],
      ["192.168.122.0/24", "any", "masquerade", "libvirt"],
      ["192.168.122.0/24", "any", "masquerade", "libvirt"],
      ["192.168.122.0/24", "any", "masquerade", "libvirt"],
    ],
  );
});

t.test("rules that CNI wrote are of the container they lead to", needRoot, async (t) => {
  const root = mkdtempSync(join(tmpdir(), "tsns-rules-"));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  using engine = openEngine(root);
  const id = "5dfc607bfb61f0ad2d3dc3814ac35cb8e16e4035aac09eda43c402ffa873f25b";
  const inside =
    "ip link add e0 type veth peer name e1 && ip addr add 10.77.0.2/24 dev e0 && ip link set e0 up && echo ready; exec sleep 1000";
  const script = `$| = 1; my $pid = open(my $h, "-|", "unshare", "-n", "-m", "sh", "-c", "${inside}"); print scalar <$h>; <STDIN>; kill 9, $pid`;
  const conmon = spawn("perl", ["-e", script, "--", "-c", id, "-n", "cweb"], { argv0: "/usr/bin/conmon" });
  t.teardown(async () => {
    conmon.stdin.end();
    await once(conmon, "close");
  });
  await once(conmon.stdout, "data");
  sh(
    "iptables -t nat -N CNI-DN-0123456789abcdef0123; iptables -t nat -A CNI-DN-0123456789abcdef0123 -p tcp --dport 7500 -j DNAT --to-destination 10.77.0.2:80",
  );
  const { rules: found } = await listRules(engine, { owner: "cweb" });
  t.match(found, [
    {
      owner: { program: "cni", kind: "container", name: "cweb", id },
      does: /^forward TCP port 7500 .* to 10\.77\.0\.2 port 80 \(podman container cweb\)$/,
    },
  ]);
  t.equal((await listRules(engine, { owner: "cni" })).rules.length, 1, "and of CNI");
});
