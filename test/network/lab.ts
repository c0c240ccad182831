// A small world for network tests: this network namespace as the host, a neighbour on a LAN beside it, and containers that are
// nothing but a process in namespaces of its own, joined by the real plans, rules and messages.
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { realKernel } from "../../src/kernel/apply.ts";
import { readLinkIndex } from "../../src/kernel/netlink/sysfs.ts";
import { encodeOperations } from "../../src/kernel/sandbox/encode.ts";
import { sandboxProgram } from "../../src/kernel/sandbox/location.ts";
import { parseAddress } from "../../src/network/address.ts";
import { planEndpoints } from "../../src/network/endpoint-plan.ts";
import { macOfAddress } from "../../src/network/mac.ts";
import { hostLinkName, namesOfBridge } from "../../src/network/name.ts";
import { planNetwork } from "../../src/network/plan.ts";
import { type Endpoint, type EndpointAddress, type NetworkSpec, type PortSpec, poolOf } from "../../src/network/spec.ts";
import { CLONE } from "../../src/plan/operation.ts";
import { type Plan, undoOf } from "../../src/plan/plan.ts";
import { patience } from "../fixture/patience.ts";

/** Answers each TCP connection and each datagram with its name and the peer's address, on the ports given. */
const server = `
const [name, ...ports] = process.argv.slice(1);
let left = ports.length * 2;
const ready = () => { if (--left === 0) console.log("ready"); };
for (const port of ports.map(Number)) {
  const plain = (address) => address.replace("::ffff:", "");
  require("node:net").createServer((s) => s.on("error", () => {}).end(name + " " + plain(s.remoteAddress))).listen(port, "::", ready);
  const u = require("node:dgram").createSocket("udp6");
  u.on("message", (_, from) => u.send(name + " " + plain(from.address), from.port, from.address)).bind(port, ready);
}`;

/** Prints the answers to its arguments, `MS PROTOCOL HOST PORT`, asked at once, as a list; "" where there is none within so many milliseconds. */
const client = `
const ask = ([ms, protocol, host, port]) => new Promise((done) => {
  setTimeout(done, ms, "");
  if (protocol === "tcp") return require("node:net").connect(port, host).on("data", (d) => done(String(d))).on("error", () => done("")).on("end", () => done(""));
  const u = require("node:dgram").createSocket(host.includes(":") ? "udp6" : "udp4");
  const say = () => u.send("?", port, host);
  u.on("message", (d) => done(String(d))).on("error", () => done(""));
  setInterval(say, 250), say();
});
Promise.all(process.argv.slice(1).map((text) => ask(text.split(" ")))).then((all) => { console.log(JSON.stringify(all)); process.exit(0); });`;

const patientMs = 10_000 * patience;
const vainMs = 1000;

export function sh(command: string): string {
  return execFileSync("sh", ["-c", command], { encoding: "utf8" });
}

export async function perform(plan: Plan): Promise<void> {
  for (const { step } of plan.steps) await realKernel.perform(step);
}

export async function undo(plan: Plan): Promise<void> {
  for (const step of undoOf(plan)) await realKernel.perform(step);
}

/** Rules of this namespace without counters and comment lines. */
export function rules(): string {
  const text = sh("iptables-save").replace(/\[\d+:\d+\]/g, "[0:0]");
  return text
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .join("\n");
}

const argvOf = (pid: number, asked: readonly string[]): readonly [program: string, ...args: string[]] => {
  const words = [process.execPath, "-e", client, ...asked] as const;
  return pid === 0 ? words : ["nsenter", "-t", `${pid}`, "-n", ...words];
};

function askWithin(ms: number, pid: number, what: string): string {
  const [program, ...args] = argvOf(pid, [`${ms} ${what}`]);
  return (JSON.parse(spawnSync(program, args, { encoding: "utf8" }).stdout) as string[])[0] ?? "";
}

type Protocol = "tcp" | "udp";

/** Asks from the network namespace of a process (0: this one). The answer, or "" when nobody answers. */
export const ask = (pid: number, protocol: Protocol, host: string, port: number): string =>
  askWithin(patientMs, pid, `${protocol} ${host} ${port}`);

/** As `ask`, where nobody is to answer: an answer is not waited for as long. */
export const askInVain = (pid: number, protocol: Protocol, host: string, port: number): string =>
  askWithin(vainMs, pid, `${protocol} ${host} ${port}`);

export interface Question {
  /** A process in the network namespace that asks; 0: this one. */
  readonly pid: number;
  /** `tcp 10.0.0.1 80` */
  readonly what: string;
  /** Nobody is to answer: an answer is not waited for as long. */
  readonly inVain: boolean;
}

/** The answers to all questions, asked at once; "" where nobody answers. */
export async function askMany(questions: readonly Question[]): Promise<readonly string[]> {
  const answers = new Map<Question, string>();
  const groups = [...Map.groupBy(questions, ({ pid }) => pid)].map(async ([pid, group]) => {
    const asked = group.map(({ what, inVain }) => `${inVain ? vainMs : patientMs} ${what}`);
    const [program, ...args] = argvOf(pid, asked);
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    let said = "";
    for await (const text of child.stdout) said += text;
    const found = JSON.parse(said) as readonly string[];
    for (const [at, question] of group.entries()) answers.set(question, found[at] ?? "");
  });
  await Promise.all(groups);
  return questions.map((question) => answers.get(question) ?? "");
}

export interface Member {
  /** A process in its network namespace, as this pid namespace sees it. */
  readonly pid: number;
  readonly process: ChildProcess;
  readonly address: string;
  readonly hostLink: string;
  readonly plan: Plan;
  stop(): Promise<void>;
}

async function started(process: ChildProcess, what: string): Promise<void> {
  const lines = process.stdout ? createInterface(process.stdout) : undefined;
  if (!lines) throw new Error("no output to wait for");
  const errors: string[] = [];
  process.stderr?.on("data", (chunk) => errors.push(String(chunk)));
  for await (const line of lines) if (line === "ready") return;
  throw new Error(`${what} did not start: ${errors.join("")}`);
}

/** Kills the process in the namespaces and waits until the one that was started has seen it. */
async function stopped(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  process.kill(pid, "SIGKILL");
  await gone;
}

/** The innermost descendant: behind the helper's client and monitor is the container's process. */
function innermost(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  const last = children.at(-1);
  return last === undefined ? pid : innermost(Number(last));
}

/** A namespace beside the host with 10.99.0.2 and fd99::2, and the host's 10.99.0.1 and fd99::1 on link lan0. Its default routes are the host. */
export async function openNeighbour(): Promise<Member> {
  const process = spawn("unshare", ["--net", "sh", "-c", "echo ready; exec sleep 1000"], { stdio: ["ignore", "pipe", "pipe"] });
  await started(process, "the neighbour");
  const pid = process.pid ?? 0;
  sh(`ip link add lan0 type veth peer name lan1 netns ${pid}
    ip addr add 10.99.0.1/24 dev lan0; ip addr add fd99::1/64 dev lan0 nodad; ip link set lan0 up
    nsenter -t ${pid} -n sh -c 'ip addr add 10.99.0.2/24 dev lan1; ip addr add fd99::2/64 dev lan1 nodad; ip link set lan1 up; ip link set lo up
      ip route add default via 10.99.0.1; ip -6 route add default via fd99::1'`);
  async function stop(): Promise<void> {
    // The namespace goes a moment after its process, and lan0 with it: the next neighbour must not meet it.
    sh("ip link del lan0 2>/dev/null || true");
    await stopped(process, pid);
  }
  return { pid, process, address: "10.99.0.2", hostLink: "lan0", plan: { steps: [] }, stop };
}

export function networkPlan(spec: NetworkSpec): Plan {
  const ipForward = readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim() === "1";
  const ipv6Forward = readFileSync("/proc/sys/net/ipv6/conf/all/forwarding", "utf8").trim() === "1";
  return planNetwork(spec, namesOfBridge(spec.bridge), { ipForward, ipv6Forward });
}

/** A container with a server named `name` on the given ports; `address6` on a network that has IPv6. */
export async function joinContainer(
  spec: NetworkSpec,
  name: string,
  address: string,
  ports: readonly PortSpec[],
  serves: readonly number[],
  address6?: string,
): Promise<Member> {
  // The link of one that was stopped goes a moment later: the next of the name must not meet it.
  const hostLink = hostLinkName(name, spec.name, Number(process.hrtime.bigint() / 1000n));
  const place = (own: string, family: "ipv4" | "ipv6"): EndpointAddress => {
    const { subnet = "", gateway } = poolOf(spec, family) ?? {};
    return { address: own, prefixLength: Number(subnet.split("/")[1]), ...(gateway ? { gateway } : {}) };
  };
  const endpoint: Endpoint = {
    network: spec.name,
    link: "eth0",
    ipv4: place(address, "ipv4"),
    ...(address6 === undefined ? {} : { ipv6: place(address6, "ipv6") }),
    mac: macOfAddress(parseAddress(address) ?? 0),
    hostLink,
    ports,
  };
  const joined = planEndpoints({
    places: [
      {
        network: spec,
        endpoint,
        names: namesOfBridge(spec.bridge),
        bridgeIndex: readLinkIndex(spec.bridge) ?? 0,
        hostEnd: {},
      },
    ],
    owner: name,
    ownUserNamespace: false,
    hasIpv6: false,
  });
  await perform(joined.plan);
  const directory = mkdtempSync(join(tmpdir(), "tsns-lab-"));
  const operations = [
    ["stdio", "pipe"],
    ["stdin", "none"],
    ...joined.monitor,
    ["clone", `${CLONE.NEWPID | CLONE.NEWNET}`],
    ...joined.init,
    ["barrier"],
    ["exec", process.execPath, "-e", server, name, ...serves.map(String)],
  ];
  writeFileSync(`${directory}/plan`, encodeOperations(operations));
  const child = spawn(sandboxProgram, ["run", `${directory}/plan`, "--attach", "--report", "3"], {
    stdio: ["ignore", "pipe", "pipe", "inherit"],
  });
  await started(child, `container ${name}`);
  rmSync(directory, { recursive: true });
  const pid = innermost(child.pid ?? 0);
  return { pid, process: child, address, hostLink, plan: joined.plan, stop: () => stopped(child, pid) };
}
