// `npm run bench`: start-up of the command, then tsns beside docker, podman and the kernel's floor in one run of the
// engines' benchmark, then the goals. Never part of the tests: what it prints depends on the machine.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { checkout } from "../entry/node-version.mjs";
import { hasProgram, runHere } from "../entry/process.mjs";
import { renderGoals } from "./goal.mjs";
import { benchImage } from "./image.mjs";
import { benchMonitor } from "./monitor.mjs";
import { benchNames } from "./name.mjs";
import { benchNetwork } from "./network.mjs";
import { benchOci } from "./oci.mjs";
import { measureStartup } from "./startup.mjs";
import { benchToolkit } from "./toolkit.mjs";
import { benchTui } from "./tui.mjs";

const usage = `usage: npm run bench -- [options]
  --scenarios LIST   comma separated (default: run-none,run-bridge,run-port,exec,ps,burst,start-stop,logs,cp,commit,monitor,
                     network,names)
                     monitor: memory of a lone one; network: throughput of published ports, connect and disconnect, docker
                     without its proxy; names: the name server under dnsperf; load, registry: images; image: unpacking beside
                     tar, a list of 500, memory; oci: the OCI runtime beside runc and crun; tui: what the dashboard costs, five minutes
                     toolkit: the kernel toolkit beside brctl, lsns and their like; toolkit-net-show: one of its cases
  --engines LIST     docker,podman,tsns: those that are installed (default: all)
  --quick            fewer rounds
  --scale NUMBER     more or fewer rounds
  --rounds NUMBER    of the start-up measurement (default 40)
  --here             in the machine's own namespaces, with a docker daemon that is running already
  --install-peers    apt-get install docker.io podman crun runc iperf3 dnsperf first
environment: TSNS_BENCH: folder of bench.py (default: ../shared/bench beside the checkout)
`;

const { values } = parseArgs({
  options: {
    scenarios: { type: "string", default: "run-none,run-bridge,run-port,exec,ps,burst,start-stop,logs,cp,commit,monitor,network,names" },
    engines: { type: "string" },
    quick: { type: "boolean", default: false },
    scale: { type: "string" },
    rounds: { type: "string", default: "40" },
    here: { type: "boolean", default: false },
    "install-peers": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** @param {number} rounds */
function benchStartup(rounds) {
  const [bare, ours] = measureStartup(rounds);
  if (bare === undefined || ours === undefined) return;
  process.stdout.write(`start-up, ms, ${rounds} interleaved rounds\n`);
  for (const { name, minMs, medianMs } of [bare, ours])
    process.stdout.write(`  ${name.padEnd(16)} min ${minMs.toFixed(1)}  median ${medianMs.toFixed(1)}\n`);
  const ratio = ours.medianMs / bare.medianMs;
  process.stdout.write(`  ${ratio.toFixed(2)}x, at most 1.5x: ${ratio <= 1.5 ? "reached" : "MISSED"}\n\n`);
}

/** RUNLEVEL=1 keeps Debian's scripts from starting daemons that the benchmark starts itself. */
function installPeers() {
  const packages = ["docker.io", "podman", "crun", "runc", "busybox-static", "python3-minimal", "iperf3", "dnsperf", "iproute2"];
  const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  return runHere(["apt-get", "install", "-y", "-q", "--no-install-recommends", ...packages], env) === 0;
}

/** @param {string} folder of bench.py @returns {number} exit code */
function benchEngines(folder) {
  const work = mkdtempSync(`${tmpdir()}/tsns-bench-`);
  const options = ["--scenarios", values.scenarios, "--json", `${work}/result.json`, ...(values.quick ? ["--quick"] : [])];
  if (values.engines !== undefined) options.push("--engines", values.engines);
  if (values.scale !== undefined) options.push("--scale", values.scale);
  // what tsns keeps is removed inside the same namespaces, by itself
  const script = 'python3 "$@"; code=$?; "$TSNS_BENCH_COMMAND" system reset --force; exit $code';
  const argv = ["sh", "-c", script, "sh", `${folder}/bench.py`, ...options];
  const env = { TSNS: `${checkout}/test/bench/command.sh`, TSNS_BENCH_COMMAND: `${checkout}/dist/tsns`, TSNS_ROOT: `${work}/root` };
  // without --here: namespaces of its own and a docker daemon of its own, so that nothing of the machine is touched
  const code = runHere(values.here ? argv : [`${folder}/quiet.sh`, ...argv], env);
  if (existsSync(`${work}/result.json`)) {
    const { results } = JSON.parse(readFileSync(`${work}/result.json`, "utf8"));
    process.stdout.write(`\n${renderGoals(results).join("\n")}\n`);
  }
  rmSync(work, { recursive: true, force: true });
  return code;
}

/** Where bench.py and quiet.sh are. */
const folder = process.env.TSNS_BENCH ?? `${checkout}/../shared/bench`;

/** Scenarios that bench.py does not know. @type {readonly (readonly [string, () => number | Promise<number>])[]} */
const own = [
  ["image", benchImage],
  ["monitor", benchMonitor],
  ["names", benchNames],
  ["network", () => benchNetwork(folder)],
  ["oci", benchOci],
  ["tui", benchTui],
];

async function main() {
  if (values.help) return void process.stdout.write(usage);
  if (!existsSync(`${checkout}/dist/tsns`)) {
    process.stderr.write("tsns: dist/tsns is not built\n  hint: run `npm ci`\n");
    return 1;
  }
  if (values["install-peers"] && !installPeers()) return 1;
  benchStartup(Number(values.rounds));
  const asked = values.scenarios.split(",");
  const scenarios = asked.filter((name) => !own.some(([known]) => known === name));
  for (const [name, bench] of own) {
    const code = asked.includes(name) ? await bench() : 0;
    if (code !== 0) return code;
  }
  if (scenarios.length === 0) return 0;
  const toolkit = scenarios.filter((name) => /^toolkit/.test(name));
  if (toolkit.length > 0) {
    const code = await benchToolkit(toolkit);
    if (code !== 0 || toolkit.length === scenarios.length) return code;
  }
  values.scenarios = scenarios.filter((name) => !toolkit.includes(name)).join(",");
  if (!existsSync(`${folder}/bench.py`)) {
    process.stdout.write("no benchmark of engines here: set TSNS_BENCH to the folder of bench.py\n");
    return 0;
  }
  if (process.getuid?.() !== 0 || !hasProgram("python3")) {
    process.stderr.write(
      "tsns: the benchmark of engines needs root and python3\n  hint: run it as root after `apt-get install python3-minimal`\n",
    );
    return 1;
  }
  return benchEngines(folder);
}

process.exitCode = (await main()) ?? 0;
