// Which rules rewrote a connection, over podman's recorded rules: a mark that nothing sets decides nothing.
import { readFileSync } from "node:fs";
import t from "tap";
import { parseFlows } from "../../../src/network/flow/flow.ts";
import { rulesOfFlow } from "../../../src/network/flow/view.ts";
import { makeWorld } from "../trace/world.ts";

const rules = readFileSync(`${import.meta.dirname}/../../kernel/iptables/podman-nft.rules`, "utf8");
const { host } = makeWorld({ rules, bridge: "podman0", gateway: "10.88.0.1", container: "10.88.0.2" });

function chainsOf(line: string) {
  const [flow] = parseFlows(line);
  if (!flow) throw new Error("no connection in the line");
  const { destination, source } = rulesOfFlow(host, flow);
  return { destination: destination?.chain, source: source?.chain };
}

t.test("a container's way out is its network's rule, not the one for marked packets before it", async (t) => {
  const line =
    "ipv4     2 tcp      6 110 TIME_WAIT src=10.88.0.2 dst=198.51.100.7 sport=40000 dport=443 src=198.51.100.7 dst=192.0.2.10 sport=443 dport=40000 [ASSURED] mark=0 use=1";
  const { destination, source } = chainsOf(line);
  t.equal(destination, undefined);
  t.match(source, /^NETAVARK-[0-9A-F]+$/);
});

t.test("what a rule has marked is", async (t) => {
  const line =
    "ipv4     2 tcp      6 110 TIME_WAIT src=127.0.0.1 dst=127.0.0.1 sport=40000 dport=8080 src=10.88.0.2 dst=10.88.0.1 sport=80 dport=40000 [ASSURED] mark=0 use=1";
  const { destination, source } = chainsOf(line);
  t.match(destination, /^NETAVARK-DN-/);
  t.equal(source, "NETAVARK-HOSTPORT-MASQ");
});
