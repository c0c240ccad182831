// Ports of containers without IPv6 over IPv6: what the monitor passes on, to whom, and what is left when it goes.
import "../fixture/fresh-namespaces.ts";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import t from "tap";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { ask, askFrom, askFromInVain, askInVain, importBox, openNeighbour, serve, sh } from "./network-lab.ts";

const borrowed = ["-v", "/usr:/usr:ro", "-v", "/usr/lib:/lib:ro", "-v", "/usr/lib64:/lib64:ro"];
const relayStart = "fd74:736e:7301:";
const addresses = () => sh(`ip -6 -o address show dev lo | grep -c ${relayStart} || true`).trim();
const portRules = () => sh("ip6tables-save -t nat | grep -- --dport || true").trim();
const own = "fd99::1";

/** Echoes on 90 until the end; on 91 ends first, then counts what still comes; 92 is listened on, and nobody takes connections. */
const talker = `use IO::Socket::INET; $SIG{CHLD} = "IGNORE";
my $full = IO::Socket::INET->new(LocalPort => 92, Listen => 4096) or die;
my %s = map { $_ => IO::Socket::INET->new(LocalPort => $_, Listen => 99, ReuseAddr => 1) } 90, 91;
if (!fork) { while (my $c = $s{91}->accept) { print $c "first\\n"; $c->flush; shutdown $c, 1; my ($n, $b) = (0); while (my $r = sysread $c, $b, 65536) { $n += $r }
  open my $f, ">", "/got"; print $f $n; close $f; close $c } exit }
while (my $c = $s{90}->accept) { next if fork; my $b; while (my $n = sysread $c, $b, 65536) { my $at = 0; $at += syswrite $c, $b, $n - $at, $at while $at < $n } exit }`;

const scenario = (name: string, body: (t: import("tap").Test, root: DataRoot) => Promise<void>) =>
  t.test(name, { ...needRoot, buffered: true }, async (t) => {
    const root = makeRoot(t);
    await importBox(root);
    await body(t, root);
  });

/** Everything a connection brings, once it has ended; `error`: how. */
function conversation(host: string, port: number, chunks: readonly Buffer[]): Promise<{ bytes: number; hash: string; error?: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  return new Promise((done) => {
    let error: string | undefined;
    const socket = connect({ host, port, allowHalfOpen: true });
    socket.on("data", (chunk) => {
      bytes += chunk.length;
      hash.update(chunk);
    });
    socket.on("error", (fault: NodeJS.ErrnoException) => {
      error = fault.code;
    });
    socket.on("close", () => done({ bytes, hash: hash.digest("hex"), ...(error === undefined ? {} : { error }) }));
    const next = (at: number): void => {
      const chunk = chunks[at];
      if (chunk) socket.write(chunk, () => next(at + 1));
      else socket.end();
    };
    next(0);
  });
}

/** Says ten thousand bytes to one caller, and ends. */
const once = `use IO::Socket::INET; my $s = IO::Socket::INET->new(LocalPort => 90, Listen => 9) or die; my $c = $s->accept; syswrite $c, "x" x 10000`;

const talk = async (root: DataRoot, words: readonly string[]) => {
  await root.ok(["run", "-d", "--name", "talk", ...borrowed, ...words, "box", "/usr/bin/perl", "-e", talker]);
  await waitFor("the container to answer", async () => (await conversation("127.0.0.1", 9090, [Buffer.from("x")])).bytes === 1);
};

scenario("who reaches it by IPv6, and by which address", async (t, root) => {
  const neighbour = openNeighbour(t);
  sh(`ip -6 addr add ${own}/64 nodad dev lan0; ${neighbour.within.join(" ")} ip -6 addr add fd99::2/64 nodad dev lan1
    ${neighbour.within.join(" ")} ip -6 route add default via ${own}`);
  const words = ["-p", "8080:80", "-p", "[::1]:8081:81", "-p", "5300:53/udp", "-p", `[${own}]:8082:80`, "-p", "127.0.0.1:8083:80"];
  await serve(root, "web", [...words, "-p", "20000-20999:20000-20999"]);
  const gateway = sh("ip -o -4 addr show").match(/(10\S+)\/\d+ .*tsns-/)?.[1] ?? "";
  t.equal(portRules().split("\n").length, 5, "a rule each, the thousand ports too");
  for (const [protocol, host, port] of [
    ["tcp", "::1", 8080],
    ["tcp", own, 8080],
    ["tcp", "::1", 8081],
    ["tcp", own, 8082],
    ["udp", "::1", 5300],
    ["udp", own, 5300],
  ] as const)
    t.equal(await ask(protocol, host, port), `web ${gateway}`, `${protocol} ${host} ${port}`);
  t.equal(await ask("tcp", own, 8080, neighbour.within), `web ${gateway}`, "a neighbour");
  t.equal(await ask("udp", own, 5300, neighbour.within), `web ${gateway}`, "a neighbour's datagram");
  t.equal(await ask("tcp", own, 8082, neighbour.within), `web ${gateway}`);
  t.equal(await askInVain("tcp", own, 8081, neighbour.within), "", "not what is on ::1");
  t.equal(await askInVain("tcp", "::1", 8082), "", "not by another address");
  t.equal(await askInVain("tcp", "::1", 8083), "", "127.0.0.1 is IPv4 alone");
  const relay = sh(`ip -6 -o address show dev lo`).match(/fd74:736e:7301:[^/]*/)?.[0] ?? "";
  t.equal(await askInVain("tcp", relay, 61054), "", "nobody asks the monitor itself");
  t.equal(await askInVain("tcp", relay, 61054, neighbour.within), "");
  t.equal((await conversation("::1", 20500, [Buffer.from("x")])).error, "ECONNRESET", "where nobody listens in the container");

  await root.ok(["network", "create", "--ipv6", "six"]);
  await root.ok(["network", "create", "--ipv6", "--internal", "inner"]);
  await serve(root, "six", ["--network", "six"]);
  await serve(root, "inner", ["--network", "inner"]);
  t.equal(await askFrom(root, "six", "tcp", own, 8080), `web ${gateway}`, "a container of another network");
  t.equal(await askFromInVain(root, "six", "tcp", relay, 61054), "");
  t.equal(await askFromInVain(root, "inner", "tcp", own, 8080), "", "an internal network has no way out");
  const bridge =
    (await root.ok(["network", "inspect", "-f", "{{range .IPAM.Config}}{{.Gateway}} {{end}}", "inner"])).match(/fd\S+/)?.[0] ?? "";
  t.equal(await askFromInVain(root, "inner", "tcp", bridge, 8080), "", "nor by its own gateway");

  t.match(await root.ok(["net", "trace", "--json", "host", "[::1]:8080"]), /connects to 10\.\S+:80/);
  t.equal(await root.ok(["net", "drift"]), "");
  t.match(await root.ok(["net", "exposed"]), /8081\/tcp .*container web .*61054/);
  await root.ok(["restart", "-t", "0", "web"]);
  await waitFor("web to answer", async () => (await ask("tcp", "::1", 8080)) !== "");
  t.equal(addresses(), "1");
  t.match(
    (await root.tsns(["run", "--rm", "-p", "[::1]:7:7/sctp", "box", "true"])).stderr,
    /no IPv6 address, and sctp cannot be passed on/,
  );
  await root.ok(["rm", "-f", "web"]);
  t.equal([addresses(), portRules()].join(), "0,", "nothing is left");
});

scenario("every byte, each direction to its own end", async (t, root) => {
  await talk(root, ["-p", "9090:90", "-p", "9091:91", "-p", "9092:92"]);
  const chunks = Array.from({ length: 64 }, (_, at) => Buffer.alloc(1 << 20, createHash("sha512").update(`${at}`).digest()));
  const sent = createHash("sha256");
  for (const chunk of chunks) sent.update(chunk);
  const digest = sent.digest("hex");
  const both = await Promise.all([conversation("::1", 9090, chunks), conversation("::1", 9090, chunks)]);
  for (const { bytes, hash, error } of both) t.same({ bytes, hash, error }, { bytes: 64 << 20, hash: digest, error: undefined });
  t.equal((await conversation("::1", 9091, chunks.slice(0, 8))).bytes, 6);
  await waitFor("what came after the other end", async () => (await root.tsns(["exec", "talk", "cat", "/got"])).stdout === `${8 << 20}`);

  const waiting: Socket[] = [];
  const open = () => sh("ss -Htn state established '( dport = :92 )' | wc -l").trim();
  for (let at = 0; at < 1100; at++) waiting.push(connect({ host: "::1", port: 9092 }).on("error", () => {}));
  await waitFor("as many as there may be", () => open() === "1024");
  t.equal((await conversation("127.0.0.1", 9090, [Buffer.from("x")])).bytes, 1, "IPv4 does not care");
  for (const socket of waiting) socket.resetAndDestroy();
  await waitFor("all to end", () => open() === "0");
  t.equal((await conversation("::1", 9090, [Buffer.from("x")])).bytes, 1, "and there is room again");
  const id = await root.ok(["inspect", "-f", "{{.Id}}", "talk"]);
  const monitor = Number(readFileSync(`${root.path}/containers/${id}/monitor`, "utf8").split(" ")[0]);
  const pss = () => Number(/^Pss: +(\d+)/m.exec(readFileSync(`/proc/${monitor}/smaps_rollup`, "utf8"))?.[1]);
  await waitFor("it to give back what it took", () => pss() <= 250);

  process.kill(monitor, "SIGKILL");
  await waitFor("the end to be seen", async () => /Exited/.test(await root.ok(["ps", "-a", "--format", "{{.Status}}"])));
  t.equal(await root.ok(["doctor"]), "nothing is left over");
  t.equal([addresses(), portRules()].join(), "0,", "the next command has taken it back");
});

scenario("open connections stay when ports come and go; a user namespace changes nothing", async (t, root) => {
  await talk(root, ["--userns", "private", "-p", "9090:90"]);
  const socket = connect({ host: "::1", port: 9090 });
  let got = "";
  socket.on("data", (chunk) => {
    got += chunk;
  });
  socket.write("one ");
  await waitFor("an echo", () => got === "one ");
  await root.ok(["port", "add", "talk", "[::1]:9190:90"]);
  t.equal((await conversation("::1", 9190, [Buffer.from("x")])).bytes, 1);
  await root.ok(["port", "rm", "talk", "[::1]:9190:90"]);
  t.ok((await conversation("::1", 9190, [])).error, "gone");
  socket.write("two");
  await waitFor("another on the same connection", () => got === "one two");
  socket.destroy();
  sh(
    `ip -6 address del "$(ip -6 -o address show dev lo | grep -o '${relayStart}[^ ]*')" dev lo; ip6tables -t nat -F "$(ip6tables-save -t nat | grep -o 'TSNS-DNAT[^ ]*' | head -1)"`,
  );
  t.match((await root.tsns(["net", "drift"])).stdout, /lo has no address fd74:736e:7301:/);
  await root.ok(["net", "drift", "--repair"]);
  t.equal((await conversation("::1", 9090, [Buffer.from("x")])).bytes, 1, "put back");
  await root.ok(["rm", "-f", "talk"]);
  t.equal(addresses(), "0");
  await root.ok(["run", "-d", "--rm", "--name", "once", ...borrowed, "-p", "9090:90", "box", "/usr/bin/perl", "-e", once]);
  await waitFor("it to listen", async () => (await root.ok(["exec", "once", "cat", "/proc/net/tcp"])).includes(":005A "));
  t.same(
    await conversation("::1", 9090, []).then(({ bytes, error }) => ({ bytes, error })),
    { bytes: 10_000, error: undefined },
    "its last words",
  );
});
