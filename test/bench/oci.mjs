// The OCI runtime beside runc and crun: `npm run bench -- --scenarios oci`. A prepared bundle is created, started and deleted, by each in turn; what waits for
// the program's end is not counted. Then our native part alone: create with a prepared plan, start, delete. Everything in a mount namespace of its own, where
// crun finds the hugetlb controller that it wants on cgroup v1. Also a script: `node oci.mjs` measures where it is started.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkout, modernNode } from "../entry/node-version.mjs";
import { renderOci } from "./goal.mjs";
import { findProgram, output } from "./program-image.mjs";

/** @typedef {{ name: string, create: (id: string) => string[] | Promise<string[]>, start: (id: string) => string[], remove: (id: string) => string[] }} Actor */

const rounds = 25;
const ours = `${checkout}/dist/tsns-oci`;

/** @param {string[]} argv @returns {number} wall time in ms */
function timed(argv) {
  const start = process.hrtime.bigint();
  const result = spawnSync(argv[0] ?? "", argv.slice(1), { stdio: ["ignore", "ignore", "inherit"] });
  const tookMs = Number(process.hrtime.bigint() - start) / 1e6;
  if (result.status !== 0) throw new Error(`${argv.join(" ")}: ${result.error?.message ?? `exit code ${result.status}`}`);
  return tookMs;
}

/** @param {number[]} samples */
const median = (samples) => [...samples].sort((a, b) => a - b)[Math.floor(samples.length / 2)] ?? Number.NaN;

/** Gone, or a zombie: what a runtime calls stopped. @param {string} pid */
function hasEnded(pid) {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return true;
  }
}

/** Time of the three, without the wait for the end. @param {Actor} actor @param {string} id @param {string} pidFile */
async function roundOf({ create, start, remove }, id, pidFile) {
  const argv = await create(id);
  try {
    const createdMs = timed(argv);
    const pid = readFileSync(pidFile, "utf8").trim();
    const startedMs = timed(start(id));
    const deadline = Date.now() + 10_000;
    while (!hasEnded(pid)) if (Date.now() > deadline) throw new Error(`${id}: process ${pid} does not end`);
    return createdMs + startedMs + timed(remove(id));
  } catch (error) {
    const [program = "", ...words] = remove(id);
    spawnSync(program, [...words.slice(0, -1), "--force", id], { stdio: "ignore" });
    throw error;
  }
}

/** A static busybox whose program ends at once, with the configuration that `spec` makes. @param {string} work @returns {string} its directory */
function makeBundle(work) {
  const bundle = join(work, "bundle");
  mkdirSync(`${bundle}/rootfs/bin`, { recursive: true });
  for (const name of ["proc", "dev", "sys"]) mkdirSync(`${bundle}/rootfs/${name}`);
  copyFileSync(findProgram("busybox") ?? "/bin/busybox", `${bundle}/rootfs/bin/true`);
  output([ours, "spec", "--bundle", bundle]);
  const config = JSON.parse(readFileSync(`${bundle}/config.json`, "utf8"));
  // The newest that crun of Debian 12 knows.
  config.ociVersion = "1.0.2";
  config.process.terminal = false;
  config.process.args = ["/bin/true"];
  writeFileSync(`${bundle}/config.json`, JSON.stringify(config));
  return bundle;
}

/** A runtime by its command line. @param {string} name @param {string} program @param {string} work @returns {Actor} */
function commandActor(name, program, work) {
  const argv = [program, "--root", join(work, name)];
  return {
    name,
    create: (id) => [...argv, "create", "--bundle", join(work, "bundle"), "--pid-file", join(work, "pid"), id],
    start: (id) => [...argv, "start", id],
    remove: (id) => [...argv, "delete", id],
  };
}

/** The native programs, with the plan made before the clock starts. @param {string} work @returns {Promise<Actor>} */
async function nativeActor(work) {
  const { prepareContainer } = await import("../../src/engine/runtime/create.ts");
  const { openRuntime } = await import("../../src/engine/runtime/runtime.ts");
  const root = join(work, "native");
  const ignore = () => {};
  const runtime = openRuntime({ root, env: {}, systemdCgroup: false, rootless: "auto", warn: ignore, debug: ignore });
  const request = { bundle: join(work, "bundle"), sockets: {}, noPivot: false, noNewKeyring: false, preserve: 0, env: {} };
  return {
    ...commandActor("native", ours, work),
    async create(id) {
      const { planPath } = await prepareContainer(runtime, id, request, true);
      return [`${checkout}/dist/tsns-sandbox`, "create", planPath, "--made", join(root, id), "--pid-file", join(work, "pid")];
    },
  };
}

async function measureHere() {
  const work = mkdtempSync(`${tmpdir()}/tsns-bench-`);
  try {
    makeBundle(work);
    const peers = ["runc", "crun"].flatMap((name) => {
      const program = findProgram(name);
      return program === undefined ? [] : [commandActor(name, program, work)];
    });
    const actors = [...peers, commandActor("tsns", ours, work), await nativeActor(work)].map((actor) => ({
      actor,
      samples: /** @type {number[]} */ ([]),
    }));
    // The first round is not counted: parents of the groups are made, files come into memory.
    for (let round = -1; round < rounds; round++) {
      for (const { actor, samples } of round % 2 === 0 ? actors : [...actors].reverse()) {
        const tookMs = await roundOf(actor, `bench-${actor.name}-${process.pid}-${round + 1}`, join(work, "pid"));
        if (round >= 0) samples.push(tookMs);
      }
    }
    const found = Object.fromEntries(
      actors.map(({ actor, samples }) => [actor.name, { minMs: Math.min(...samples), medianMs: median(samples) }]),
    );
    process.stdout.write(`${renderOci(found, rounds).join("\n")}\n\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** crun wants every controller of v1 that the kernel has to be mounted. */
const hugetlb = "/sys/fs/cgroup/hugetlb";
const shell = `mount --make-rprivate / || exit 1
if [ -d /sys/fs/cgroup/memory ] && grep -q ^hugetlb /proc/cgroups && ! grep -q " ${hugetlb} " /proc/mounts; then
  mkdir -p ${hugetlb} && mount -t cgroup -o hugetlb cgroup ${hugetlb} || exit 1
fi
exec "$@"`;

/** @returns {number} exit code */
export function benchOci() {
  const had = existsSync(hugetlb);
  const argv = ["--mount", "sh", "-c", shell, "sh", modernNode(), fileURLToPath(import.meta.url)];
  const { status } = spawnSync("unshare", argv, { stdio: "inherit" });
  if (!had && existsSync(hugetlb)) rmdirSync(hugetlb);
  return status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await measureHere();
