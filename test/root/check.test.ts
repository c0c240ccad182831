// `tsns check` on this kernel: what it says is true, and nothing is left behind.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import type { FeatureView } from "../../src/engine/check/feature.ts";
import { readHierarchies } from "../../src/kernel/cgroup/observe.ts";
import { runProbes } from "../../src/kernel/check/native.ts";
import { tryRule } from "../../src/kernel/check/rule.ts";
import { namespaceProgram } from "../../src/kernel/sandbox/location.ts";
import { runMain } from "../cmds/host.ts";
import { needRoot } from "../fixture/root.ts";

const root = mkdtempSync(`${tmpdir()}/tsns-check-`);
t.teardown(() => rmSync(root, { recursive: true }));
const check = (...words: string[]) => runMain(["--root", root, "check", ...words]);

/** What a probe could leave. */
function traces(): unknown {
  const links = execFileSync("ip", ["-j", "link"], { encoding: "utf8" });
  const rules = ["nat", "filter", "mangle", "raw"].map((table) => spawnSync("iptables", ["-t", table, "-S"], { encoding: "utf8" }).stdout);
  return {
    links: (JSON.parse(links) as { ifname: string }[]).map(({ ifname }) => ifname).filter((name) => /probe|below/.test(name)),
    mounts: readFileSync("/proc/self/mountinfo", "utf8").includes("tsns-probe"),
    groups: readHierarchies().filter(({ mountPoint }) => readdirSync(mountPoint).some((name) => name === `tsns-check-${process.pid}`)),
    rules: rules.some((text) => text.includes("--dport 80 -j DNAT --to-destination 10.0.0.1:80")),
    root: readdirSync(root),
  };
}

t.test("every feature is judged, and nothing stays", needRoot, async (t) => {
  const { code, stdout, stderr } = await check("--json");
  const views = JSON.parse(stdout) as FeatureView[];
  t.equal(stderr, "");
  t.equal(code, views.some(({ essential, state }) => essential && state === "no") ? 1 : 0);
  t.ok(views.length > 100);
  t.equal(new Set(views.map(({ name }) => name)).size, views.length, "no name twice");
  for (const { name, state, how, without, get } of views) {
    if (!/^(yes|no|limited)$/.test(state) || [how, without, get].some((text) => text === "")) t.fail(`${name}: ${state} ${how}`);
  }
  const stateOf = (name: string) => views.find((view) => view.name === name)?.state;
  // Held against what the kernel says elsewhere.
  for (const kind of readdirSync("/proc/self/ns")) {
    if (stateOf(`namespace-${kind}`) !== undefined) t.equal(stateOf(`namespace-${kind}`), "yes", kind);
  }
  t.equal(stateOf("overlay") === "yes", /\boverlay$/m.test(readFileSync("/proc/filesystems", "utf8")));
  t.equal(stateOf("bridge"), "yes");
  t.equal(
    stateOf("program-mkfs.ext4") === "yes",
    ["/usr/sbin", "/sbin", "/usr/bin"].some((folder) => existsSync(`${folder}/mkfs.ext4`)),
  );
  const mask = BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]}`);
  t.equal(stateOf("cap-sys-resource") === "yes", (mask & (1n << 24n)) !== 0n);
  t.strictSame(traces(), { links: [], mounts: false, groups: [], rules: false, root: [] });
});

t.test("features by name, and the exit code a script wants", needRoot, async (t) => {
  const good = await check("namespace-net", "overlay");
  t.match(good, { code: 0, stderr: "", stdout: /^FEATURE .*\nnamespace-net \* +yes .*\noverlay \* +yes .*\n$/ });
  // No kernel has an overlay as upper directory of another.
  const bad = await check("overlay-upper-on-overlay");
  t.match(bad, { code: 1, stdout: /no +mount\(overlay\): EINVAL\n\n.*: missing\n {2}without it: .*\n {2}to get it: {2}.*\n/ });
  t.match(await check("--quiet", "overlay-upper-on-overlay", "overlay"), { code: 1, stdout: "overlay-upper-on-overlay\n" });
  t.match(await check("overlai"), { code: 2, stdout: "", stderr: /unknown feature overlai \(did you mean overlay\?\)/ });
  t.match(await check("namespace-net", "--format", "{{.Name}} {{.State}} {{.Group}}"), { stdout: "namespace-net yes namespaces\n" });
});

t.test("an ordinary user learns what only root can find out", needRoot, async (t) => {
  const as = (words: string[]) =>
    spawnSync("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", ...words], { encoding: "utf8" });
  const { stdout } = as([namespaceProgram, "probe", "namespace:net", "pidfd", "overlay"]);
  t.match(stdout, /^namespace:net\tEPERM\tunshare\npidfd\tOK\t.*\noverlay\tEPERM\t/);
});

t.test("probes answer in order, and for what they do not know", needRoot, async (t) => {
  const answers = runProbes(["pidfd", "nonsense", "link:nonsense", "namespace:what", "openat2"]);
  t.strictSame([...answers.keys()], ["pidfd", "nonsense", "link:nonsense", "namespace:what", "openat2"]);
  t.match(answers.get("nonsense"), { verdict: "EINVAL" });
  t.match(answers.get("link:nonsense"), { verdict: "EOPNOTSUPP" });
});

t.test("rules are tried in a namespace of their own", needRoot, async (t) => {
  t.match(await tryRule({ program: "iptables-restore", table: "filter", rule: "-A FORWARD -j ACCEPT" }), { status: "yes" });
  t.match(await tryRule({ program: "iptables-restore", table: "filter", rule: "-A FORWARD -m nonsense" }), {
    status: "no",
    said: /nonsense/,
  });
  t.match(await tryRule({ program: "tsns-no-such-program", table: "filter", rule: "" }), { status: "missing" });
});

t.test("traffic of a link is tried with a filter and a bucket", needRoot, async (t) => {
  const answers = runProbes(["traffic:filter", "traffic:rate"]);
  t.match(answers.get("traffic:filter"), { verdict: /^(OK|ENOENT|EOPNOTSUPP)$/, detail: /clsact/ });
  t.match(answers.get("traffic:rate"), { verdict: /^(OK|ENOENT|EOPNOTSUPP)$/ });
});
