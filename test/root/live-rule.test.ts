// Rules of the firewall that change while somebody looks at what they decide, in a network namespace of its own.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { openEngine } from "../../src/engine/engine.ts";
import { type LiveExposure, watchExposure } from "../../src/engine/live/exposure.ts";
import { type PacketPath, watchPaths } from "../../src/engine/live/path.ts";
import { watchRules } from "../../src/engine/live/rule-watch.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { importBusybox } from "../fixture/import-busybox.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { sh } from "../network/lab.ts";

/** The first value in which something is so. */
async function until<T>(values: AsyncIterator<T>, isSo: (value: T) => boolean): Promise<T> {
  for (;;) {
    const { value, done } = await values.next();
    if (done) throw new Error("it ended before it was so");
    if (isSo(value)) return value;
  }
}

t.test("changes of both backends are told, looks are none", { ...needRoot, buffered: true }, async (t) => {
  const end = new AbortController();
  t.teardown(() => end.abort());
  const changes = watchRules(end.signal);
  t.notOk((await changes.next()).done, "at once");
  for (const change of [
    "iptables-nft -A INPUT -p tcp --dport 81 -j DROP",
    "ip6tables-nft -A INPUT -p tcp --dport 81 -j DROP",
    "iptables-legacy -A INPUT -p tcp --dport 81 -j DROP",
  ]) {
    const next = changes.next();
    sh(change);
    t.notOk((await next).done, change);
  }
  const next = changes.next();
  sh("iptables-nft-save -c; ip6tables-nft-save -c; iptables-legacy-save -c");
  end.abort();
  t.ok((await next).done, "ended before anything else was told");
});

const verdictOf = (paths: readonly PacketPath[], from: PacketPath["from"]) => paths.find((path) => path.from === from)?.trace?.verdict;

t.test("ways and exposure of a published port", { ...needRoot, buffered: true }, async (t) => {
  sh(
    "ip link add lan0 type veth peer name out0; ip link set out0 up; ip addr add 192.0.2.1/24 dev lan0; ip link set lan0 up; ip route add default via 192.0.2.254",
  );
  const root = makeRoot(t);
  await importBusybox(root);
  const engine = openEngine(root.path);
  t.teardown(() => engine[Symbol.dispose]());
  await root.ok(["run", "-d", "--name", "web", "-p", "8080:80", "busybox", "httpd", "-f", "-p", "80"]);
  await waitFor("httpd to listen", async () => (await root.tsns(["net", "trace", "web:80"])).code === 0);
  const end = new AbortController();
  t.teardown(() => end.abort());
  const paths = watchPaths(engine, { hostIp: "", hostPort: 8080, protocol: "tcp" }, end.signal);
  const first = await until(paths, (value) => value.length === 2);
  t.equal(verdictOf(first, "lan"), "reachable");
  const exposure = watchExposure(engine, [], end.signal);
  const lanOf = ({ ports }: LiveExposure) => ports.find(({ port }) => port === 8080)?.cells.find(({ side }) => side === "lan")?.verdict;
  await until(exposure, (value) => lanOf(value) === "reachable");
  sh("iptables-nft -I FORWARD 1 -p tcp --dport 80 -j DROP");
  const blocked = await until(paths, (value) => verdictOf(value, "lan") === "blocked");
  t.equal(blocked.length, 2, "both ways at once");
  await until(exposure, (value) => lanOf(value) === "blocked");
  end.abort();
  await root.ok(["rm", "-f", "web"]);
});
