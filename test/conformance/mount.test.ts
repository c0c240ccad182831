// config.md of the OCI runtime specification 1.2, Mounts and Linux mount options: each word as the kernel shows it, what is there already, what
// stays.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type Document, type OciBox, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

const options = () => ({ ...needRoot, buffered: true });
let made = 0;

function run(t: Test, box: OciBox, script: string, change: (config: Document, bundle: string) => void): readonly string[] {
  const { status, stdout, stderr } = box.oci(["run", "--bundle", box.bundle(script, change), `mount-${process.pid}-${made++}`]);
  t.equal(status, 0, `ran: ${stderr}`);
  return stdout.trim().split("\n");
}

interface Shown {
  readonly own: readonly string[];
  readonly spread: string;
  readonly type: string;
  readonly system: readonly string[];
}

/** mountinfo by target, the last mount of each. */
function shownIn(lines: readonly string[]): ReadonlyMap<string, Shown> {
  return new Map(
    lines.map((line) => {
      const [head = "", tail = ""] = line.split(" - ");
      const [, , , , target = "", own = "", ...spread] = head.split(" ");
      const [type = "", , system = ""] = tail.split(" ");
      return [target, { own: own.split(","), spread: spread.join(" "), type, system: system.split(",") }] as const;
    }),
  );
}

const mountInfo = "cat /proc/self/mountinfo";
const tmpfs = (destination: string, ...words: string[]) => ({ destination, type: "tmpfs", source: "tmpfs", options: words });

/** What a word does to a mount: it is there, or not. Words that nothing shows only have to be taken. */
const words: Readonly<Record<string, { readonly after?: string; readonly own?: string; readonly not?: string; readonly system?: string }>> =
  {
    async: { after: "sync", not: "sync" },
    atime: { after: "noatime", not: "noatime" },
    defaults: {},
    dev: { after: "nodev", not: "nodev" },
    diratime: { after: "nodiratime", not: "nodiratime" },
    dirsync: { system: "dirsync" },
    exec: { after: "noexec", not: "noexec" },
    iversion: {},
    lazytime: { system: "lazytime" },
    loud: { after: "silent" },
    noatime: { own: "noatime" },
    nodev: { own: "nodev" },
    nodiratime: { own: "nodiratime" },
    noexec: { own: "noexec" },
    noiversion: {},
    nolazytime: { after: "lazytime" },
    norelatime: {},
    nostrictatime: { after: "strictatime", own: "relatime" },
    nosuid: { own: "nosuid" },
    nosymfollow: { own: "nosymfollow" },
    relatime: { own: "relatime" },
    ro: { own: "ro" },
    rw: { after: "ro", own: "rw" },
    silent: {},
    strictatime: { not: "relatime" },
    suid: { after: "nosuid", not: "nosuid" },
    symfollow: { after: "nosymfollow", not: "nosymfollow" },
    sync: { system: "sync" },
  };

t.test("Linux mount options: every one of a file system, the later of two counts", options(), async (t) => {
  const box = openOciBox(t);
  const lines = run(t, box, mountInfo, (config) => {
    for (const [word, { after }] of Object.entries(words)) config.mounts.push(tmpfs(`/at/${word}`, ...(after ? [after] : []), word));
  });
  const shown = shownIn(lines);
  for (const [word, { own, not, system }] of Object.entries(words)) {
    const found = shown.get(`/at/${word}`);
    t.ok(found, `${word}: mounted`);
    if (own) t.ok(found?.own.includes(own), `${word}: ${own}`);
    if (not) t.notOk([...(found?.own ?? []), ...(found?.system ?? [])].includes(not), `${word}: not ${not}`);
    if (system) t.ok(found?.system.includes(system), `${word}: ${system}`);
  }
});

t.test("Linux mount options: of a bind, of all that is mounted below it", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true");
  mkdirSync(`${bundle}/below/deep`, { recursive: true });
  const both = ["dev", "diratime", "exec", "suid", "symfollow", "atime", "relatime", "rw"];
  const lines = run(t, box, mountInfo, (config) => {
    const bind = (name: string, ...list: string[]) => ({ destination: `/${name}`, type: "none", source: "/proc", options: list });
    for (const word of ["nosuid", "nodev", "noexec", "noatime", "nodiratime", "nosymfollow", "ro"]) {
      config.mounts.push(bind(`one/${word}`, "bind", word), bind(`all/${word}`, "rbind", `r${word}`));
    }
    for (const word of both) config.mounts.push(bind(`all/${word}`, "rbind", `r${word}`));
    config.mounts.push(bind("all/strictatime", "rbind", "rstrictatime"), bind("all/norelatime", "rbind", "rnorelatime"));
    config.mounts.push(bind("all/nostrictatime", "rbind", "rnostrictatime"));
  });
  const shown = shownIn(lines);
  for (const word of ["nosuid", "nodev", "noexec", "noatime", "nodiratime", "nosymfollow", "ro"])
    for (const target of [`/one/${word}`, `/all/${word}`]) t.ok(shown.get(target)?.own.includes(word), target);
  t.notOk(shown.get("/all/dev")?.own.includes("nodev"));
  t.notOk(shown.get("/all/exec")?.own.includes("noexec"));
  t.notOk(shown.get("/all/suid")?.own.includes("nosuid"));
  t.ok(shown.get("/all/rw")?.own.includes("rw"));
  t.ok(shown.get("/all/relatime")?.own.includes("relatime"));
  t.notOk(shown.get("/all/strictatime")?.own.some((word) => /atime$/.test(word)));
  for (const word of both) t.ok(shown.has(`/all/${word}`), `${word}: taken`);
});

t.test("Linux mount options: propagation, alone or with all below", options(), async (t) => {
  const box = openOciBox(t);
  const lines = run(t, box, mountInfo, (config, bundle) => {
    mkdirSync(`${bundle}/source`);
    for (const word of ["private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable"])
      config.mounts.push({ destination: `/${word}`, source: "source", options: ["bind", word] });
  });
  const shown = shownIn(lines);
  for (const word of ["shared", "unbindable"])
    for (const target of [`/${word}`, `/r${word}`]) t.match(shown.get(target)?.spread, word, target);
  for (const target of ["/private", "/rprivate", "/slave", "/rslave"]) t.notMatch(shown.get(target)?.spread, /shared|unbindable/, target);
});

t.test("Linux mount options: remount", options(), async (t) => {
  const box = openOciBox(t);
  const lines = run(t, box, mountInfo, (config, bundle) => {
    config.mounts.push(
      tmpfs("/t", "noexec"),
      tmpfs("/t", "remount", "ro", "size=64k"),
      { destination: "/b", source: `${bundle}/rootfs/bin`, options: ["bind"] },
      { destination: "/b", source: `${bundle}/rootfs/bin`, options: ["bind", "remount", "ro", "nosuid"] },
    );
  });
  const shown = shownIn(lines);
  t.match(shown.get("/t"), { own: ["ro", "relatime"], system: ["ro", "size=64k"] });
  t.match(shown.get("/b")?.own, ["ro", "nosuid", "relatime"]);
});

t.test("Linux mount options: what is unknown is the file system's own; what that does not know is an error", options(), async (t) => {
  const box = openOciBox(t);
  const lines = run(t, box, "stat -c %a /t; df -k /t | tail -1 | tr -s ' ' | cut -d' ' -f2", (config) => {
    config.mounts.push(tmpfs("/t", "size=64k", "mode=1711"));
  });
  t.same(lines, ["1711", "64"]);
  const { status, stderr } = box.oci([
    "create",
    "--bundle",
    box.bundle("true", (config) => config.mounts.push(tmpfs("/t", "no-such-word"))),
    "word",
  ]);
  t.equal(status, 1);
  t.match(stderr, /\/t/);
});

t.test("Mounts: a tmpfs has the mode of the directory it hides, unless it says one", options(), async (t) => {
  const box = openOciBox(t);
  const lines = run(t, box, "stat -c '%n %a' /hidden /made /said", (config, bundle) => {
    mkdirSync(`${bundle}/rootfs/hidden`);
    mkdirSync(`${bundle}/rootfs/said`);
    chmodSync(`${bundle}/rootfs/hidden`, 0o1750);
    config.mounts.push(tmpfs("/hidden"), tmpfs("/made"), tmpfs("/said", "mode=700"));
  });
  t.same(lines, ["/hidden 1750", "/made 1777", "/said 700"]);
});

t.test("Mounts: in the listed order, over what is mounted already, also after the cgroups", options(), async (t) => {
  const box = openOciBox(t);
  const lines = run(t, box, "cat /a/b/file; ls /sys/fs/cgroup/own /a", (config, bundle) => {
    mkdirSync(`${bundle}/first`);
    mkdirSync(`${bundle}/second/b`, { recursive: true });
    writeFileSync(`${bundle}/first/file`, "first\n");
    config.mounts.push(
      { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["rw"] },
      { destination: "a", type: "bind", source: "second", options: ["bind"] },
      { destination: "/a/b", source: `${bundle}/first`, options: ["rbind", "ro"] },
      tmpfs("/sys/fs"),
      tmpfs("/sys/fs/cgroup/own"),
      { destination: "/sys/fs/cgroup/own/there", source: "first", options: ["bind"] },
    );
  });
  t.same(lines, ["first", "/a:", "b", "", "/sys/fs/cgroup/own:", "there"]);
});

t.test("Mounts: binds and file systems are in mountinfo in the listed order", options(), async (t) => {
  const box = openOciBox(t);
  const lines = run(
    t,
    box,
    "while read -r _ _ _ _ at _; do case $at in /listed*) echo $at;; esac; done < /proc/self/mountinfo",
    (config, bundle) => {
      mkdirSync(`${bundle}/source`);
      config.mounts.push(
        tmpfs("/listed"),
        { destination: "/listed/b", source: "source", options: ["bind", "shared"] },
        tmpfs("/listed/c"),
        { destination: "/listed/a", source: "source", options: ["rbind", "private", "ro"] },
        tmpfs("/listed/d"),
      );
    },
  );
  t.same(lines, ["/listed", "/listed/b", "/listed/c", "/listed/a", "/listed/d"]);
});

t.test("Mounts: a source that a mount before it has made, in the root file system", options(), async (t) => {
  const box = openOciBox(t);
  const lines = run(t, box, "cat /again/file", (config, bundle) => {
    mkdirSync(`${bundle}/source`);
    writeFileSync(`${bundle}/source/file`, "made\n");
    config.mounts.push(
      { destination: "/first", source: "source", options: ["bind"] },
      { destination: "/again", source: `${bundle}/rootfs/first`, options: ["bind"] },
    );
  });
  t.same(lines, ["made"]);
});

t.test("Mounts: a source that is not there, ids that are mapped without maps", options(), async (t) => {
  const box = openOciBox(t);
  const refused = (mount: Document) => {
    const id = `refused-${made++}`;
    const { status, stderr } = box.oci(["create", "--bundle", box.bundle("true", (config) => config.mounts.push(mount)), id]);
    t.equal(status, 1);
    t.equal(box.oci(["state", id]).status, 1, "no container has been created");
    return stderr;
  };
  t.match(refused({ destination: "/a", source: "/no/such/source", options: ["bind"] }), /\/no\/such\/source/);
  t.match(refused({ destination: "/a", source: "/bin", options: ["bind", "idmap"] }), /idmap needs uidMappings/);
  t.match(refused({ destination: "/a", type: "nosuchfs", source: "x" }), /\/a/);
});

t.test("Delete: what is mounted in the host's mount namespace goes with the container that mounted it", options(), async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("exec sleep 100", (config) => {
    config.linux = { namespaces: [{ type: "pid" }] };
    config.hostname = undefined;
    config.mounts = [tmpfs("/tmp"), { destination: "/proc", type: "proc", source: "proc" }, tmpfs("/tmp/below")];
  });
  const mounted = () =>
    readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .filter((line) => line.includes(bundle)).length;
  t.equal(box.oci(["create", "--bundle", bundle, "open"]).status, 0);
  t.equal(mounted(), 3);
  t.equal(box.oci(["delete", "--force", "open"]).status, 0);
  t.equal(mounted(), 0);
});
