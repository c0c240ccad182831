// Conversations by UDP that go on while the container behind a published port ends, starts anew, is replaced or changes its network: the
// kernel remembers where packets of a conversation went, and would go on sending them there.
import "../fixture/fresh-namespaces.ts";
import { type ChildProcess, spawn } from "node:child_process";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { makeTalk } from "../matrix/talk.ts";
import { lan, openOutside } from "../matrix/world.ts";
import { sh } from "./network-lab.ts";

/** Says something every 50 ms from a port that stays the same, and prints each answer. */
const steady = `
const [host, port, own] = process.argv.slice(1);
const socket = require("node:dgram").createSocket(host.includes(":") ? "udp6" : "udp4");
socket.on("message", (said) => process.stdout.write(said + "\\n")).on("error", () => {});
socket.bind(Number(own), () => setInterval(() => socket.send("?", Number(port), host), 50));`;

interface Speaker {
  /** The last answer. */
  heard(): string;
  forget(): void;
}

function speak(t: Test, within: readonly string[], host: string, port: number, own: number): Speaker {
  const [program = "", ...words] = [...within, process.execPath, "-e", steady, host, `${port}`, `${own}`];
  const child: ChildProcess = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  t.teardown(() => child.kill("SIGKILL"));
  let last = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    last = text.trim().split("\n").at(-1) ?? last;
  });
  return {
    heard: () => last,
    forget: () => {
      last = "";
    },
  };
}

t.test("a conversation follows what is published", needRoot, async (t) => {
  const talk = makeTalk(t);
  const ground = await openOutside(t);
  const root = makeRoot(t);
  await root.ok(["import", "-", "box"], { input: makeBusyboxTar([talk.entry]) });
  for (const [number, name] of ["one", "two"].entries())
    await root.ok(["network", "create", "--ipv6", "--subnet", `10.171.${number}.0/24`, "--subnet", `fd17:${number}::/64`, name]);
  const serve = (name: string, ...words: readonly string[]) =>
    root.ok(["run", "-d", "--name", name, "--network", "one", ...words, "box", "talk", "serve", name, "udp,*,53"]);
  await serve("peer");
  const peer = await root.ok(["inspect", "-f", "{{.State.Pid}}", "peer"]);
  const near = ["nsenter", "-t", `${ground.lan.pid}`, "-n"];
  const inside = ["nsenter", "-t", peer, "-n"];
  // They speak before anybody listens, and without a pause: nothing that the kernel remembers of them ends by itself.
  const speakers: Readonly<Record<string, Speaker>> = {
    "the LAN": speak(t, near, lan.ipv4, 5300, 4701),
    "the LAN by IPv6": speak(t, near, lan.ipv6, 5300, 4702),
    "the host by its address": speak(t, [], lan.ipv4, 5300, 4703),
    "the host by 127.0.0.1": speak(t, [], "127.0.0.1", 5300, 4704),
    "the host by ::1": speak(t, [], "::1", 5300, 4705),
    "a container": speak(t, inside, lan.ipv4, 5300, 4706),
    "a container by IPv6": speak(t, inside, lan.ipv6, 5300, 4707),
  };
  async function expectAll(t: Test, name: string, what: string): Promise<void> {
    for (const speaker of Object.values(speakers)) speaker.forget();
    const silent = () => Object.entries(speakers).flatMap(([who, { heard }]) => (heard().startsWith(`${name} `) ? [] : [who]));
    await waitFor(
      () => `${name} to answer ${silent().join(", ")}`,
      () => silent().length === 0,
    );
    t.match(speakers["the LAN"]?.heard(), `${name} 10.99.0.2`, what);
  }
  const publish = ["-p", "5300:53/udp"];
  await serve("web", ...publish);
  await expectAll(t, "web", "who spoke before it was published");
  await root.ok(["restart", "-t", "0", "web"]);
  await expectAll(t, "web", "after a restart");
  await root.ok(["network", "connect", "two", "web"]);
  await root.ok(["network", "disconnect", "one", "web"]);
  await expectAll(t, "web", "from another network");
  await root.ok(["kill", "web"]);
  await serve("next", ...publish, "--ip", "10.171.0.77", "--ip6", "fd17::77");
  await expectAll(t, "next", "by its successor");
  process.kill(Number(await root.ok(["inspect", "-f", "{{.State.Pid}}", "next"])), "SIGKILL");
  await waitFor("its end", async () => (await root.ok(["inspect", "-f", "{{.State.Running}}", "next"])) === "false");
  await root.ok(["rm", "next"]);
  await root.ok(["start", "web"]);
  await expectAll(t, "web", "started again");
  await root.ok(["rm", "-f", "web"]);
  t.notMatch(
    sh("conntrack -L -p udp 2>/dev/null; conntrack -L -f ipv6 -p udp 2>/dev/null"),
    /dport=5300 .*src=(10\.171|fd17)/,
    "forgotten",
  );
});

t.test("and what net forward makes and takes away", needRoot, async (t) => {
  const talk = makeTalk(t);
  const ground = await openOutside(t);
  const root = makeRoot(t);
  await root.ok(["import", "-", "box"], { input: makeBusyboxTar([talk.entry]) });
  await root.ok(["network", "create", "--subnet", "10.171.8.0/24", "net"]);
  for (const [number, name] of ["one", "two"].entries())
    await root.ok([
      ...["run", "-d", "--name", name, "--network", "net", "--ip", `10.171.8.${number + 2}`],
      ...["box", "talk", "serve", name, "udp,*,53"],
    ]);
  const speakers = [
    speak(t, ["nsenter", "-t", `${ground.lan.pid}`, "-n"], lan.ipv4, 5301, 4711),
    speak(t, [], lan.ipv4, 5301, 4712),
    speak(t, [], "127.0.0.1", 5301, 4713),
  ];
  for (const [number, name] of ["one", "two"].entries()) {
    const forward = await root.ok(["net", "forward", "add", `5301:10.171.8.${number + 2}:53/udp`]);
    await waitFor(`${name} to answer`, () => speakers.every(({ heard }) => heard().startsWith(`${name} `)));
    await root.ok(["net", "forward", "del", forward]);
    t.notMatch(sh("conntrack -L -p udp 2>/dev/null"), /dport=5301 .*src=10\.171\.8/, `${name} is asked no more`);
  }
});
