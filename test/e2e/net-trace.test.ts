// A published container seen by the shipped command: traced, probed, listed as exposed, with its connections; and what is refused.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import { image, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";
import { command } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

scenario("a published container", async (t, root) => {
  execFileSync("ip", ["link", "set", "lo", "up"]);
  await root.ok(["run", "-d", "--name", "web", "-p", "8080:80", "-p", "127.0.0.1:8081:80", image, "httpd", "-f", "-p", "80"]);
  await root.ok(["run", "-d", "--name", "peer", image, "sleep", "1000"]);
  await root.ok(["run", "-d", "--name", "idle", image, "sleep", "1000"]);
  const address = await root.ok(["inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "web"]);
  await waitFor("httpd to listen", async () => (await root.tsns(["net", "trace", "web:80"])).code === 0);

  const live = async (...words: readonly string[]) => JSON.parse((await root.tsns(["net", "trace", "--live", "--json", ...words])).stdout);
  t.match(await live("127.0.0.1:8080"), {
    verdict: "reachable",
    reason: /^container web listens on /,
    live: { outcome: "connected", agrees: "yes" },
  });
  const hairpin = await live("peer", "to", `${address.replace(/\.\d+$/, ".1")}:8080`);
  t.match(hairpin, { from: "container peer", verdict: "reachable", live: { outcome: "connected", agrees: "yes" } });
  t.ok(
    hairpin.live.counted.some(
      (entry: { traced: boolean; rule: { args: string[] } }) => entry.traced && entry.rule.args.includes(`${address}:80`),
    ),
    "the rule that was traced has counted the probe",
  );
  t.match(await live("web", "->", `${address.replace(/\.\d+$/, ".1")}:8080`), { verdict: "reachable", live: { agrees: "yes" } }, "itself");
  t.match(await live("web:79"), {
    verdict: "blocked",
    reason: "nothing in container web listens on tcp port 79",
    live: { outcome: "ECONNREFUSED" },
  });

  const text = await root.tsns(["net", "trace", "web"]);
  t.match(text, {
    code: 0,
    stdout: /^host -> \S+:80\/tcp \(container web\)\n(.|\n)*the answer:\n(.|\n)*\nreachable: container web listens on /,
  });

  const rows = JSON.parse(await root.ok(["net", "exposed", "--json", "--from", "host"]));
  t.match(
    rows.find((row: { port: number }) => row.port === 8080),
    { protocol: "tcp", owner: "container web", to: `${address}:80`, from: { host: { verdict: "reachable" } } },
  );
  t.match((await root.tsns(["net", "exposed", "--fail-on", "host", "-q"])).code, 1);
  t.match((await root.tsns(["net", "exposed", "--from", "internet,host", "--fail-on", "reachable", "-q"])).code, 1);
  t.match((await root.tsns(["net", "exposed", "--from", "internet", "--fail-on", "reachable", "-q"])).code, 0, "only sides looked from");
  const open = (await root.ok(["net", "exposed", "-q", "--from", "host"])).split("\n");
  t.ok(open.includes("8080/tcp") && new Set(open).size === open.length, "open ones, each once");
  t.equal(await root.ok(["net", "exposed", "-q", "--from", "internet"]), "", "blocked ones are not listed");
  t.match(await root.ok(["net", "exposed", "--from", "internet"]), /8080\/tcp/, "but for people");
  t.match((await root.tsns(["net", "exposed", "--fail-on", "internet", "-q"])).code, 0, "no default route: nobody comes from there");

  const flows = JSON.parse(await root.ok(["net", "flows", "web", "--json"]));
  t.ok(flows.length > 0);
  t.same(JSON.parse(await root.ok(["net", "flows", "idle", "--json"])), [], "what goes over the host's loopback is not every container's");
  t.match(await root.tsns(["net", "trace", "peer -> web:80"]), { code: 0, stdout: /^container peer -> / }, "one word of three");
  t.match(
    flows.find((flow: { client: string; destinationRule?: unknown }) => flow.client === "container peer" && flow.destinationRule),
    {
      protocol: "tcp",
      server: "container web",
      destinationRule: { command: "iptables", table: "nat" },
      sourceRule: { args: /MASQUERADE/ },
    },
  );
  t.equal(await root.ok(["net", "flows", "--flush-stale", "--dry-run"]), "", "nothing is stale while both run");
  t.ok((await pidOf(root, "web")) > 0);
  await root.ok(["rm", "-f", "peer"]);
  const script = await root.ok(["net", "flows", "--flush-stale", "--explain=sh", "--dry-run"]);
  t.match(script, /^conntrack -D -f ipv4 -p tcp -s /m);
  execFileSync("sh", ["-c", script], { stdio: "ignore" });
  t.equal(await root.ok(["net", "flows", "--flush-stale", "--dry-run"]), "", "the script has forgotten them");
});

scenario("what is refused", async (t, root) => {
  const fails = async (args: readonly string[], code: number, stderr: RegExp) =>
    t.match(await root.tsns(["net", ...args]), { code, stderr }, args.join(" "));
  await root.ok(["run", "-d", "--name", "alone", "--network", "none", image, "sleep", "1000"]);
  await fails(["trace", "alone:80"], 1, /^tsns: container alone has no address \(a container of --network none/);
  await fails(["trace", "nobody-there:x"], 2, /^tsns: "nobody-there:x" is no HOST:PORT/);
  await fails(["trace", "10.0.0.1"], 2, /^tsns: no port in "10\.0\.0\.1"/);
  await fails(["trace", "no-such-container"], 1, /^tsns: "no-such-container" is no running container/);
  await fails(["trace", "--from", "no-such", "127.0.0.1:1"], 1, /^tsns: "no-such" is no running container, pid, path/);
  await fails(["trace", "--from", "internet", "127.0.0.1:1"], 1, /^tsns: this host has no default route/);
  await fails(["trace", "a", "b", "c"], 2, /^tsns: write: tsns net trace/);
  await fails(["trace", "10.0.0.2", "-"], 2, /^tsns: the shell took the > of -> for itself: write '->' in quotes/);
  await fails(["trace", "no-such->127.0.0.1:1"], 1, /^tsns: "no-such" is no running container, pid, path/);
  await fails(["trace", "-p", "icmp", "127.0.0.1:1"], 2, /icmp/);
  await fails(["exposed", "--from", "moon"], 2, /^tsns: "moon" is no side to look from/);
  await fails(["flows", "no-such-container"], 1, /^tsns: no running container no-such-container/);
  for (const words of [["trace", "127.0.0.1:1"], ["exposed"], ["flows"]]) {
    const said = execFileSync(
      "sh",
      ["-c", 'setpriv --reuid 65534 --clear-groups "$@" 2>&1 || echo "status $?"', "sh", command, "net", ...words],
      {
        encoding: "utf8",
        env: { ...process.env, TSNS_ROOT: `${root.path}/none` },
      },
    );
    t.match(said, /^tsns: cannot .* are not yours to see \(run as root \(CAP_NET_ADMIN\)\)\nstatus 1\n$/, words.join(" "));
  }
});
