// Mounts and layers of a running container, as a user sees them through the shipped command.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tap from "tap";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import { command, makeRoot } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";

const top = realpathSync(mkdtempSync(join(tmpdir(), "tsns-mount-layer-")));
tap.teardown(() => rmSync(top, { recursive: true, force: true }));
const source = join(top, "source");
mkdirSync(source);
writeFileSync(join(source, "file"), "from the host\n");

const scenario = sharingRoot([{ path: "etc/motd", type: "file", data: "hello\n" }]);

scenario("a directory of the host appears in a running container", async (t, root) => {
  await root.ok(["run", "-d", "--name", "web", "--network", "none", image, "sleep", "1000"]);
  const plan = await root.ok(["mount", "bind", source, "/data/here", "--ro", "--in", "web", "--dry-run"]);
  t.match(plan, /mountpoint\.create[\s\S]*mount\.bind .* in container web, read-only/);
  t.equal((await root.tsns(["exec", "web", "ls", "/data"])).code, 1, "a dry run changes nothing");
  await root.ok(["mount", "bind", source, "web:/data/also", "--propagation", "rshared"]);
  t.match(await root.ok(["exec", "web", "grep", " /data/also ", "/proc/self/mountinfo"]), / shared:\d+ /);
  await root.ok(["mount", "umount", "web:/data/also"]);
  t.equal((await root.tsns(["exec", "web", "grep", " /data/also ", "/proc/self/mountinfo"])).code, 1);
  await root.ok(["mount", "bind", source, "/data/here", "--ro", "--in", "web"]);
  t.equal(await root.ok(["exec", "web", "cat", "/data/here/file"]), "from the host");
  t.match((await root.tsns(["exec", "web", "touch", "/data/here/x"])).stderr, /Read-only file system/);
  const [mount] = JSON.parse(await root.ok(["mount", "ls", "--in", "web", "/data/here", "--json"]));
  t.match(mount, { target: "/data/here", type: /./, namespace: { owner: "web", isOwn: false } });
  t.match(await root.ok(["mount", "ls", "--all", "--format", "{{.NamespaceOwner}} {{.Target}}"]), /^web \/data\/here$/m);
  t.match(await root.ok(["mount", "who", source]), /mount +\/data\/here +\d+ +web/);
  const [user] = JSON.parse(await root.ok(["mount", "who", source, "--json"]));
  t.match(user, { kind: "mount", path: "/data/here", pid: Number, owner: { engine: "tsns", name: "web" }, mountId: Number });
  const refused = await root.tsns(["mount", "bind", source, "/dev/pts/x", "--in", "web"]);
  t.match(refused, { code: 1, stderr: /^tsns: mkdir \/dev\/pts\/x: .*\(refused to root too: .*\)\n$/ });
  t.match(await root.ok(["mount", "tree", "-N", "web"]), /^├─\/proc|^└─\/data\/here/m);
});

scenario("a busy mount in a container names its process", async (t, root) => {
  const held = root.start(["exec", "-w", "/data/here", "web", "sh", "-c", "echo in; exec sleep 1000"]);
  await new Promise((resolve) => held.stdout.once("data", resolve));
  const busy = await root.tsns(["mount", "umount", "/data/here", "--in", "web"]);
  t.match(busy, { code: 1, stderr: /^tsns: \/data\/here in container web is busy: web \(pid \d+\): cwd \/data\/here.*\n$/ });
  await root.ok(["mount", "umount", "/data/here", "--in", "web", "--lazy"]);
  held.kill("SIGTERM");
  t.equal(await root.ok(["exec", "web", "ls", "/data/here"]), "");
});

scenario("what a container changed, what it costs, where it comes from", async (t, root) => {
  await root.ok(["exec", "web", "sh", "-c", "rm /etc/motd; chmod 700 /bin/busybox; echo x >> /etc/group; echo n > /new"]);
  const changes = await root.ok(["layer", "diff", "web", "--format", "{{.Kind}} {{.Path}}"]);
  for (const line of ["D /etc/motd", "C /bin/busybox", "C /etc/group", "A /new"]) t.ok(changes.split("\n").includes(line), line);
  const usage = JSON.parse(await root.ok(["layer", "du", "web", "--json"]));
  t.match(usage.copies, [
    { path: "/bin/busybox", reason: "metadata", differs: ["mode"] },
    { path: "/etc/group", reason: "data" },
  ]);
  const which = JSON.parse(await root.ok(["layer", "which", "/etc/motd", "--in", "web", "--json"]));
  t.match(which, [
    { layer: 1, role: "deletes", name: "upper" },
    { layer: 2, role: "hidden", name: /^sha256:/, hiddenBy: { layer: 1, how: "deleted" } },
  ]);
  t.match(await root.ok(["layer", "which", "/bin/sh", "--in", "web"]), /2\/2 +provides +symlink/);
  const covered = await root.tsns(["layer", "which", "/proc/self", "--in", "web"]);
  t.match(covered, { code: 1, stderr: /\/proc is a mount of proc/ });
  const listed = await root.ok(["layer", "ls", "--format", "{{.Kind}} {{.UsedBy}}"]);
  t.ok(listed.split("\n").includes("overlay web"));
  t.match(listed, new RegExp(`^stored ${image}`, "m"));
});

scenario("a container's layer as a tar, twice the same", async (t, root) => {
  const tar = join(top, "web.tar");
  const digest = await root.ok(["layer", "commit", "web", "-o", tar]);
  t.match(digest, /^sha256:[0-9a-f]{64}$/);
  t.equal(await root.ok(["layer", "commit", "web", "-o", join(top, "again.tar")]), digest);
  t.equal(await root.ok(["layer", "apply", tar, join(top, "applied")]), digest);
  const piped = await root.tsns(["layer", "commit", join(top, "applied")]);
  t.equal(piped.code, 0);
  t.ok(piped.bytes.includes("etc/.wh.motd"));
});

scenario("a stack for a running container, gone with it", async (t, root) => {
  await root.ok(["layer", "stack", source, join(top, "applied"), "/both", "--in", "web"]);
  t.match(await root.ok(["exec", "web", "ls", "/both"]), /etc\n[\s\S]*file\n[\s\S]*new/);
  t.equal((await root.tsns(["exec", "web", "touch", "/both/x"])).code, 1);
  await root.ok(["layer", "unstack", "/both", "--in", "web"]);
  t.equal(await root.ok(["exec", "web", "ls", "/both"]), "");
  await root.ok(["rm", "-f", "web"]);
});

scenario("in a user namespace a new mount point belongs to its root", async (t, root) => {
  await root.ok(["run", "-d", "--name", "remapped", "--network", "none", "--userns", "private", image, "sleep", "1000"]);
  await root.ok(["mount", "bind", source, "/made/here", "--ro", "--in", "remapped"]);
  t.equal(await root.ok(["exec", "remapped", "stat", "-c", "%u:%g", "/made"]), "0:0");
  t.equal(await root.ok(["exec", "remapped", "cat", "/made/here/file"]), "from the host");
  await root.ok(["mount", "umount", "/made/here", "--in", "remapped"]);
  await root.ok(["exec", "remapped", "rmdir", "/made/here", "/made"]);
  await root.ok(["rm", "-f", "remapped"]);
});

scenario("one line for each mistake", async (t, root) => {
  const cases: [string[], RegExp][] = [
    [["mount", "bind", "/nowhere", "/tmp/x"], /open \/nowhere: no such file/],
    [["mount", "bind", top, "/x", "--in", "nobody"], /"nobody" is no running container/],
    [["mount", "bind", top, "x", "--in", "1"], /.+/],
    [["mount", "umount", top], /nothing is mounted on/],
    [["mount", "who", join(top, "none")], /none is not there/],
    [["layer", "stack", top, join(top, "m")], /one lower directory alone/],
    [["layer", "stack", top, join(top, "m"), "--upper", top], /--upper needs --work/],
    [["layer", "diff", "no-such-thing"], /is no container, mounted overlay or directory/],
    [["layer", "which", top], /lies on no overlay/],
    [["layer", "apply", join(top, "none.tar"), join(top, "d")], /none\.tar: no such file/],
    [["layer", "commit", join(top, "applied"), "-o", join(top, "no/dir.tar")], /no\/dir\.tar: no such file/],
    [["layer", "commit", join(top, "applied"), "-o", "x", "--source-date-epoch", "soon"], /invalid --source-date-epoch "soon"/],
    [["layer", "du", join(top, "applied"), "-n", "-1"], /invalid --limit/],
  ];
  const isUsage = new Set(cases.map(([args]) => args).filter(([, verb]) => verb === "stack"));
  for (const [args, message] of cases) {
    const { code, stderr, stdout } = await root.tsns(args);
    t.equal(code, isUsage.has(args) ? 2 : 1, args.join(" "));
    t.match(stderr, message);
    t.equal(stderr.split("\n").length, 2, `one line: ${stderr}`);
    t.equal(stdout, "");
  }
});

tap.test("a mount of the host goes with its data root", needRoot, async (t) => {
  const root = makeRoot(t);
  const target = join(top, "mounted/here");
  await root.ok(["mount", "bind", source, target, "--propagation", "private"]);
  t.equal(readFileSync(join(target, "file"), "utf8"), "from the host\n");
  await root.ok(["system", "reset", "--force"]);
  t.notOk(readFileSync("/proc/self/mountinfo", "utf8").includes(target));
  t.notOk(existsSync(join(top, "mounted")));
  // a data root again, which the end of the test resets
  await root.ok(["mount", "bind", source, target]);
});

scenario("a wrong path has a remedy, for root and for others", async (t, root) => {
  const place = join(top, "wrong");
  mkdirSync(join(place, "private/in"), { recursive: true });
  mkdirSync(join(place, "d"));
  writeFileSync(join(place, "f"), "");
  writeFileSync(join(place, "private/file"), "");
  const run = (args: readonly string[], uid?: number) => {
    const { status, stderr } = spawnSync(command, args, {
      cwd: place,
      env: root.env(uid === undefined ? {} : { env: { TSNS_ROOT: join(top, "others") } }),
      encoding: "utf8",
      ...(uid === undefined ? {} : { uid }),
    });
    const errors = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("WARNING"));
    t.equal(status, 1, args.join(" "));
    t.match(errors, [/^tsns: .* \(.+\)$/], `${args.join(" ")}: one line with a remedy`);
    t.notMatch(stderr, /internal error/);
  };
  for (const text of [
    ...["mount bind nowhere d", "mount bind d f/x", "mount bind f/x d", "mount umount f/x", "mount who f/x"],
    ...["layer stack nowhere d", "layer stack f d", "layer diff f/x", "layer commit f/x", "layer du nowhere", "layer which nowhere"],
    ...[
      "layer apply f f",
      "layer apply f f/x",
      "layer apply f d/x/y",
      "ns ls ./nowhere",
      "ns ls ./f/x",
      "ns enter ./nowhere",
      "ns enter ./f/x",
    ],
    ...["cgroup show nowhere", "cgroup rm /nowhere", "cgroup get / nowhere.file"],
  ]) {
    run(text.split(" "));
  }
  spawnSync("chmod", ["700", join(place, "private")]);
  spawnSync("chmod", ["755", top, place]);
  for (const text of [
    ...["mount bind private/in d", "mount umount private/in", "layer stack private/in d out", "layer apply private/file d"],
    ...[
      "layer apply f private/new",
      "layer commit d -o private/x",
      "ns ls ./private/in",
      "ns enter ./private/in",
      "cgroup create tsns-none",
    ],
  ]) {
    run(text.split(" "), 65534);
  }
});
