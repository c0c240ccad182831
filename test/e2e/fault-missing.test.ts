// What tsns cannot do without: privilege, iptables, mkfs.ext4, cgroups, the native helper. Each is told in one line that names
// it and the remedy, before anything is changed. The last tests take cgroups away from this file's own mount namespace.
import "../fixture/fresh-namespaces.ts";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import t, { type Test } from "tap";
import { differences, readSnapshot } from "../entry/snapshot.mjs";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { command, type DataRoot, makeRoot, type Outcome, outcomeOf } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { idsOf, leftOf } from "./fault-lab.ts";

// A /run that no other test file puts names into: the host is looked at as a whole.
t.before(() => {
  if (needRoot.skip === false) execFileSync("mount", ["-t", "tmpfs", "tmpfs", "/run"]);
});

async function makeBox(t: Test): Promise<DataRoot> {
  const root = makeRoot(t);
  writeFileSync(`${root.path}/image.tar`, makeBusyboxTar());
  await root.ok(["import", `${root.path}/image.tar`, "box"]);
  return root;
}

/** Runs the command behind another program. */
function behind(root: DataRoot, program: readonly string[], args: readonly string[]): Promise<Outcome> {
  const [name = "", ...rest] = program;
  const child = spawn(name, [...rest, command, ...args], { env: root.env(), cwd: "/", stdio: "pipe" });
  child.stdin.end();
  return outcomeOf(child, [...program, ...args].join(" "), 60_000);
}

/** One line that says it, with a remedy in brackets. */
function says(t: Test, outcome: Outcome, code: number, what: RegExp) {
  t.equal(outcome.code, code);
  t.match(outcome.stderr, /^tsns: [^\n]+ \([^\n]+\)\n$/, "one line with a remedy");
  t.match(outcome.stderr, what);
}

/** The host but for what test files beside this one change. */
function ownSnapshot() {
  const { cgroups: _, loops: __, ...own } = readSnapshot();
  return own;
}

const nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];

t.test("an ordinary user", needRoot, async (t) => {
  const root = await makeBox(t);
  const before = ownSnapshot();
  const denied = /(run as root|sudo)/;
  await t.test("on root's data root", async (t) => {
    for (const args of [["ps"], ["ps", "-a"], ["images"], ["inspect", "x"], ["logs", "x"]])
      says(t, await behind(root, nobody, args), 1, denied);
    says(t, await behind(root, nobody, ["run", "--rm", "box", "true"]), 125, denied);
    for (const args of [["doctor"], ["doctor", "--fix"], ["net", "drift"], ["network", "ls"], ["network", "rm", "x"]])
      says(t, await behind(root, nobody, args), 1, denied);
  });
  await t.test("the doctor says what it cannot judge", async (t) => {
    const { code, stdout, stderr } = await behind(root, nobody, ["--root", "/tmp/tsns-none", "doctor"]);
    t.match({ code, stdout }, { code: 0, stdout: "nothing is left over\n" });
    t.match(stderr, /^WARNING: [^\n]*lacks CAP_SYS_ADMIN[^\n]*\(run as root\)\n$/);
  });
  await t.test("where the data root cannot be made", async (t) => {
    says(t, await behind(root, nobody, ["--root", "/var/lib/tsns-none/deep", "run", "host", "true"]), 125, denied);
    t.match(
      await behind(root, nobody, ["--root", "/var/lib/tsns-none/deep", "ps", "-q"]),
      { code: 0, stdout: "" },
      "nothing is there to see",
    );
  });
  await t.test("on a data root of their own", async (t) => {
    const own = mkdtempSync(join(tmpdir(), "tsns-own-"));
    t.teardown(() => rmSync(own, { recursive: true, force: true }));
    chmodSync(own, 0o777);
    says(
      t,
      await behind(root, nobody, ["--root", own, "run", "--rm", "host", "true"]),
      125,
      /containers need root: this process lacks CAP_/,
    );
    t.same(
      readdirSync(own).filter((name) => !name.startsWith("store.db")),
      [],
      "nothing is made there",
    );
  });
  t.same(differences(before, ownSnapshot()), [], "nothing was changed");
});

t.test("root without a capability", needRoot, async (t) => {
  const root = await makeBox(t);
  const before = ownSnapshot();
  for (const name of ["sys_admin", "net_admin"]) {
    const bounded = ["setpriv", "--bounding-set", `-${name}`, "--inh-caps", `-${name}`];
    const outcome = await behind(root, bounded, ["run", "-d", "box", "sleep", "100"]);
    says(t, outcome, 125, new RegExp(`lacks CAP_${name.toUpperCase()}`));
    t.equal((await behind(root, bounded, ["ps", "-aq"])).stdout, "", "no container was stored");
  }
  t.same(differences(before, ownSnapshot()), [], "nothing was changed");
});

/** Hides programs from this process and all it starts, until the test ends. */
function hide(t: Test, paths: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "tsns-hide-"));
  writeFileSync(`${folder}/nothing`, "", { mode: 0o644 });
  for (const path of paths) execFileSync("mount", ["--bind", `${folder}/nothing`, path]);
  t.teardown(() => {
    for (const path of paths) execFileSync("umount", [path]);
    rmSync(folder, { recursive: true, force: true });
  });
}

const found = (pattern: RegExp) =>
  ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin"].flatMap((folder) => {
    try {
      return readdirSync(folder)
        .filter((name) => pattern.test(name))
        .map((name) => `${folder}/${name}`);
    } catch {
      return [];
    }
  });

t.test("without iptables", needRoot, async (t) => {
  const root = await makeBox(t);
  await root.ok(["network", "create", "there"]);
  t.equal(await root.ok(["net", "nat", "add", "10.8.0.0/24"]), "1");
  hide(t, [
    ...new Set(found(/^xtables-(nft|legacy)-multi$/).map((path) => execFileSync("readlink", ["-f", path], { encoding: "utf8" }).trim())),
  ]);
  t.equal(await root.ok(["run", "--rm", "--network", "none", "box", "echo", "works"]), "works");
  t.equal(await root.ok(["run", "--rm", "--network", "host", "box", "echo", "works"]), "works");
  for (const args of [
    ["run", "--rm", "box", "true"],
    ["run", "-d", "-p", "8080:80", "box", "true"],
  ]) {
    says(t, await root.tsns(args), 125, /iptables\S* is not installed \(apt-get install iptables\)/);
  }
  for (const id of idsOf(root)) await root.ok(["rm", "-f", id]);
  t.same(leftOf(root, idsOf(root)), []);
  await t.test("networks and forwards stay as they are", async (t) => {
    const state = async () => [
      execFileSync("ip", ["-o", "link", "show", "type", "bridge"], { encoding: "utf8" }),
      await root.ok(["network", "ls"]),
      await root.ok(["network", "inspect", "there"]),
    ];
    const before = await state();
    t.equal(before[0]?.trimEnd().split("\n").length, 1, "no other bridge is left");
    const missing = /iptables\S* is not installed \(apt-get install iptables\)/;
    for (const args of ["network create new", "network rm there", "net nat add 10.9.0.0/24", "net nat del 1"])
      says(t, await root.tsns(args.split(" ")), 1, missing);
    t.same(await state(), before);
    await t.test("the doctor says what it cannot judge", async (t) => {
      const { code, stdout, stderr } = await root.tsns(["doctor"]);
      t.match({ code, stdout }, { code: 0, stdout: "nothing is left over\n" });
      t.match(stderr, /^WARNING: iptables\S* is not installed: rules are not looked at \(apt-get install iptables\)\n$/);
    });
  });
});

t.test("with a PATH that leaves the programs out", needRoot, async (t) => {
  const root = await makeBox(t);
  await root.ok(["net", "nat", "add", "10.8.0.0/24"]);
  execFileSync("ip", ["link", "add", "lan0", "type", "bridge"]);
  t.teardown(() => execFileSync("ip", ["link", "del", "lan0"]));
  execFileSync("ip", ["addr", "add", "10.8.0.2/24", "dev", "lan0"]);
  execFileSync("ip", ["link", "set", "lan0", "up"]);
  const bare = (args: string) => root.tsns(args.split(" "), { env: { PATH: "/nonexistent" } });
  const state = () => [
    execFileSync("ip", ["-o", "link"], { encoding: "utf8" }),
    execFileSync("iptables-save", [], { encoding: "utf8" }).replaceAll(/^#.*$/gm, ""),
    idsOf(root),
  ];
  const before = state();
  const missing = /iptables\S* is not installed \(apt-get install iptables\)/;
  says(t, await bare("run --rm -p 8080:80 box true"), 125, missing);
  for (const args of [
    ...["net forward add 8090:10.8.0.1:80", "net nat add 10.9.0.0/24", "net nat del 1", "net nat ls", "net forward ls", "net rules"],
    ...["network create new", "net drift", "net trace 127.0.0.1:80", "net exposed"],
  ])
    says(t, await bare(args), 1, missing);
  t.match((await bare("net check")).stdout, /^warn +iptables +iptables is not installed\n.*\n +fix: apt-get install iptables$/m);
  t.match((await bare("doctor")).stderr, /^WARNING: iptables\S* is not installed: [^\n]+\n$/);
  t.same(state(), before, "nothing is changed");
});

t.test("without mkfs.ext4 the host image says so", needRoot, async (t) => {
  const root = await makeBox(t);
  hide(t, [...new Set(found(/^(mkfs\.ext4|mke2fs)$/).map((path) => execFileSync("readlink", ["-f", path], { encoding: "utf8" }).trim()))]);
  says(t, await root.tsns(["run", "--rm", "--network", "none", "host", "true"]), 125, /mkfs\.ext4 .*install e2fsprogs/);
  t.same(idsOf(root), [], "nothing is left of it");
});

t.test("an installation without its native helper", needRoot, async (t) => {
  const root = await makeBox(t);
  const folder = mkdtempSync(join(tmpdir(), "tsns-dist-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const dist = command.slice(0, command.lastIndexOf("/"));
  mkdirSync(`${folder}/dist`);
  for (const name of readdirSync(dist).filter((name) => name !== "tsns-sandbox")) {
    if (name === basename(command) || name.endsWith(".cjs")) execFileSync("cp", [`${dist}/${name}`, `${folder}/dist/${name}`]);
  }
  symlinkSync(`${dist}/../node_modules`, `${folder}/node_modules`);
  const child = spawn(`${folder}/dist/tsns`, ["run", "--rm", "--network", "none", "box", "true"], {
    env: root.env(),
    cwd: "/",
    stdio: "pipe",
  });
  child.stdin.end();
  says(t, await outcomeOf(child, "run without a helper", 60_000), 125, /cannot run the native helper .*npm ci/);
  t.same(idsOf(root), [], "nothing is left of it");
});

t.test("a cgroup controller that is not there", needRoot, async (t) => {
  const root = await makeBox(t);
  execFileSync("umount", ["/sys/fs/cgroup/memory"]);
  const outcome = await root.tsns(["run", "--rm", "--network", "none", "--memory", "64m", "box", "echo", "ran"]);
  t.match(outcome.stderr, /memory/, "the limit that cannot be held is named");
  t.equal(outcome.stderr.trimEnd().split("\n").length, 1, "in one line");
  t.equal(await root.ok(["run", "--rm", "--network", "none", "box", "echo", "ran"]), "ran", "without the limit it runs");
});

t.test("no cgroups at all", needRoot, async (t) => {
  const root = await makeBox(t);
  execFileSync("umount", ["-R", "-l", "/sys/fs/cgroup"]);
  const outcome = await root.tsns(["run", "--rm", "--network", "none", "box", "echo", "ran"]);
  if (outcome.code === 0) t.equal(outcome.stdout, "ran\n");
  else says(t, outcome, 125, /cgroup/);
  t.same(idsOf(root), []);
});
