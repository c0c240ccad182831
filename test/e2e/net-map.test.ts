// The map of networks by the shipped command: in the terminal, as JSON, as a file; what is refused leaves no file.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

scenario("networks with their containers", async (t, root) => {
  execFileSync("ip", ["link", "set", "lo", "up"]);
  const folder = mkdtempSync(`${tmpdir()}/tsns-map-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  await root.ok(["network", "create", "--internal", "back"]);
  await root.ok(["run", "-d", "--name", "db", "--network", "back", image, "sleep", "1000"]);
  await root.ok(["run", "-d", "--name", "web", "-p", "127.0.0.1:9000-9009:9000-9009", image, "sleep", "1000"]);
  await root.ok(["run", "-d", "--name", "beside", "--network", "container:web", image, "sleep", "1000"]);
  await root.ok(["run", "-d", "--name", "bare", "--network", "host", image, "sleep", "1000"]);
  execFileSync("ip", ["link", "add", "byhand0", "type", "bridge"]);

  const map = JSON.parse(await root.ok(["net", "map", "--format", "json"]));
  const named = (name: string) => map.networks.find((network: { name: string }) => network.name === name);
  t.match(named("back"), { engine: "tsns", internal: true, present: true, members: [{ name: "db", link: "eth0", shared: [] }] });
  t.match(named("bridge").members, [{ name: "web", ports: ["127.0.0.1:9000-9009 → 9000-9009/tcp"], shared: ["beside"] }]);
  t.same([map.onHost, map.networks.length], [["bare"], 2]);

  const picture = await root.ok(["net", "map"]);
  t.match(picture, /├┄┄┤ .*\n(.*\n)*.*● db {2}eth0 {2}[\d.]+ /);
  t.match(picture, /● web {2}eth0 {2}[\d.]+ {2}◀── 127\.0\.0\.1:9000-9009 → 9000-9009\/tcp/);
  t.notMatch(await root.ok(["net", "map", "back"]), /web|bare/, "one network alone");
  t.match(await root.ok(["net", "map", "--all"]), /nobody's ── bridge byhand0/);

  await root.ok(["net", "map", "--svg", "map.svg"], { cwd: folder });
  const svg = readFileSync(`${folder}/map.svg`, "utf8");
  t.match(svg, /^<svg .*class="card".*<\/svg>\n$/s);
  t.equal(await root.ok(["net", "map", "--svg", "-"]), svg.trimEnd());

  t.match(await root.tsns(["net", "map", "--svg", `${folder}/no/map.svg`]), { code: 1, stderr: /no\/map\.svg/ });
  t.match(await root.tsns(["net", "map", "--svg", "other.svg", "nope"], { cwd: folder }), { code: 1, stderr: /network nope not found/ });
  t.match(await root.tsns(["net", "map", "--svg", "other.svg", "--json"], { cwd: folder }), { code: 2, stderr: /--svg/ });
  t.notOk(existsSync(`${folder}/other.svg`));
  t.same(readdirSync(folder), ["map.svg"]);
  await root.ok(["rm", "-f", "db", "web", "beside", "bare"]);
});

scenario("a container on two networks of both families, as the toolkit sees it", async (t, root) => {
  execFileSync("ip", ["link", "add", "up0", "type", "veth", "peer", "name", "up1"]);
  for (const words of [
    "link set up1 up",
    "link set up0 up",
    "addr add 198.51.100.10/24 dev up0",
    "addr add 2001:db8:1::10/64 dev up0 nodad",
  ])
    execFileSync("ip", words.split(" "));
  await root.ok(["network", "create", "--ipv6", "both"]);
  await root.ok(["network", "create", "--internal", "inner"]);
  const web = ["-p", "8080:80", "-p", "9000-9099:9000-9099", image, "httpd", "-f", "-p", "80"];
  await root.ok(["run", "-d", "--name", "web", "--network", "both", "--network", "inner", ...web]);
  await root.ok(["run", "-d", "--name", "db", "--network", "inner", image, "sleep", "1000"]);
  await waitFor("httpd to listen", async () => (await root.tsns(["net", "trace", "web:80"])).code === 0);
  const trace = async (...words: readonly string[]) => JSON.parse((await root.tsns(["net", "trace", "--json", ...words])).stdout);
  t.match(await trace("--live", "db", "to", "web:80"), { verdict: "reachable", live: { outcome: "connected", agrees: "yes" } });
  for (const to of ["198.51.100.10:8080", "[2001:db8:1::10]:8080"]) {
    t.match(await trace("--from", "lan", to), { verdict: "reachable" }, to);
    t.match(
      await trace("--live", "web", "to", to),
      { verdict: "reachable", live: { outcome: "connected", agrees: "yes" } },
      `itself by ${to}`,
    );
    t.match(await trace("db", "to", to), { verdict: "blocked" }, `no way out by ${to}`);
  }
  t.match(await trace("--live", "[::1]:8080"), { verdict: "reachable", live: { outcome: "connected", agrees: "yes" } }, "the host by ::1");
  t.match(
    await trace("--live", "db", "to", "127.0.0.11:53"),
    { verdict: "reachable", live: { outcome: "connected", agrees: "yes" } },
    "names",
  );
  const rows: { port: number; lastPort?: number; address: string; owner: string; from: Record<string, { verdict: string }> }[] = JSON.parse(
    await root.ok(["net", "exposed", "--json", "--from", "lan"]),
  );
  const own = rows.filter(({ owner }) => owner === "container web");
  t.same(
    own.map(({ port, lastPort, address, from }) => [port, lastPort, address, from.lan?.verdict]),
    [
      [8080, undefined, "0.0.0.0", "reachable"],
      [8080, undefined, "::", "reachable"],
      [9000, 9099, "0.0.0.0", "blocked"],
      [9000, 9099, "::", "blocked"],
    ],
  );
  t.match(await root.ok(["ps", "--format", "{{.Names}} {{.Networks}}"]), /^web both,inner$/m);
  t.equal(await root.ok(["doctor"]), "nothing is left over");
  await root.ok(["rm", "-f", "db", "web"]);
});
