// Full disks, closed pipes and kills under save, load, import and push: one line with file or reference and cause, nothing half-written
// stays, and with space it works.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { makeTar } from "../fixture/busybox.ts";
import { command, type DataRoot, makeRoot, outcomeOf } from "../fixture/data-root.ts";
import { startRegistry } from "../fixture/registry.ts";
import { needRoot } from "../fixture/root.ts";
import { traced } from "./fault-lab.ts";

const mib = 2 ** 20;
const noise = makeTar([{ path: "noise", type: "file", data: randomBytes(12 * mib) }]);

function mountSmall(t: Test, path: string, megabytes: number): void {
  mkdirSync(path, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tsns-test", path]);
  t.teardown(() => execFileSync("umount", [path]));
}

const resize = (path: string, megabytes: number) => execFileSync("mount", ["-o", `remount,size=${megabytes}m`, path]);

async function rootWithImage(t: Test): Promise<DataRoot> {
  const root = makeRoot(t);
  await root.ok(["import", "-", "app:1"], { input: noise });
  return root;
}

async function refused(t: Test, root: DataRoot, args: readonly string[], stderr: RegExp, input?: Uint8Array): Promise<void> {
  const outcome = await root.tsns(args, input ? { input } : {});
  t.match(outcome, { code: 1, stdout: "", stderr }, args.join(" "));
  t.equal(outcome.stderr.split("\n").length, 2, `one line: ${outcome.stderr}`);
}

t.test("save onto a full disk", needRoot, async (t) => {
  const root = await rootWithImage(t);
  const small = `${root.path}/small`;
  mountSmall(t, small, 4);
  await refused(t, root, ["save", "-o", `${small}/app.tar`, "app:1"], new RegExp(`^tsns: write ${small}/app.tar: no space left on device`));
  t.same(readdirSync(small), []);
  writeFileSync(`${small}/app.tar`, "precious");
  await refused(t, root, ["save", "-o", `${small}/app.tar`, "app:1"], /no space left on device/);
  t.same(readdirSync(small), ["app.tar"]);
  t.equal(readFileSync(`${small}/app.tar`, "utf8"), "precious", "what was there stays");
  await refused(t, root, ["save", "-o", "/dev/full", "app:1"], /^tsns: write \/dev\/full: no space left on device/);
  const shell = spawn("sh", ["-c", `exec "$0" save app:1 > ${small}/out`, command], { env: root.env() });
  t.match(await outcomeOf(shell, "save > FILE", 60_000), {
    code: 1,
    stderr: /^tsns: cannot write the output: no space left on its disk\n$/,
  });
  rmSync(`${small}/out`);
  resize(small, 32);
  await root.ok(["save", "-o", `${small}/app.tar`, "app:1"]);
  t.same(readdirSync(small), ["app.tar"]);
});

t.test("save into a pipe whose reader goes", needRoot, async (t) => {
  const root = await rootWithImage(t);
  const shell = spawn("bash", ["-c", `"$0" save app:1 | head -c 1000 | wc -c; echo \${PIPESTATUS[0]}`, command], { env: root.env() });
  // as a program that SIGPIPE ends
  t.match(await outcomeOf(shell, "save | head", 60_000), { code: 0, stdout: "1000\n141\n", stderr: "" });
});

t.test("killed while it saves: the next save takes away what it left", needRoot, async (t) => {
  const root = await rootWithImage(t);
  const directory = `${root.path}/out`;
  mkdirSync(directory);
  const save = ["save", "-o", `${directory}/app.tar`, "app:1"];
  t.ok((await traced(root, save, ["rename"], { call: "rename", at: 1 })).killed, "before the archive has its name");
  const [left, ...others] = readdirSync(directory);
  t.match(left, /^\.app\.tar\.tsns-\d+-\d+-\d+$/, "hidden, not under the name that was asked for");
  t.same(others, []);
  writeFileSync(`${directory}/.other.tar.tsns-1-1-1`, "of another place");
  await root.ok(save);
  t.same(readdirSync(directory), [".other.tar.tsns-1-1-1", "app.tar"]);
});

t.test("load and import into a full data root", needRoot, async (t) => {
  const from = await rootWithImage(t);
  await from.ok(["save", "-o", `${from.path}/app.tar`, "app:1"]);
  writeFileSync(`${from.path}/noise.tar`, noise);
  const archive = `${from.path}/app.tar`;
  const root = makeRoot(t);
  mountSmall(t, root.path, 6);
  const space = "no space left on device \\(free space";
  await refused(t, root, ["load", "-i", archive], new RegExp(`^tsns: ${archive}: write noise: ${space}`));
  await refused(t, root, ["load"], new RegExp(`^tsns: standard input: .*${space}`), readFileSync(archive));
  await refused(t, root, ["import", `${from.path}/noise.tar`, "app:1"], new RegExp(`^tsns: ${from.path}/noise.tar: write noise: ${space}`));
  t.equal(await root.ok(["images", "--format", "{{.Repository}}"]), "host");
  for (const place of ["tmp", "layers", "blobs/sha256"]) t.same(entriesOf(`${root.path}/${place}`), [], place);
  resize(root.path, 64);
  t.match(await root.ok(["load", "-i", archive]), /Loaded image: app:1/);
});

t.test("push whose packed layer does not fit into the data root", needRoot, async (t) => {
  const { host } = await startRegistry(t);
  const root = makeRoot(t);
  mountSmall(t, root.path, 18);
  await root.ok(["import", "-", `${host}/app:1`], { input: noise });
  const before = entriesOf(`${root.path}/blobs/sha256`);
  await refused(
    t,
    root,
    ["push", "-q", `${host}/app:1`],
    new RegExp(`^tsns: ${host}/app:1: write the layer [0-9a-f]{12}: no space left on device`),
  );
  t.same(entriesOf(`${root.path}/blobs/sha256`), before);
  t.same(entriesOf(`${root.path}/tmp`), []);
  const tags = await fetch(`http://${host}/v2/app/tags/list`);
  t.equal(tags.status, 404, "nothing half-visible in the registry");
  resize(root.path, 64);
  t.match(await root.ok(["push", `${host}/app:1`]), /^1: digest: sha256:/m);
});

t.test("full at any point of a load and of a pull: one line, and the store goes on", needRoot, async (t) => {
  const small = makeTar([{ path: "note", type: "file", data: "of a few bytes" }]);
  const from = makeRoot(t);
  const { host } = await startRegistry(t);
  await from.ok(["import", "-", `${host}/note:1`], { input: small });
  await from.ok(["save", "-o", `${from.path}/note.tar`, `${host}/note:1`]);
  await from.ok(["push", "-q", `${host}/note:1`]);
  const root = makeRoot(t);
  mountSmall(t, root.path, 8);
  const commands = [
    ["load", "-q", "-i", `${from.path}/note.tar`],
    ["pull", "-q", `${host}/note:1`],
  ];
  await root.ok(["import", "-", "other:1"], { input: makeTar([{ path: "other", type: "file", data: "for the store to be there" }]) });
  let failures = 0;
  for (const [at, args] of commands.entries()) {
    for (let freeKiB = 0; freeKiB <= 20; freeKiB += 4) {
      const { blocks, bfree, bsize } = statfsSync(root.path);
      execFileSync("mount", ["-o", `remount,size=${(blocks - bfree) * bsize + freeKiB * 1024}`, root.path]);
      const { code, stderr } = await root.tsns(args);
      resize(root.path, 8);
      if (code === 0) await root.ok(["rmi", `${host}/note:1`]);
      else {
        failures++;
        t.match(stderr, /^tsns: [^\n]*no space left on [^\n]*\n$/, `${args[0]} with ${freeKiB} KiB free`);
      }
      t.same(entriesOf(`${root.path}/tmp`), []);
      t.equal(await root.ok(["images", "--format", "{{.Repository}}"]), "other\nhost");
    }
    t.ok(failures > at, `${failures} times the disk was full`);
    await root.ok(args);
    await root.ok(["rmi", `${host}/note:1`]);
  }
  t.match(await root.ok(["doctor"]), /nothing is left over/);
});

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return [];
  }
}
