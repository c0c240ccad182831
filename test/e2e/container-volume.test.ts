// Volumes in containers: who gets the image's content, what goes with whom, and that no link leads out of one.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type ArchiveEntry, makeBusyboxTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

/** `plain` has files in /data; `declared` the same, and VOLUME /data and /empty. */
async function makeImages(t: Test, { declared = false } = {}): Promise<DataRoot> {
  const root = makeRoot(t);
  const tar = makeBusyboxTar([
    { path: "data", type: "directory", mode: 0o2750, uid: 7, gid: 8 },
    { path: "data/file", type: "file", mode: 0o640, uid: 5, gid: 6, data: "of the image\n" },
    { path: "data/again", type: "link", linkPath: "data/file" },
    { path: "data/sub", type: "directory", mode: 0o700 },
    { path: "data/sub/link", type: "symlink", linkPath: "/etc/passwd" },
    { path: "data/sub/fifo", type: "fifo", mode: 0o600 },
    { path: "alias", type: "symlink", linkPath: "/data" },
  ]);
  await root.ok(["import", "-c", "CMD true", "-", "plain"], { input: tar });
  if (declared) await root.ok(["import", "-c", "CMD true", "-c", "VOLUME /data", "-c", "VOLUME /empty", "-", "declared"], { input: tar });
  return root;
}

const alone = ["--rm", "--network", "none"];
const run = (root: DataRoot, ...words: readonly string[]) => root.ok(["run", ...alone, ...words]);
const refused = (root: DataRoot, ...words: readonly string[]) => root.tsns(["run", ...alone, ...words]);
const names = async (root: DataRoot) => (await root.ok(["volume", "ls", "-q"])).split("\n").filter((name) => name !== "");
const dataOf = (root: DataRoot, name: string) => `${root.path}/volumes/${name}/_data`;

t.test("a new volume gets what the image has there", needRoot, async (t) => {
  const root = await makeImages(t);
  const look = "stat -c '%n %a %u:%g %h %F' /at /at/file /at/again /at/sub /at/sub/link /at/sub/fifo; readlink /at/sub/link; cat /at/file";
  t.equal(
    await run(root, "-v", "one:/data", "plain", "sh", "-c", look.replaceAll("/at", "/data")),
    [
      "/data 2750 7:8 3 directory",
      "/data/file 640 5:6 2 regular file",
      "/data/again 640 5:6 2 regular file",
      "/data/sub 700 0:0 2 directory",
      "/data/sub/link 777 0:0 1 symbolic link",
      "/data/sub/fifo 600 0:0 1 fifo",
      "/etc/passwd",
      "of the image",
    ].join("\n"),
  );
  t.match(await run(root, "-v", "one:/elsewhere", "plain", "cat", "/elsewhere/file"), "of the image", "it is kept");
  t.equal(await run(root, "-v", "link:/alias", "plain", "cat", "/data/file"), "of the image", "through a link of the image");
  t.equal(await run(root, "-v", "none:/data:nocopy", "plain", "ls", "/data"), "");
  t.equal(await run(root, "--mount", "src=none2,dst=/data,volume-nocopy", "plain", "ls", "/data"), "");
  await run(root, "-v", "full:/other", "plain", "touch", "/other/mine");
  t.equal(await run(root, "-v", "full:/data", "plain", "ls", "/data"), "mine", "one with contents is left alone");
  t.equal(await run(root, "--userns", "private", "-v", "mapped:/data", "plain", "stat", "-c", "%u:%g", "/data/file"), "5:6");
  t.equal(await run(root, "--userns", "private", "-v", "fresh:/new", "plain", "sh", "-c", "stat -c %u /new; touch /new/x"), "0");
  const over = await refused(root, "-v", "file:/etc/passwd", "plain", "true");
  t.match(over, { code: 125, stderr: /cannot mount volume over existing file, file exists \/etc\/passwd/ });
  await root.ok(["create", "--name", "made", "-v", "early:/data", "plain"]);
  t.ok(existsSync(`${dataOf(root, "early")}/file`), "create fills it already");
});

t.test("what a killed copy left is neither lost nor taken for the volume's own", needRoot, async (t) => {
  const root = await makeImages(t);
  await root.ok(["volume", "create", "half"]);
  mkdirSync(`${root.path}/volumes/half/.tsns-filling/sub`, { recursive: true });
  t.equal(await run(root, "-v", "half:/data", "plain", "ls", "/data"), "again\nfile\nsub", "copied again from the beginning");
  await root.ok(["volume", "create", "whole"]);
  mkdirSync(`${root.path}/volumes/whole/.tsns-filled`);
  writeFileSync(`${root.path}/volumes/whole/.tsns-filled/copied`, "");
  t.equal(await run(root, "-v", "whole:/data", "plain", "ls", "/data"), "copied", "a whole copy is moved in");
  t.same(readdirSync(`${root.path}/volumes/whole`), ["_data"]);
  t.same(readdirSync(`${root.path}/volumes/half`), ["_data"]);
});

t.test("a copy that is killed at any moment", needRoot, async (t) => {
  const root = makeRoot(t);
  const files = Array.from({ length: 1500 }, (_, at): ArchiveEntry => ({ path: `data/${at}`, type: "file", data: `${at}` }));
  const directory: ArchiveEntry = { path: "data", type: "directory", mode: 0o755 };
  await root.ok(["import", "-", "large"], { input: makeBusyboxTar([directory, ...files]) });
  for (const name of [".tsns-filling", ".tsns-filled", "_data/0"]) {
    const volume = `killed${name.replaceAll(/[^a-z0-9]/g, "")}`;
    const child = root.start(["run", ...alone, "-v", `${volume}:/data`, "large", "true"]);
    const ended = new Promise((resolve) => child.on("close", resolve));
    let isOver = false;
    ended.then(() => {
      isOver = true;
    });
    await waitFor(`${name} of ${volume}`, () => isOver || existsSync(`${root.path}/volumes/${volume}/${name}`));
    child.kill("SIGKILL");
    await ended;
    t.equal(await run(root, "-v", `${volume}:/data`, "large", "sh", "-c", "ls /data | wc -l"), "1500", name);
    t.same(readdirSync(`${root.path}/volumes/${volume}`), ["_data"]);
  }
});

t.test("many containers at once fill a volume once", needRoot, async (t) => {
  const root = await makeImages(t);
  const seen = await Promise.all([1, 2, 3, 4].map(() => run(root, "-v", "shared:/data", "plain", "sh", "-c", "ls /data; cat /data/file")));
  for (const text of seen) t.equal(text, "again\nfile\nsub\nof the image");
});

t.test("anonymous volumes go with their last container", needRoot, async (t) => {
  const root = await makeImages(t, { declared: true });
  t.equal(await run(root, "declared", "sh", "-c", "ls /data; ls /empty"), "again\nfile\nsub");
  t.same(await names(root), [], "--rm takes them along");
  await run(root, "-v", "/x", "-v", "kept:/y", "plain", "true");
  t.same(await names(root), ["kept"], "those with a name stay");
  await root.ok(["create", "--name", "first", "declared"]);
  const anonymous = (await names(root)).filter((name) => name !== "kept");
  t.equal(anonymous.length, 2);
  for (const name of anonymous) t.match(name, /^[0-9a-f]{64}$/);
  await root.ok(["create", "--name", "second", "--volumes-from", "first", "plain"]);
  await root.ok(["rm", "-v", "first"]);
  t.equal((await names(root)).length, 3, "another container has them");
  await root.ok(["rm", "-v", "second"]);
  t.same(await names(root), ["kept"]);
  await root.ok(["create", "--name", "third", "declared"]);
  await root.ok(["rm", "third"]);
  t.equal((await names(root)).length, 3, "rm alone leaves them");
  t.match(await root.ok(["volume", "prune", "-f"]), /^Deleted Volumes:\n[0-9a-f]{64}\n[0-9a-f]{64}\n\nTotal reclaimed space: 13B$/);
  t.same(readdirSync(`${root.path}/volumes`), ["kept"]);
  t.same(readdirSync(`${root.path}/tmp`), []);
});

t.test("mounts of other containers", needRoot, async (t) => {
  const root = await makeImages(t);
  const host = `${root.path}/host`;
  mkdirSync(host);
  writeFileSync(`${host}/file`, "of the host\n");
  await root.ok(["create", "--name", "source", "-v", "named:/data", "-v", `${host}:/host`, "-v", "/own", "--tmpfs", "/gone", "plain"]);
  const script = "cat /data/file /host/file; test -e /gone || echo none; touch /host/x || true; touch /data/x";
  const writable = await refused(root, "--volumes-from", "source", "plain", "sh", "-c", script);
  t.match(writable, { code: 0, stdout: "of the image\nof the host\nnone\n", stderr: "" });
  const readOnly = await refused(root, "--volumes-from", "source:ro", "plain", "sh", "-c", "touch /host/y; touch /data/y");
  t.match(readOnly, { code: 1, stderr: /\/host\/y: Read-only file system\n.*\/data\/y: Read-only file system/ });
  const own = await run(
    root,
    "--volumes-from",
    "source",
    "-v",
    "/data",
    "--mount",
    "type=tmpfs,dst=/host",
    "plain",
    "sh",
    "-c",
    "ls /data; ls /host",
  );
  t.equal(own, "again\nfile\nsub\nx", "what is asked for is mounted instead, an anonymous volume is not");
  t.match(await refused(root, "--volumes-from", "nobody", "plain", "true"), { code: 125, stderr: /No such container: nobody/ });
  const mounts = await root.ok(["inspect", "-f", "{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}}\n{{end}}", "source"]);
  t.match(mounts.split("\n"), ["volume /data true", "bind /host true"]);
});

t.test("--mount, order, one path twice", needRoot, async (t) => {
  const root = await makeImages(t);
  mkdirSync(`${root.path}/host`);
  writeFileSync(`${root.path}/host/file`, "of the host\n");
  const host = `${root.path}/host`;
  const missing = await refused(root, "--mount", `type=bind,src=${host}/none,dst=/x`, "plain", "true");
  t.match(missing, { code: 125, stderr: /invalid mount config for type "bind": bind source path does not exist: .*\/none/ });
  t.notOk(existsSync(`${host}/none`));
  t.equal(await run(root, "-v", `${host}/made:/x`, "plain", "ls", "/x"), "", "-v makes what is missing");
  const words = [
    "--mount",
    `type=bind,src=${host}/file,dst=/a/b/file`,
    "-v",
    "deep:/a/b",
    "--mount",
    "type=tmpfs,dst=/a,tmpfs-size=1m,tmpfs-mode=711",
  ];
  t.equal(
    await run(root, ...words, "plain", "sh", "-c", "cat /a/b/file; stat -c %a /a; df -k /a | tail -1 | awk '{print $2}'"),
    "of the host\n711\n1024",
  );
  t.match(await refused(root, "-v", "a1:/x", "--mount", "src=a2,dst=/x/", "plain", "true"), {
    code: 125,
    stderr: /duplicate mount point: \/x/,
  });
  t.match(await refused(root, "-v", `${host}:/x`, "-v", "/x", "plain", "cat", "/x/file"), { code: 0, stdout: "of the host\n" });
  const limited = await refused(
    root,
    "--storage-opt",
    "size=16m",
    "plain",
    "sh",
    "-c",
    "dd if=/dev/zero of=/big bs=1M count=32 2>&1; ls /data",
  );
  t.match(limited, { stdout: /No space left on device[\s\S]*file/ });
});

t.test("no link leads out of a subpath, whoever changes it meanwhile", needRoot, async (t) => {
  const root = await makeImages(t);
  await root.ok(["volume", "create", "vol"]);
  const data = dataOf(root, "vol");
  mkdirSync(`${data}/inside/deep`, { recursive: true });
  writeFileSync(`${data}/inside/mark`, "inside\n");
  mkdirSync(`${root.path}/outside`);
  writeFileSync(`${root.path}/outside/mark`, "OUTSIDE\n");
  symlinkSync("inside", `${data}/good`);
  symlinkSync(`${root.path}/outside`, `${data}/bad`);
  symlinkSync("../../../outside", `${data}/up`);
  const mount = (subpath: string) => ["--mount", `src=vol,dst=/at,volume-subpath=${subpath}`, "plain", "cat", "/at/mark"];
  t.equal(await run(root, ...mount("inside")), "inside");
  t.equal(await run(root, ...mount("good")), "inside");
  for (const name of ["bad", "up"]) t.match(await refused(root, ...mount(name)), { code: 125, stderr: /leads out of the volume/ }, name);
  t.match(await refused(root, ...mount("none")), { code: 125, stderr: /cannot access the subpath none of the volume/ });
  const swap = spawn(
    "/bin/sh",
    ["-c", `while :; do ln -sfn ${root.path}/outside race; rm -f race; mkdir race 2>/dev/null; echo inside > race/mark; rm -rf race; done`],
    {
      cwd: data,
      stdio: "ignore",
    },
  );
  t.teardown(() => swap.kill("SIGKILL"));
  const seen = await Promise.all(Array.from({ length: 12 }, () => refused(root, ...mount("race"))));
  for (const { stdout } of seen) t.notMatch(stdout, /OUTSIDE/);
  swap.kill("SIGKILL");
});

t.test("a device is mounted while containers use it", needRoot, async (t) => {
  const root = await makeImages(t);
  await root.ok(["volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=2m,nosuid", "ram"]);
  const isMounted = () => execFileSync("cat", ["/proc/mounts"], { encoding: "utf8" }).includes(dataOf(root, "ram"));
  await root.ok(["run", "-d", "--name", "holder", "--network", "none", "-v", "ram:/data", "plain", "sleep", "1000"]);
  t.ok(isMounted());
  t.equal(
    await run(root, "-v", "ram:/x", "plain", "sh", "-c", "df -k /x | tail -1 | awk '{print $2}'; cat /x/file; echo new > /x/new"),
    "2048\nof the image",
  );
  t.ok(isMounted(), "the other container still uses it");
  t.equal(await root.ok(["exec", "holder", "cat", "/data/new"]), "new");
  await root.ok(["rm", "-f", "holder"]);
  t.notOk(isMounted());
  await root.ok(["run", "-d", "--name", "lost", "--network", "none", "-v", "ram:/data", "plain", "sleep", "1000"]);
  const [monitor = ""] = execFileSync("cat", [`${root.path}/containers/${await root.ok(["inspect", "-f", "{{.Id}}", "lost"])}/monitor`], {
    encoding: "utf8",
  }).split(" ");
  process.kill(Number(monitor), "SIGKILL");
  await waitFor("the end of lost", async () => (await root.ok(["ps", "-q"])) === "");
  t.notOk(isMounted(), "also when its monitor was killed");
  const host = `${root.path}/host`;
  mkdirSync(host);
  await root.ok(["volume", "create", "-o", "type=none", "-o", `device=${host}`, "-o", "o=bind", "bound"]);
  await run(root, "-v", "bound:/b", "plain", "touch", "/b/made");
  t.ok(existsSync(`${host}/made`));
  rmSync(host, { recursive: true });
  const gone = await refused(root, "-v", "bound:/b", "plain", "true");
  t.match(gone, { code: 125, stderr: /failed to mount local volume bound: mount .*: no such file or directory/ });
  const fresh = "type=volume,src=inline,dst=/m,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-opt=o=size=1m,volume-label=a=b";
  t.equal(await run(root, "--mount", fresh, "plain", "sh", "-c", "df -k /m | tail -1 | awk '{print $2}'"), "1024");
  t.match(JSON.parse(await root.ok(["volume", "inspect", "inline"])), [{ Labels: { a: "b" }, Options: { type: "tmpfs", o: "size=1m" } }]);
  t.equal(execFileSync("cat", ["/proc/mounts"], { encoding: "utf8" }).includes(`${root.path}/volumes`), false);
});

t.test("the script of --explain=sh mounts the same", needRoot, async (t) => {
  const root = await makeImages(t);
  await root.ok(["volume", "create", "sub"]);
  mkdirSync(`${dataOf(root, "sub")}/part`);
  writeFileSync(`${dataOf(root, "sub")}/part/mark`, "part\n");
  const words = [
    "--security-opt",
    "seccomp=unconfined",
    "--mount",
    "src=sub,dst=/at,volume-subpath=part",
    "-v",
    "new:/data",
    "plain",
    "cat",
    "/at/mark",
    "/data/file",
  ];
  const script = await root.ok(["run", ...alone, "--dry-run", "--explain=sh", ...words]);
  t.notOk(existsSync(dataOf(root, "new")), "a dry run makes nothing");
  t.same(await names(root), ["sub"]);
  t.equal(execFileSync("sh", { input: script, encoding: "utf8" }), "part\nof the image\n");
  t.equal(lstatSync(`${dataOf(root, "new")}/file`).uid, 5);
  renameSync(`${root.path}/volumes/new`, `${root.path}/tmp/new`);
  rmSync(`${root.path}/tmp/new`, { recursive: true });
});
