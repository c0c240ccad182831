// The one address that a port is published on, of each kind, and who asks by another one.
import "../fixture/fresh-namespaces.ts";
import t from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { makeTalk, type Question, waitForTalk } from "../matrix/talk.ts";
import { lan, openOutside } from "../matrix/world.ts";
import { sh } from "./network-lab.ts";

const ports = { every: 8090, ipv4: 8091, ipv6: 8092, loopback: 8093, second: 8094 } as const;

/** Who asks by which address on which port, and what is seen; "" is no answer. */
const cells: readonly (readonly [from: "host" | "lan" | "peer", address: string, port: keyof typeof ports, seen: string])[] = [
  ["host", "127.0.0.1", "every", "gateway"],
  ["host", "127.8.9.10", "every", "gateway"],
  ["host", "10.99.0.9", "every", lan.ipv4],
  ["host", "127.0.0.1", "ipv4", "gateway"],
  ["host", "::1", "ipv4", ""],
  ["lan", lan.ipv4, "ipv4", "10.99.0.2"],
  ["lan", lan.ipv6, "ipv4", ""],
  ["peer", lan.ipv6, "ipv4", ""],
  ["host", "::1", "ipv6", "fd74:736e:7300::1"],
  ["host", "127.0.0.1", "ipv6", ""],
  ["lan", lan.ipv6, "ipv6", "fd99::2"],
  ["lan", lan.ipv4, "ipv6", ""],
  ["peer", lan.ipv4, "ipv6", ""],
  ["host", "127.0.0.2", "loopback", "gateway"],
  ["host", "127.0.0.1", "loopback", ""],
  ["host", lan.ipv4, "loopback", ""],
  ["lan", lan.ipv4, "loopback", ""],
  ["peer", lan.ipv4, "loopback", ""],
  ["host", "10.99.0.9", "second", lan.ipv4],
  ["lan", "10.99.0.9", "second", "10.99.0.2"],
  ["peer", "10.99.0.9", "second", "gateway"],
  ["host", lan.ipv4, "second", ""],
  ["lan", lan.ipv4, "second", ""],
  ["peer", lan.ipv4, "second", ""],
];

t.test("published on one address", needRoot, async (t) => {
  const talk = makeTalk(t);
  const ground = await openOutside(t);
  sh("ip addr add 10.99.0.9/24 dev lan0");
  const root = makeRoot(t);
  await root.ok(["import", "-", "box"], { input: makeBusyboxTar([talk.entry]) });
  await root.ok(["network", "create", "--ipv6", "--subnet", "10.171.5.0/24", "--subnet", "fd17:5::/64", "net"]);
  const at = { every: "", ipv4: "0.0.0.0:", ipv6: "[::]:", loopback: "127.0.0.2:", second: "10.99.0.9:" } as const;
  const words = (Object.keys(ports) as (keyof typeof ports)[]).flatMap((port) =>
    ["tcp", "udp"].flatMap((protocol) => ["-p", `${at[port]}${ports[port]}:80/${protocol}`]),
  );
  const run = ["run", "-d", "--network", "net"];
  await root.ok([...run, "--name", "web", ...words, "box", "talk", "serve", "web", "tcp,*,80", "udp,*,80"]);
  await waitForTalk(root.ok, "web");
  await root.ok([...run, "--name", "peer", "box", "sleep", "100000"]);
  const enter = (pid: string | number) => ["nsenter", "-t", `${pid}`, "-n"];
  const within = { host: [], lan: enter(ground.lan.pid), peer: enter(await root.ok(["inspect", "-f", "{{.State.Pid}}", "peer"])) };
  for (const protocol of ["tcp", "udp"] as const) {
    for (const from of ["host", "lan", "peer"] as const) {
      const own = cells.filter(([who]) => who === from);
      const questions = own.map(
        ([, address, port, seen]): Question => ({ protocol, address, port: ports[port], timeoutMs: seen === "" ? 800 : 10_000 }),
      );
      const answers = (await talk.ask(within[from], questions)).map((answer) =>
        answer.startsWith("!") ? "" : answer.replace(/^web /, ""),
      );
      const gateway = (seen: string) => (seen === "gateway" ? "10.171.5.1" : seen);
      t.same(
        Object.fromEntries(own.map(([, address, port], index) => [`${port} by ${address}`, answers[index]])),
        Object.fromEntries(own.map(([, address, port, seen]) => [`${port} by ${address}`, gateway(seen)])),
        `${from}, ${protocol}`,
      );
    }
  }
  await root.ok(["rm", "-f", "web"]);
});
