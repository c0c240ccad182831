// Two data roots on one host, with networks and containers of the same names: apart from each other in both families, each with its ports and
// its names, and one stays as it was when the other goes.
import "../fixture/fresh-namespaces.ts";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { makeTalk, type Talk, waitForTalk } from "../matrix/talk.ts";
import { lan, openOutside, outside } from "../matrix/world.ts";
import { bridgesOf, sh } from "./network-lab.ts";

interface Side {
  readonly root: DataRoot;
  readonly pid: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A network `net` with a container `web` and one of another name, which publishes `port`. */
async function openSide(t: Test, talk: Talk, other: string, port: number): Promise<Side> {
  const root = makeRoot(t);
  await root.ok(["import", "-", "box"], { input: makeBusyboxTar([talk.entry]) });
  await root.ok(["network", "create", "--ipv6", "net"]);
  const run = (name: string, ...words: readonly string[]) =>
    root.ok([
      "run",
      "-d",
      "--name",
      name,
      "--network",
      "net",
      ...words,
      "box",
      "talk",
      "serve",
      `${name} of ${other}`,
      "tcp,*,80",
      "udp,*,80",
    ]);
  await run("web", "-p", `${port}:80`, "-p", `${port}:80/udp`);
  await run(other);
  await waitForTalk(root.ok, "web");
  const template = "{{.State.Pid}}{{range .NetworkSettings.Networks}} {{.IPAddress}} {{.GlobalIPv6Address}}{{end}}";
  const [pid = "", ipv4 = "", ipv6 = ""] = (await root.ok(["inspect", "-f", template, "web"])).split(" ");
  return { root, pid, ipv4, ipv6 };
}

/** What two protocols say, blocked ones as "". */
async function ask(talk: Talk, within: readonly string[], address: string, port: number, timeoutMs = 10_000): Promise<readonly string[]> {
  const answers = await talk.ask(
    within,
    (["tcp", "udp"] as const).map((protocol) => ({ protocol, address, port, timeoutMs })),
  );
  return answers.map((answer) => (answer.startsWith("!") ? "" : answer));
}

const names = async (root: DataRoot, name: string) => {
  const { code, stdout } = await root.tsns(["exec", "web", "nslookup", name]);
  const [, said = ""] = stdout.split(/\n\n([\s\S]*)/);
  return { code, addresses: [...said.matchAll(/^Address: (.*)$/gm)].map(([, address]) => address) };
};

t.test("two data roots", needRoot, async (t) => {
  const talk = makeTalk(t);
  const ground = await openOutside(t);
  const [one, two] = await Promise.all([openSide(t, talk, "red", 8081), openSide(t, talk, "blue", 8082)]);
  const inside = ({ pid }: Side) => ["nsenter", "-t", pid, "-n"];
  const near = ["nsenter", "-t", `${ground.lan.pid}`, "-n"];
  const both = (text: string) => [text, text];

  for (const [from, to] of [
    [one, two],
    [two, one],
  ] as const) {
    for (const family of ["ipv4", "ipv6"] as const) {
      t.same(await ask(talk, inside(from), to[family], 80, 800), ["", ""], `not by ${family} into the other's network`);
    }
  }
  for (const family of ["ipv4", "ipv6"] as const) {
    t.same(await ask(talk, near, lan[family], 8081), both(`web of red ${outside.lan[family]}`));
    t.same(await ask(talk, near, lan[family], 8082), both(`web of blue ${outside.lan[family]}`));
    t.match(await ask(talk, inside(one), lan[family], 8082), [/^web of blue /, /^web of blue /], "by its published port it does");
    t.match(await ask(talk, inside(two), lan[family], 8081), [/^web of red /, /^web of red /]);
  }
  t.same(await names(one.root, "web"), { code: 0, addresses: [one.ipv4, one.ipv6] }, "a name is that of its own root");
  t.same(await names(two.root, "web"), { code: 0, addresses: [two.ipv4, two.ipv6] });
  t.match(await names(one.root, "red"), { code: 0 });
  t.match(await names(one.root, "blue"), { code: 1, addresses: [] }, "and those of the other's are nobody's");
  t.match(await one.root.tsns(["run", "--rm", "-p", "8082:80", "box", "true"]), {
    code: 125,
    stderr: /^tsns: host port 0\.0\.0\.0:8082\/tcp is already in use by container [0-9a-f]{12} of another data root /,
  });
  t.match(await one.root.tsns(["run", "--rm", "-p", "[::1]:8082:80/udp", "--network", "net", "box", "true"]), {
    code: 125,
    stderr: /^tsns: host port \[::1\]:8082\/udp is already in use by container [0-9a-f]{12} of another data root /,
  });
  t.match(await one.root.tsns(["net", "forward", "add", "8082:10.99.0.2:80"]), { code: 1, stderr: /8082.* is already in use by / });
  t.equal(await one.root.ok(["run", "--rm", "-p", "8081-8083:80", "box", "echo", "free"]), "free", "one of a range is found");

  await one.root.ok(["system", "reset", "--force"]);
  t.equal(bridgesOf().length, 1);
  for (const family of ["ipv4", "ipv6"] as const) {
    t.same(await ask(talk, near, lan[family], 8082), both(`web of blue ${outside.lan[family]}`), "the other is as it was");
    t.same(await ask(talk, near, lan[family], 8081, 800), ["", ""]);
  }
  t.match(await ask(talk, [], "::1", 8082), [/^web of blue /, /^web of blue /]);
  t.match(await ask(talk, [], "127.0.0.1", 8082), [/^web of blue /, /^web of blue /]);
  t.match(await names(two.root, "blue"), { code: 0 });
  t.same(await two.root.tsns(["net", "drift"]), { code: 0, stdout: "", stderr: "", bytes: Buffer.alloc(0) });
  t.match(await two.root.tsns(["doctor"]), { code: 0 });
  t.equal(await two.root.ok(["run", "--rm", "-p", "8081:80", "box", "echo", "free"]), "free", "its port can be had");
  await two.root.ok(["system", "reset", "--force"]);
  t.notMatch(sh("for p in iptables ip6tables; do $p-save; done"), /tsns/i, "and of both nothing is left");
});
