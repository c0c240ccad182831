// A small world around the shipped command: containers that answer on TCP and UDP, a neighbour on a LAN, the host's rules.
import { execFile, execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { patience } from "../fixture/patience.ts";
import { waitFor } from "../fixture/wait.ts";

/** The host's programs inside a container: its perl answers and asks. */
const borrowed = ["-v", "/usr:/usr:ro", "-v", "/usr/lib:/lib:ro", "-v", "/usr/lib64:/lib64:ro"];

/** Says its name and the peer's address to whoever asks: TCP on 80 and 81, UDP on 53, which is the last to be there. */
const server = `use IO::Socket::INET; my $name = shift; $| = 1;
for my $s (map { IO::Socket::INET->new(LocalPort => $_, Listen => 9, ReuseAddr => 1) or die } 80, 81) { next if fork;
  while (my $c = $s->accept) { print $c "$name ", $c->peerhost, "\\n"; close $c } }
my $u = IO::Socket::INET->new(LocalPort => 53, Proto => "udp") or die; my $m;
while (defined $u->recv($m, 99)) { $u->send("$name " . $u->peerhost . "\\n") }`;

/** Asks for so many seconds, by UDP again and again: the first datagram may be lost. */
const client = `use IO::Socket::IP; my ($p, $h, $n, $w) = @ARGV; alarm $w + 1;
my $s = IO::Socket::IP->new(PeerAddr => $h, PeerPort => $n, Proto => $p, Timeout => $w) or exit 1;
my $m; if ($p eq "tcp") { $m = <$s> }
else { for (1 .. 4 * $w) { $s->send("?"); vec(my $r = "", fileno $s, 1) = 1; if (select $r, undef, undef, 0.25) { $s->recv($m, 99); last } } }
print $m if defined $m`;

type Protocol = "tcp" | "udp";

const patientSeconds = Math.round(10 * patience);
const vainSeconds = 2;

export function sh(command: string): string {
  return execFileSync("sh", ["-c", command], { encoding: "utf8" });
}

/** Without an answer it is "". */
function answerOf(argv: readonly string[]): Promise<string> {
  const [program = "", ...args] = argv;
  return new Promise((done) => execFile(program, args, { encoding: "utf8" }, (_error, stdout) => done(stdout.trim())));
}

const question = (protocol: Protocol, host: string, port: number | string, seconds: number): readonly string[] => [
  ...["/usr/bin/perl", "-e", client],
  ...[protocol, host, `${port}`, `${seconds}`],
];

/** What a server says to the host, or to a program in a network namespace: "name address-it-saw", or "". */
export const ask = (protocol: Protocol, host: string, port: number | string, within: readonly string[] = []) =>
  answerOf([...within, ...question(protocol, host, port, patientSeconds)]);

/** As `ask`, where nobody is to answer: an answer is not waited for as long. */
export const askInVain = (protocol: Protocol, host: string, port: number | string, within: readonly string[] = []) =>
  answerOf([...within, ...question(protocol, host, port, vainSeconds)]);

async function saidInside(root: DataRoot, name: string, words: readonly string[]): Promise<string> {
  const { stdout } = await root.tsns(["exec", name, ...words]);
  return stdout.trim();
}

/** As `ask`, from a container. */
export const askFrom = (root: DataRoot, name: string, protocol: Protocol, host: string, port: number | string) =>
  saidInside(root, name, question(protocol, host, port, patientSeconds));

/** As `askInVain`, from a container. */
export const askFromInVain = (root: DataRoot, name: string, protocol: Protocol, host: string, port: number | string) =>
  saidInside(root, name, question(protocol, host, port, vainSeconds));

export async function importBox(root: DataRoot): Promise<void> {
  writeFileSync(`${root.path}/image.tar`, makeBusyboxTar());
  await root.ok(["import", `${root.path}/image.tar`, "box"]);
}

export async function makeBox(t: Test): Promise<DataRoot> {
  const root = makeRoot(t);
  await importBox(root);
  return root;
}

export const addressOf = (root: DataRoot, name: string) =>
  root.ok(["inspect", "-f", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name]);

/** Starts a container that answers; returns its address when it does. */
export async function serve(root: DataRoot, name: string, options: readonly string[] = []): Promise<string> {
  await root.ok(["run", "-d", "--name", name, ...borrowed, ...options, "box", "/usr/bin/perl", "-e", server, name]);
  await waitFor(
    `${name} to answer`,
    async () => (await askFrom(root, name, "udp", "127.0.0.1", 53)) !== "" && (await askFrom(root, name, "tcp", "127.0.0.1", 81)) !== "",
  );
  return addressOf(root, name);
}

/** All rules of both back ends without counters. */
export function allRules(): string[] {
  return ["iptables-nft-save", "iptables-legacy-save"].flatMap((program) =>
    sh(`${program} 2>/dev/null || true`)
      .replace(/\[\d+:\d+\]/g, "")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => `${program} ${line.trim()}`),
  );
}

/** Without tables that are there but hold nothing: a back end makes them when it looks. */
export function ownRules(): string[] {
  return allRules().filter((line) => !/ (\*\w+|COMMIT|:\S+ ACCEPT)$/.test(line));
}

/** A host on a LAN with this one: 10.99.0.1 is ours, 10.99.0.2 the neighbour's, who routes everything here. */
export function openNeighbour(t: Test): { readonly within: readonly string[]; readonly own: string; readonly address: string } {
  const name = `tsns-lan-${randomUUID()}`; // process ids are those of a namespace: others have the same
  sh(`ip netns add ${name} && ip link add lan0 type veth peer name lan1 netns ${name} && ip addr add 10.99.0.1/24 dev lan0 && ip link set lan0 up
    ip -n ${name} addr add 10.99.0.2/24 dev lan1 && ip -n ${name} link set lan1 up && ip -n ${name} link set lo up && ip -n ${name} route add default via 10.99.0.1`);
  t.teardown(() => sh(`ip netns del ${name}`));
  return { within: ["ip", "netns", "exec", name], own: "10.99.0.1", address: "10.99.0.2" };
}

/** The host port that stands for a container's port. */
export async function hostPort(root: DataRoot, name: string, port: string): Promise<number> {
  const text = await root.ok(["port", name, port]);
  return Number(/:(\d+)$/.exec(text.split("\n")[0] ?? "")?.[1]);
}

export const bridgesOf = () =>
  sh("ip -o link show type bridge")
    .split("\n")
    .flatMap((line) => /^\d+: ([^:@]+)/.exec(line)?.[1] ?? []);
