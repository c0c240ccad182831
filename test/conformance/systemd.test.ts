// --systemd-cgroup under a real systemd, with cgroups as machines have them: what it knows of a container, and what the kernel does.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type Document, openOciBox } from "../fixture/oci-bundle.ts";
import { needPrograms } from "../fixture/oci-caller.ts";
import { openSystemd, type SystemdLayout, systemdLayouts } from "../fixture/systemd.ts";
import { waitFor } from "../fixture/wait.ts";

/** Without controllers on v2 there is nothing that could be limited. */
const isLimited = (layout: SystemdLayout): boolean => layout !== "v2" || existsSync("/sys/fs/cgroup/cgroup.controllers");

const limits = (config: Document): void => {
  Object.assign(config.linux.resources, {
    memory: { limit: 64 << 20 },
    cpu: { shares: 512, quota: 25_500, period: 100_000, cpus: "0" },
    pids: { limit: 33 },
  });
};

const unit = "box-one.scope";

async function open(t: Test, layout: SystemdLayout) {
  const systemd = await openSystemd(t, layout);
  const box = openOciBox(t, systemd);
  const bundle = (script: string, change: (config: Document) => void = () => {}) =>
    box.bundle(script, (config) => {
      config.linux.cgroupsPath = "tsns-test.slice:box:one";
      // So that /proc/self/cgroup tells the whole path.
      config.linux.namespaces = config.linux.namespaces.filter(({ type }: Document) => type !== "cgroup");
      if (isLimited(layout)) limits(config);
      change(config);
    });
  /** Files of the container's groups, as far as they are there. */
  const groups = (file: string) =>
    systemd
      .ok(["find", "/sys/fs/cgroup", "-path", `*/tsns.slice/tsns-test.slice/${unit}/${file}`])
      .split("\n")
      .filter((line) => line !== "");
  const read = (file: string) => systemd.ok(["cat", groups(file)[0] ?? file]);
  /** Who is in it, in any hierarchy, by the numbers there. */
  const members = () => [...new Set(groups("cgroup.procs").flatMap((path) => systemd.ok(["cat", path]).split("\n")))];
  const oci = (...args: string[]) => box.oci(["--systemd-cgroup", ...args]);
  const update = (resources: Document) => box.oci(["update", "--resources", "-", "first"], { input: JSON.stringify(resources) });
  return { ...box, systemd, bundle, groups, read, members, oci, update };
}

const needSystemd = needPrograms("systemd", "busctl", "dbus-daemon");

for (const layout of systemdLayouts) {
  t.test(`${layout}: a container is in a scope, from create to delete`, needSystemd, async (t) => {
    const { bundle, oci, update, state, systemd, groups, read, members } = await open(t, layout);
    const annotations = {
      "org.systemd.property.TimeoutStopSec": "7",
      "org.systemd.property.After": "['dbus.service', 'dbus.socket']",
      "org.systemd.property.Description": "'what it is'",
      unrelated: "5",
    };
    const made = oci(
      "create",
      "--bundle",
      bundle("sleep 1000", (config) => Object.assign(config, { annotations })),
      "first",
    );
    t.same([made.status, made.stderr], [0, ""]);
    const { pid } = state("first");
    const shown = systemd.show(unit);
    t.match(shown, {
      ActiveState: "active",
      Slice: "tsns-test.slice",
      Delegate: "yes",
      DefaultDependencies: "no",
      CollectMode: "inactive-or-failed",
    });
    t.match(shown, {
      TimeoutStopUSec: "7s",
      Description: "what it is",
      MemoryAccounting: "yes",
      TasksAccounting: "yes",
      CPUAccounting: "yes",
    });
    t.match(shown, { ControlGroup: `/tsns.slice/tsns-test.slice/${unit}`, After: /dbus\.service/ });
    t.match(shown.After, /dbus\.socket/);
    t.same(members(), [`${pid}`], "nobody else is in it");

    if (isLimited(layout)) {
      t.match(shown, { TasksMax: "33", CPUQuotaPerSecUSec: "260ms", CPUQuotaPeriodUSec: "100ms", AllowedCPUs: "0" });
      t.match(shown, layout === "v2" ? { MemoryMax: "67108864", CPUWeight: "59" } : { MemoryLimit: "67108864", CPUShares: "512" });
      t.equal(read("pids.max"), "33");
      t.equal(layout === "v2" ? read("cpu.max") : read("cpu.cfs_quota_us"), layout === "v2" ? "25500 100000" : "25500", "not rounded");
      t.equal(oci("update", "--pids-limit", "44", "--memory", "96m", "--cpu-quota", "40000", "first").stderr, "");
      t.match(systemd.show(unit), {
        TasksMax: "44",
        CPUQuotaPerSecUSec: "400ms",
        [layout === "v2" ? "MemoryMax" : "MemoryLimit"]: "100663296",
      });
      t.equal(read("pids.max"), "44");
    }
    const rules = [
      { allow: false, access: "rwm" },
      { allow: true, type: "c", major: 10, minor: 229, access: "rw" },
    ];
    const changed = update({ devices: rules });
    t.same([changed.status, changed.stderr], [0, ""]);
    const devices = layout === "v2" ? "" : read("devices.list");
    if (layout !== "v2") t.match(devices, /^c 10:229 rw$/m);
    systemd.ok(["systemctl", "daemon-reload"]);
    if (layout !== "v2") t.same(read("devices.list").split("\n").sort(), devices.split("\n").sort(), "systemd gives no device back");

    t.equal(oci("start", "first").stderr, "");
    const own = oci("exec", "first", "cat", "/proc/self/cgroup").stdout;
    const lines = own.split("\n").filter((line) => (layout === "v2" ? /^0:/ : layout === "hybrid" ? /./ : /^[1-9]/).test(line));
    t.ok(lines.length > 0 && lines.every((line) => line.endsWith(`/tsns.slice/tsns-test.slice/${unit}`)), own);

    t.equal(oci("kill", "first", "KILL").stderr, "");
    await waitFor("the container to end", () => state("first").status === "stopped");
    const removed = oci("delete", "first");
    t.same([removed.status, removed.stderr], [0, ""]);
    t.match(systemd.show(unit), { LoadState: "not-found", ActiveState: "inactive" });
    t.same(groups("*"), []);
  });

  t.test(`${layout}: run, and what a container leaves running`, needSystemd, async (t) => {
    const { bundle, oci, root, systemd, groups, members } = await open(t, layout);
    const path = bundle("sleep 1000 & exec sleep 1000", shareProcesses);
    const detached = oci("run", "--detach", "--bundle", path, "detached");
    t.same([detached.status, detached.stderr], [0, ""]);
    const asleep = () => oci("ps", "detached").stdout.match(/ \d\d:\d\d:\d\d sleep 1000$/gm)?.length === 2;
    t.ok(await waitFor("two that sleep", () => members().length === 2 && asleep()));
    oci("kill", "detached", "KILL");
    const removed = oci("delete", "--force", "detached");
    t.same([removed.status, removed.stderr], [0, ""]);
    t.match(systemd.show(unit), { LoadState: "not-found" });
    const config: Document = JSON.parse(readFileSync(`${path}/config.json`, "utf8"));
    config.process.args = ["sh", "-c", 'while read -r line; do echo "$line"; done </proc/self/cgroup; exit 3'];
    if (isLimited(layout)) config.linux.resources.pids = { limit: 1 };
    writeFileSync(`${path}/config.json`, JSON.stringify(config));
    t.match(oci("run", "--bundle", path, "attended"), { status: 3, stderr: "", stdout: unit });
    t.match(systemd.show(unit), { LoadState: "not-found" });
    t.same([groups("*"), systemd.ok(["ls", root])], [[], ""]);
  });

  t.test(`${layout}: a slice that is frozen is refused`, needSystemd, async (t) => {
    const { bundle, oci, root, systemd } = await open(t, layout);
    const inSlice = (name: string) => bundle("exec sleep 1000", (config) => (config.linux.cgroupsPath = `tsns-test.slice:box:${name}`));
    t.equal(oci("run", "--detach", "--bundle", inSlice("one"), "first").stderr, "");
    const file = layout === "v2" ? "cgroup.freeze" : "freezer.state";
    const [path = file] = systemd.ok(["find", "/sys/fs/cgroup", "-path", `*/tsns.slice/tsns-test.slice/${file}`]).split("\n");
    const set = (value: string) => systemd.ok(["sh", "-c", `echo ${value} > ${path}`]);
    set(layout === "v2" ? "1" : "FROZEN");
    const made = oci("create", "--bundle", inSlice("two"), "second");
    set(layout === "v2" ? "0" : "THAWED");
    t.match(made, { status: 1, stderr: /^tsns: container's cgroup unexpectedly frozen: \S+ \(thaw it .*\)\n$/ });
    t.match([systemd.show("box-two.scope"), systemd.ok(["ls", root])], [{ LoadState: "not-found" }, "first"]);
    t.equal(oci("delete", "--force", "first").stderr, "");
  });
}

/** Without a process 1 of its own that takes the others along. */
function shareProcesses({ linux }: Document): void {
  linux.namespaces = linux.namespaces.filter(({ type }: Document) => type !== "pid");
}

t.test("what cannot be made is not there afterwards, and what is another's stays", needSystemd, async (t) => {
  const { bundle, oci, root, systemd } = await open(t, systemdLayouts[0] ?? "v2");
  const path = bundle("sleep 1000");
  t.equal(oci("create", "--bundle", path, "first").status, 0);
  const config: Document = JSON.parse(readFileSync(`${path}/config.json`, "utf8"));
  const refused: readonly (readonly [message: RegExp, cgroupsPath: string, annotations: Record<string, string>, program?: string])[] = [
    [/unit box-one\.scope exists already/, "tsns-test.slice:box:one", {}],
    [/expected cgroupsPath to be of format "slice:prefix:name"/, "/a/b", {}],
    [/invalid slice name: "a--b\.slice/, "a--b.slice:box:two", {}],
    [/exec: "nosuch"/, ":box:two", {}, "nosuch"],
    [/unit box-two\.scope: .*NoSuch/, ":box:two", { "org.systemd.property.NoSuch": "5" }],
    [/annotation org\.systemd\.property\.CPUWeight="\[5": /, ":box:two", { "org.systemd.property.CPUWeight": "[5" }],
  ];
  for (const [message, cgroupsPath, annotations, program = "sh"] of refused) {
    config.annotations = annotations;
    config.linux.cgroupsPath = cgroupsPath;
    config.process.args[0] = program;
    writeFileSync(`${path}/config.json`, JSON.stringify(config));
    const { status, stderr } = oci("create", "--bundle", path, "second");
    t.not(status, 0);
    t.match(stderr, message);
    t.equal(stderr.trim().split("\n").length, 1, stderr);
  }
  t.match(systemd.show("box-two.scope"), { LoadState: "not-found" });
  t.match([systemd.show(unit).ActiveState, systemd.ok(["ls", root])], ["active", "first"]);
});

t.test("where no systemd runs the option is refused", needPrograms(), async (t) => {
  const { oci, bundle, root } = openOciBox(t);
  if (existsSync("/run/systemd/system")) return t.pass("one runs here");
  const made = oci(["--systemd-cgroup", "create", "--bundle", bundle("true"), "box"]);
  t.match(made, { status: 1, stderr: /^tsns: --systemd-cgroup: systemd is not running on this host \(leave it out and .*\)\n$/ });
  t.equal(existsSync(`${root}/box`), false);
});
