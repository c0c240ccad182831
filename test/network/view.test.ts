// `net show` from recorded facts of a bridge with one container, as text, JSON's values and by rates; whose bridges are.
import { readFileSync } from "node:fs";
import t from "tap";
import { bridgeListing, renderMacs, rowsOf } from "../../cmds/net/bridge-table.ts";
import { renderListing } from "../../src/base/listing.ts";
import { readDockerNetworks } from "../../src/kernel/network/bridge-name.ts";
import { parseSeconds, parseSwitch, parseWhole } from "../../src/network/bridge-option.ts";
import { ownerOfBridge, parseDnsmasqFile, parseDockerNetworks, parseNetworkFile } from "../../src/network/bridge-owner.ts";
import { parsePortFacts } from "../../src/network/port-fact.ts";
import { viewBridges, withRates } from "../../src/network/view.ts";

const network = parsePortFacts(readFileSync(new URL("fixture/port-facts.txt", import.meta.url), "latin1"));
const owner = { engine: "docker", name: "web", id: "1f2e3d4c5b6a".padEnd(64, "0"), pid: 812 } as const;
const owners = {
  ofProcess: ({ cgroups, command }: { cgroups: string; command: string }) =>
    cgroups.startsWith("0::/docker/1f2e") && command === "sleep" ? owner : undefined,
  ofBridge: () => ({ engine: "docker", name: "bridge", id: "", pid: 0 }) as const,
};

t.test("a port and the container behind it", async (t) => {
  const [bridge, ...others] = viewBridges(network, owners);
  t.same(others, []);
  t.match(bridge, { name: "br0", id: "8000.229a08895914", up: true, addresses: ["10.1.2.1/24"], owner: { engine: "docker" } });
  t.match(bridge?.ports, [
    {
      name: "v1",
      number: 1,
      state: "forwarding",
      hairpin: true,
      isolated: true,
      counters: { rxBytes: 90, txBytes: 254, rxPackets: 1, txPackets: 3 },
      peer: { owner, label: "docker:web", pid: 812, link: "p1", mac: "c6:d5:0a:73:99:36", addresses: ["10.1.2.3/24"] },
    },
  ]);
  t.same(viewBridges(network, owners, "other"), []);
});

t.test("a namespace that nobody is in", async (t) => {
  const named = new Map([[0, { inode: 7, pid: 0, name: "blue", command: "", cgroups: "", parentPid: 0 }]]);
  const label = (namespaces: typeof named) => viewBridges({ ...network, namespaces }, owners)[0]?.ports[0]?.peer?.label;
  t.equal(label(named), "netns blue");
  t.equal(label(new Map()), "unknown");
});

t.test("the table, and templates", async (t) => {
  const rows = rowsOf(viewBridges(network, owners));
  const table = await renderListing(bridgeListing({ rates: false, repeat: false }), rows);
  t.match(table, /^BRIDGE +BRIDGE ID +OWNER .* DROPPED\n/);
  t.match(
    table,
    /br0 .* docker:bridge +10\.1\.2\.1\/24 +no +v1 +forwarding +docker:web +1f2e3d4c5b6a +p1 +10\.1\.2\.3\/24 +c6:.* hairpin,isolated +0\n$/,
  );
  const listing = bridgeListing({ rates: false, repeat: true });
  t.equal(await renderListing(listing, rows, { format: "{{.Bridge}} {{.Port}} {{.RxBytes}} {{.PID}}" }), "br0 v1 90 812\n");
});

t.test("rates", async (t) => {
  const before = [
    { index: 4, counters: { rxBytes: 0, txBytes: 254, rxPackets: 0, txPackets: 1, rxErrors: 0, txErrors: 0, rxDropped: 0, txDropped: 0 } },
  ];
  const [bridge] = withRates(before, viewBridges(network, owners), 2);
  t.same(bridge?.ports[0]?.rates, {
    rxBytesPerSecond: 45,
    txBytesPerSecond: 0,
    rxPacketsPerSecond: 1,
    txPacketsPerSecond: 1,
    droppedPerSecond: 0,
  });
  t.equal(withRates([], viewBridges(network, owners), 2)[0]?.ports[0]?.rates, undefined, "a port that was not there has none");
});

t.test("whose bridges are", async (t) => {
  const word = (name: string, networks = [] as Parameters<typeof ownerOfBridge>[1]) => {
    const found = ownerOfBridge(name, networks);
    return found && `${found.engine}:${found.name}`;
  };
  t.equal(word("docker0"), "docker:bridge");
  t.equal(word("br-0123456789ab"), "docker:0123456789ab");
  t.equal(word("br-lan"), undefined);
  t.equal(word("podman1"), "podman:podman1");
  t.equal(word("virbr0"), "libvirt:default");
  t.equal(word("tsns0"), "tsns:tsns0");
  t.equal(word("podman1", [{ engine: "podman", bridge: "podman1", network: "shop" }]), "podman:shop", "files know better than names");
  t.same(parseNetworkFile('{"name":"shop","network_interface":"podman1"}'), { engine: "podman", bridge: "podman1", network: "shop" });
  t.match(parseNetworkFile('{"name":"old","plugins":[{"type":"bridge","bridge":"cni-podman1"}]}'), { bridge: "cni-podman1" });
  t.equal(parseNetworkFile("[]"), undefined);
  const NetworkID = "0123456789ab".padEnd(64, "c");
  const docker = parseDockerNetworks(
    JSON.stringify({ Name: "/web", NetworkSettings: { Networks: { shop: { NetworkID }, none: { NetworkID: "" } } } }),
  );
  t.same(docker, [{ engine: "docker", bridge: "br-0123456789ab", network: "shop" }]);
  t.equal(word("br-0123456789ab", docker), "docker:shop");
  for (const text of ["", "{}", '{"NetworkSettings":{"Networks":[]}}', '{"NetworkSettings":{"Networks":{"a":1}}}']) {
    t.same(parseDockerNetworks(text), [], text);
  }
  const folder = t.testdir({
    links: { "br-0123456789ab": {}, docker0: {} },
    containers: { one: { "config.v2.json": JSON.stringify({ NetworkSettings: { Networks: { shop: { NetworkID } } } }) }, two: {} },
  });
  t.same(readDockerNetworks(`${folder}/containers`, `${folder}/links`), docker);
  t.same(readDockerNetworks(`${folder}/containers`, `${folder}/containers`), [], "no such bridge: nothing is read");
  t.same(readDockerNetworks(`${folder}/none`, `${folder}/links`), []);
  t.match(parseDnsmasqFile("lab", "strict-order\ninterface=virbr7\n"), { engine: "libvirt", bridge: "virbr7", network: "lab" });
});

t.test("brctl's operands", async (t) => {
  const bounds = { what: "forward delay", least: 1, most: 30 };
  t.same(
    ["1", "4.5", "10.567", "30"].map((text) => parseSeconds(text, bounds)),
    [100, 450, 1056, 3000],
  );
  for (const text of ["", "0", "0.99", "30.01", "1,5", "5s", "-1", "1e1", " 2"]) {
    t.throws(() => parseSeconds(text, bounds), { code: "bad-operand", exitCode: 2 }, JSON.stringify(text));
  }
  t.same(
    ["0", "0x10", "65535"].map((text) => parseWhole(text, { what: "n", least: 0, most: 65535 })),
    [0, 16, 65535],
  );
  t.throws(() => parseWhole("65536", { what: "n", least: 0, most: 65535 }), { code: "bad-operand" });
  t.same(["on", "yes", "1", "off", "no", "0"].map(parseSwitch), [1, 1, 1, 0, 0, 0]);
  t.throws(() => parseSwitch("ON"), { code: "bad-operand", exitCode: 2 });
});

t.test("brctl's table of addresses", async (t) => {
  const entry = { bridgeIndex: 2, linkIndex: 4, mac: "02:00:00:00:00:99", local: false, fixed: false, ageCentiseconds: 123_456 };
  const port = { index: 4, name: "v1", kind: "veth", mac: "", mtu: 1500, up: true, operationalState: 6 };
  t.equal(renderMacs([port], [entry]), "port no\tmac addr\t\tis local?\tageing timer\n  0\t02:00:00:00:00:99\tno\t\t1234.56\n");
});
