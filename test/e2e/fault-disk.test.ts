// A full disk: a start fails with one line and leaves nothing; a container that fills the disk itself can still be
// stopped and removed, and goes on while its log cannot.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { idsOf, nothingLeft, processesOf } from "./fault-lab.ts";

/** A data root on a file system of its own; this process sees it in its own mount namespace only. */
function makeSmallRoot(t: Test, type: "tmpfs" | "ext4", megabytes: number): DataRoot {
  const root = makeRoot(t);
  const data = join(root.path, "data");
  mkdirSync(data);
  if (type === "tmpfs") execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", data]);
  else {
    const image = `${root.path}/disk`;
    execFileSync("truncate", ["-s", `${megabytes}M`, image]);
    execFileSync("mkfs.ext4", ["-q", "-F", "-m", "0", "-b", "4096", image]);
    execFileSync("mount", ["-o", "loop", image, data]);
  }
  const withRoot = (args: readonly string[]) => ["--root", data, ...args];
  t.teardown(async () => {
    await root.ok(withRoot(["system", "reset", "--force"]));
    await waitFor("the monitors to end", () => processesOf(data).length === 0);
    execFileSync("umount", [data]);
    // a root in which nothing was ever stored
    for (const path of [data, `${root.path}/disk`]) rmSync(path, { recursive: true, force: true });
  });
  return {
    path: data,
    tsns: (args, options) => root.tsns(withRoot(args), options),
    ok: (args, options) => root.ok(withRoot(args), options),
    start: (args, options) => root.start(withRoot(args), options),
    env: (options) => ({ ...root.env(options), TSNS_ROOT: data }),
  };
}

/** Writes zeros to a file until nothing fits any more, not even when the journal has given back what had been removed (ext4). */
function fill(path: string): void {
  const descriptor = openSync(path, "w");
  try {
    while (writeZeros(descriptor) > 0) fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Writes what fits; returns how many bytes that were. */
function writeZeros(descriptor: number): number {
  let written = 0;
  for (const bytes of [1 << 20, 4096, 1]) {
    const block = Buffer.alloc(bytes);
    for (let some = 1; some > 0; written += some) some = writeSome(descriptor, block);
  }
  return written;
}

function writeSome(descriptor: number, block: Buffer): number {
  try {
    return writeSync(descriptor, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    return 0;
  }
}

async function importBox(t: Test, root: DataRoot): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tsns-disk-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(`${folder}/image.tar`, makeBusyboxTar());
  await root.ok(["import", `${folder}/image.tar`, "box"]);
}

for (const type of ["tmpfs", "ext4"] as const) {
  t.test(`run with a full data root on ${type}`, needRoot, async (t) => {
    const root = makeSmallRoot(t, type, 32);
    await importBox(t, root);
    await root.tsns(["run", "--name", "old", "box", "sh", "-c", "echo treasure > /file; exit 3"]);
    const [old = ""] = idsOf(root);
    fill(`${root.path}/filler`);
    for (const args of [
      ["run", "--rm", "box", "true"],
      ["run", "-d", "box", "sleep", "1000"],
    ]) {
      const outcome = await root.tsns(args);
      t.equal(outcome.code, 125, args.join(" "));
      t.match(outcome.stderr, /^tsns: [^\n]*(no space left|ENOSPC)[^\n]*\n$/i, "one line that says so");
    }
    rmSync(`${root.path}/filler`);
    const listed = (await root.ok(["ps", "-a", "--format", "{{.Names}} {{.Status}}"])).split("\n");
    t.match(listed.at(-1), /^old Exited \(3\)/, "what was recorded is there");
    for (const id of idsOf(root).filter((id) => id !== old)) await root.ok(["rm", "-f", id]);
    await nothingLeft(t, root, idsOf(root), [old]);
    t.equal(await root.ok(["run", "--rm", "box", "echo", "works"]), "works", "with space it works again");
  });

  t.test(
    `a command that reads has what it needs of a full data root on ${type}, and leaves the rest to those that free space`,
    needRoot,
    async (t) => {
      const root = makeSmallRoot(t, type, 32);
      await importBox(t, root);
      await root.tsns(["run", "--name", "old", "box", "true"]);
      // as after a crash: the index of the log is made anew
      rmSync(`${root.path}/store.db-shm`);
      fill(`${root.path}/filler`);
      t.match(await root.ok(["ps", "-a", "--format", "{{.Names}}"]), "old");
      for (const _ of [1, 2]) t.match(await root.tsns(["run", "--rm", "box", "true"]), { code: 125, stderr: /no space left/ });
      await root.ok(["rm", "old"]);
      await nothingLeft(t, root, idsOf(root));
    },
  );

  t.test(`a container that fills the disk on ${type} can be stopped and removed`, needRoot, async (t) => {
    const root = makeSmallRoot(t, type, 32);
    await importBox(t, root);
    await root.ok([
      "run",
      "-d",
      "--name",
      "full",
      "-p",
      "0:80",
      "box",
      "sh",
      "-c",
      "cat /dev/zero > /filler; while :; do echo line; sleep 0.02; done",
    ]);
    const ids = idsOf(root);
    await waitFor("the disk to be full", async () => {
      const { code } = await root.tsns(["exec", "full", "sh", "-c", "df / | awk 'NR==2 && $4 < 8 {found=1} END {exit !found}'"]);
      return code === 0;
    });
    t.equal(await root.ok(["ps", "--format", "{{.Names}} {{.State}}"]), "full running");
    const stopped = await root.tsns(["stop", "-t", "1", "full"]);
    t.match(stopped, { code: 0, stderr: "" });
    t.match(await root.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"]), "full exited");
    await root.ok(["rm", "full"]);
    await nothingLeft(t, root, ids);
    t.equal(await root.ok(["run", "--rm", "box", "echo", "works"]), "works", "the space is back");
  });

  t.test(`how a container ended is known though the disk was full on ${type}`, needRoot, async (t) => {
    const root = makeSmallRoot(t, type, 32);
    await importBox(t, root);
    const id = await root.ok(["run", "-d", "--name", "full", "box", "sh", "-c", "cat /dev/zero > /filler; exit 42"]);
    t.equal(await root.ok(["wait", "full"]), "42");
    await waitFor("the monitor to end", () => processesOf(root.path).length === 0);
    t.equal(await root.ok(["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "full"]), "exited 42");
    await root.ok(["rm", "full"]);
    await nothingLeft(t, root, [id]);
  });

  t.test(`the log cannot be written on ${type}: the container goes on, and the log as soon as there is space`, needRoot, async (t) => {
    const root = makeSmallRoot(t, type, 32);
    await importBox(t, root);
    const id = await root.ok([
      "run",
      "-d",
      "--name",
      "talks",
      "box",
      "sh",
      "-c",
      "i=0; while :; do i=$((i+1)); echo line $i; echo $i > /dev/shm/count; sleep 0.005; done",
    ]);
    const log = `${root.path}/containers/${id}/${id}-json.log`;
    await waitFor("the log", () => statSync(log, { throwIfNoEntry: false })?.size);
    fill(`${root.path}/filler`);
    // The file is not there, or empty, for a moment.
    const count = async () =>
      Number(await waitFor("the count", async () => (await root.tsns(["exec", "talks", "cat", "/dev/shm/count"])).stdout));
    const before = await count();
    await waitFor("more lines than the log has room for", async () => (await count()) > before + 300, 60_000);
    t.equal(await root.ok(["inspect", "-f", "{{.State.Status}}", "talks"]), "running");
    rmSync(`${root.path}/filler`);
    const now = await count();
    await waitFor("the log to go on", () => readFileSync(log, "utf8").includes(`line ${now + 20}\\n`));
    const broken = readFileSync(log, "utf8")
      .trimEnd()
      .split("\n")
      .filter((line) => !/^\{"log":"line \d+\\n","stream":"stdout","time":"[^"]+"\}$/.test(line));
    t.same(broken, [], "every line of the log is whole");
    await root.ok(["rm", "-f", "talks"]);
    await nothingLeft(t, root, [id]);
  });
}
