// Many lives of containers, 8 at a time, and many commands in one: afterwards the host is what it was, and nothing has grown.
// TSNS_SOAK_CYCLES=500 node test/entry/tap.mjs test/e2e/container-soak.test.ts: the long form.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readSnapshot } from "../entry/snapshot.mjs";
import { image, pidOf, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { eachOf } from "../fixture/each-of.ts";
import { waitFor } from "../fixture/wait.ts";
import { portsOfBridges } from "./fault-lab.ts";

const scenario = sharingRoot();
const cycles = Number(process.env.TSNS_SOAK_CYCLES ?? 16);
const width = 8;

async function live(root: DataRoot, name: string): Promise<string> {
  const options = { timeoutMs: 300_000 };
  const id = await root.ok(["create", "--name", name, "-m", "64m", "-p", "127.0.0.1::80", image, "sleep", "1000"], options);
  await root.ok(["start", name], options);
  const said = await root.ok(["exec", name, "sh", "-c", "echo x > /file; hostname"], options);
  if (said !== id.slice(0, 12)) throw new Error(`${name} said ${said}`);
  await root.ok(["stop", "-t", "0", name], options);
  await root.ok(["rm", name], options);
  return id;
}

/** The lines of the host's state that name one of these. */
function linesAbout(names: readonly string[]): string[] {
  const snapshot: Record<string, string[]> = readSnapshot();
  return Object.entries(snapshot)
    .flatMap(([section, lines]) => lines.map((line) => `${section}: ${line}`))
    .filter((line) => names.some((name) => line.includes(name)))
    .sort();
}

/** Duplicate address detection of IPv6 takes a moment after a link has come up, and brings a route at its end. */
const isSettled = (names: readonly string[]): boolean =>
  linesAbout(names)
    .filter((line) => line.startsWith("addresses:"))
    .every((line) => line.includes('"fe80:') && !line.includes("tentative"));

/** Files below a directory, without the older half of the events, which comes once the newer is full (src/engine/event.ts). */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name !== "events.1")
    .sort();
}

/** Of a process: open descriptors, and memory of its own in KiB. */
function usageOf(pid: number): { readonly descriptors: number; readonly privateKiB: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const dirty = [...rollup.matchAll(/^Private_Dirty: +(\d+) kB/gm)].reduce((sum, [, kib]) => sum + Number(kib), 0);
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, privateKiB: dirty };
}

const parentOf = (pid: number): number => Number(/^PPid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

scenario(`${cycles} lives, ${width} at a time: the host is byte for byte what it was, nothing has grown`, async (t, root) => {
  await root.ok(["run", "-d", "--name", "witness", image, "sleep", "1000"]);
  const monitor = parentOf(await pidOf(root, "witness"));
  // what the first container brings stays: the network, the store's own files
  await eachOf(width, width, async (at) => void (await live(root, `warm-${at}`)));
  const bridge = JSON.parse(await root.ok(["network", "inspect", "bridge"]))[0].Options["com.docker.network.bridge.name"];
  const known = [root.path, bridge, await root.ok(["inspect", "-f", "{{.Id}}", "witness"])];
  /** The kernel takes the links of a namespace away a while after its last process. */
  const settled = () =>
    waitFor("the witness's link alone, with an address of its own", () => portsOfBridges(root).length === 1 && isSettled(known));
  await settled();
  const [host, files, usage] = [linesAbout(known), filesBelow(root.path), usageOf(monitor)];
  const storeBytes = statSync(join(root.path, "store.db")).size;
  const ids: string[] = [];
  await eachOf(cycles, width, async (at) => void ids.push(await live(root, `cycle-${at}`)));
  t.equal(new Set(ids).size, cycles);
  await settled();
  t.same(linesAbout([...known, ...ids, ...ids.map((id) => id.slice(0, 12))]), host, "links, rules, mounts, cgroups, processes");
  t.same(filesBelow(root.path), files, "files");
  t.ok(statSync(join(root.path, "store.db")).size <= storeBytes + 256 * 1024, "the store gives its pages back to itself");
  const after = usageOf(monitor);
  t.equal(after.descriptors, usage.descriptors, "descriptors of a monitor");
  t.ok(after.privateKiB <= usage.privateKiB + 16, `memory of a monitor: ${usage.privateKiB} KiB, then ${after.privateKiB}`);
  t.match(await root.tsns(["doctor"], { timeoutMs: 120_000 }), { code: 0 });
  await root.ok(["rm", "-f", "witness"]);
});

scenario(
  "100 commands in one container at the same time, each with its own output and exit code; its monitor keeps no trace",
  async (t, root) => {
    const count = 100;
    const script = "mkfifo /gate; exec 3<>/gate; echo made; sleep 1000";
    await root.ok(["run", "-d", "--name", "busy", "--network", "none", image, "sh", "-c", script]);
    await untilLogged(root, "busy", /made/);
    const monitor = parentOf(await pidOf(root, "busy"));
    const before = usageOf(monitor);
    const running = Promise.all(
      Array.from({ length: count }, (_, at) =>
        root.tsns(["exec", "busy", "sh", "-c", `read x < /gate; echo ${at}; exit ${at}`], { timeoutMs: 120_000 }),
      ),
    );
    await waitFor(
      "all of them run at once",
      async () =>
        (await root.ok(["top", "busy", "-o", "pid,args"])).split("\n").filter((line) => line.includes("/gate; echo")).length === count,
      120_000,
    );
    // The container itself keeps the pipe open: a line waits there for whoever comes late.
    await root.ok(["exec", "busy", "sh", "-c", `yes | head -n ${count} > /gate`]);
    for (const [at, outcome] of (await running).entries()) t.match(outcome, { code: at, stdout: `${at}\n`, stderr: "" });
    const after = usageOf(monitor);
    t.same(after.descriptors, before.descriptors);
    t.ok(after.privateKiB <= before.privateKiB + 16, `${before.privateKiB} KiB, then ${after.privateKiB}`);
    await root.ok(["rm", "-f", "busy"]);
  },
);
