// The seccomp filter of containers: that programs inside meet it, and what --security-opt makes of it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tap from "tap";
import { syscallNumbers } from "../../src/container/seccomp/table.ts";
import { image, inside, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { makeProbe } from "../fixture/probe.ts";

const scenario = sharingRoot(process.getuid?.() === 0 ? [makeProbe()] : []);
const numbers = syscallNumbers(process.arch === "x64" ? "SCMP_ARCH_X86_64" : "SCMP_ARCH_AARCH64");
const folder = mkdtempSync(join(tmpdir(), "tsns-seccomp-"));
tap.teardown(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, profile: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof profile === "string" ? profile : JSON.stringify(profile, undefined, 2));
  return path;
}

/** Calls by name with arguments, one line each: the answers in their order. */
async function answers(root: DataRoot, calls: readonly string[], options: readonly string[] = []): Promise<string[]> {
  const script = calls.map((line) => line.replace(/^\w+/, (name) => `probe call ${numbers.get(name) ?? 9999}`)).join("\n");
  return (await inside(root, script, options)).split("\n");
}

const status = "grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status | cut -f2 | tr '\\n' ' '";

scenario("run and exec have a filter, whoever runs", async (t, root) => {
  t.equal(await inside(root, status), "0 2 ");
  t.equal(await inside(root, status, ["--init"]), "0 2 ");
  t.equal(await inside(root, status, ["-u", "nobody"]), "0 2 ");
  t.equal(await inside(root, status, ["--security-opt", "no-new-privileges"]), "1 2 ");
  t.equal(await inside(root, status, ["--userns", "private"]), "0 2 ");
  t.equal(await inside(root, status, ["--cap-drop", "ALL"]), "0 2 ");
  t.equal(await inside(root, status, ["--privileged"]), "0 0 ");
  t.equal(await inside(root, status, ["--security-opt", "seccomp=unconfined"]), "0 0 ");
  await root.ok(["run", "-d", "--name", "filtered", "--network", "none", image, "sleep", "1000"]);
  t.equal(await root.ok(["exec", "filtered", "sh", "-c", status]), "0 2 ");
  t.equal(await root.ok(["exec", "--privileged", "filtered", "sh", "-c", status]), "0 2 ", "the container's, as docker's");
  await root.ok(["rm", "-f", "filtered"]);
});

scenario("calls that are refused by default", async (t, root) => {
  const refused = [
    "mount",
    "umount2",
    "setns",
    "bpf",
    "keyctl",
    "add_key",
    "init_module",
    "kexec_load",
    "reboot",
    "swapon",
    "io_uring_setup",
  ];
  t.same(await answers(root, refused), new Array(refused.length).fill("EPERM"));
  const flags = ["0x10000011", "0x20011", "0x20000011", "0x40000011", "0x2000011", "0x4000011", "0x8000011"];
  const spaces = flags.flatMap((flag) => [`clone ${flag}`, `unshare ${flag.replace("11", "00")}`]);
  t.same(await answers(root, spaces), new Array(spaces.length).fill("EPERM"), "no namespace can be made");
  t.same(
    await answers(root, ["clone 0x11", "clone3 0 0", "personality 0xffffffff", "personality 0x40000", "socket 40 1 0", "socket 1 1 0"]),
    ["ok", "ENOSYS", "ok", "EPERM", "EPERM", "ok"],
  );
  t.same(await answers(root, ["no_such_call"]), ["ENOSYS"]);
});

scenario("capabilities open the filter for their calls", async (t, root) => {
  const admin = ["--cap-add", "SYS_ADMIN"];
  t.same(await answers(root, ["clone 0x20011", "clone3 0 0", "unshare 0x20000", "setns -1 0"], admin), ["ok", "EINVAL", "ok", "EBADF"]);
  t.same(await answers(root, ["chroot 0"], ["--cap-drop", "SYS_CHROOT"]), ["EPERM"]);
  t.same(await answers(root, ["kexec_load 0"], admin), ["EPERM"]);
});

scenario("the other ways into the kernel", async (t, root) => {
  if (process.arch !== "x64") return t.plan(0, "another processor than x86-64");
  const [native] = await answers(root, ["mount 0 0 0 0 0"], ["--security-opt", "seccomp=unconfined", "--cap-add", "SYS_ADMIN"]);
  t.equal(native, "EFAULT");
  t.equal(
    await inside(root, "probe call32 21; probe call32 20; probe call $((0x40000000 + 165)); probe call32 120 0x10000011"),
    "EPERM\nok\nEPERM\nEPERM",
  );
  const alone = fileOf("alone.json", { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["read"], action: "SCMP_ACT_LOG" }] });
  const { code } = await root.tsns([
    "run",
    "--rm",
    "--network",
    "none",
    "--security-opt",
    `seccomp=${alone}`,
    image,
    "probe",
    "call32",
    "20",
  ]);
  t.equal(code, 128 + 31, "an architecture that the profile does not name ends the process: SIGSYS");
});

scenario("a profile of the user's", async (t, root) => {
  const profile = {
    defaultAction: "SCMP_ACT_ALLOW",
    archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
    syscalls: [
      { names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 },
      { names: ["getpriority"], action: "SCMP_ACT_ERRNO", args: [{ index: 1, value: 18446744073709, op: "SCMP_CMP_EQ" }] },
      { names: ["sethostname"], action: "SCMP_ACT_ERRNO", errnoRet: 22, excludes: { caps: ["CAP_SYS_ADMIN"] } },
    ],
  };
  const path = fileOf("own.json", profile);
  const options = ["--security-opt", `seccomp=${path}`];
  const calls = ["mkdir 0", "mkdirat 0", "getpriority 0 0", "getpriority 0 18446744073709", "sethostname 0 0"].filter((line) =>
    numbers.has(line.split(" ")[0] ?? ""),
  );
  const expected = ["ENOSPC", "ENOSPC", "ok", "EPERM", "EINVAL"].slice(-calls.length);
  t.same(await answers(root, calls, options), expected);
  t.same((await answers(root, calls, [...options, "--privileged"])).slice(0, -1), expected.slice(0, -1), "also for a privileged container");
  await root.ok(["create", "--name", "kept", "--network", "none", ...options, image, "mkdir", "/new"]);
  rmSync(path);
  const { code, stderr } = await root.tsns(["start", "-a", "kept"]);
  t.not(code, 0);
  t.match(stderr, /No space left/, "the file is read when the container is created");
  const shown = JSON.parse(await root.ok(["inspect", "--format", "{{json .HostConfig.SecurityOpt}}", "kept"]));
  t.same(shown, [`seccomp=${JSON.stringify(profile)}`]);
  await root.ok(["rm", "kept"]);
});

scenario("no_new_privs: the filter comes last and may refuse what makes the container", async (t, root) => {
  const names = ["setgroups", "setresuid", "setresgid", "capset", "prctl"];
  const path = fileOf("late.json", {
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [{ names: names.slice(0, 4), action: "SCMP_ACT_KILL_PROCESS" }],
  });
  const options = ["--security-opt", `seccomp=${path}`, "--security-opt", "no-new-privileges"];
  t.equal(await inside(root, "id -u", [...options, "-u", "nobody"]), "65534");
});

scenario("what tsns itself calls at the end of its work may be refused", async (t, root) => {
  const names = [
    "socket",
    "sendmsg",
    "sendto",
    "recvmsg",
    "recvfrom",
    "poll",
    "ppoll",
    "close_range",
    "rt_sigaction",
    "rt_sigprocmask",
    "prctl",
  ];
  const path = fileOf("talk.json", { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names, action: "SCMP_ACT_ERRNO" }] });
  const options = ["--security-opt", `seccomp=${path}`];
  const ids = "id -u; grep -E '^(CapEff|CapPrm|Seccomp):' /proc/self/status | cut -f2 | tr '\\n' ' '";
  t.equal(await inside(root, ids, options), "0\n00000000a80425fb 00000000a80425fb 2 ", "no capability more than without");
  t.equal(await inside(root, ids, [...options, "-u", "nobody"]), "65534\n0000000000000000 0000000000000000 2 ");
  t.equal(await inside(root, ids, [...options, "--cap-add", "SYS_ADMIN"]), "0\n00000000a82425fb 00000000a82425fb 2 ");
  t.equal(await inside(root, ids, [...options, "--security-opt", "no-new-privileges"]), "0\n00000000a80425fb 00000000a80425fb 2 ");
  t.equal(await inside(root, ids, [...options, "--init"]), "0\n00000000a80425fb 00000000a80425fb 2 ");
  await root.ok(["run", "-d", "--name", "quiet", "--network", "none", ...options, image, "sleep", "1000"]);
  t.equal(await root.ok(["exec", "quiet", "sh", "-c", ids]), "0\n00000000a80425fb 00000000a80425fb 2 ");
  t.match(await root.tsns(["run", "--rm", "--network", "none", ...options, image, "sh", "-c", "exit 7"]), { code: 7, stderr: "" });
  await root.ok(["rm", "-f", "quiet"]);
});

scenario("a profile that lets nothing through", async (t, root) => {
  const path = fileOf("nothing.json", { defaultAction: "SCMP_ACT_ERRNO" });
  const { code, stderr } = await root.tsns(["run", "--rm", "--network", "none", "--security-opt", `seccomp=${path}`, image, "true"]);
  t.ok(code >= 125 && code <= 127, `${code}`);
  t.equal(stderr.trim().split("\n").length, 1, stderr);
  t.equal(await root.ok(["ps", "-aq"]), "");
});

scenario("what is refused, and what is shown", async (t, root) => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ["foo", /Invalid --security-opt: "foo"/],
    ["foo=bar", /invalid --security-opt 2: "foo=bar"/],
    ["seccomp=", /Invalid --security-opt: "seccomp="/],
    ["seccomp=/no/such", /opening seccomp profile \(\/no\/such\) failed: open \/no\/such: no such file or directory/],
    ["seccomp=/", /opening seccomp profile \(\/\) failed: open \/: is a directory/],
    [`seccomp=${fileOf("text", "x")}`, /seccomp profile: not JSON/],
    [`seccomp=${fileOf("agent", { defaultAction: "SCMP_ACT_NOTIFY" })}`, /SCMP_ACT_NOTIFY needs a program/],
    ["no-new-privileges=maybe", /invalid --security-opt 2: "no-new-privileges=maybe"/],
    ["label=type:container_t", /tsns sets no SELinux labels/],
    ["systempaths=all", /invalid --security-opt 2: "systempaths=all"/],
    ["writable-cgroups=true", /the cgroup mount of a container is read-only/],
  ];
  for (const [word, pattern] of wrong) {
    t.match(await root.tsns(["run", "--rm", "--security-opt", word, image, "true"]), { code: 125, stderr: pattern }, word);
  }
  const enabled = (() => {
    try {
      return readFileSync("/sys/module/apparmor/parameters/enabled", "latin1").startsWith("Y");
    } catch {
      return false;
    }
  })();
  const profile = enabled ? /no such profile is loaded/ : /AppArmor is not enabled in this kernel/;
  t.match(await root.tsns(["run", "--rm", "--security-opt", "apparmor=tsns-none", image, "true"]), { code: 125, stderr: profile });
  t.equal(await inside(root, "echo runs", ["--security-opt", "apparmor=unconfined", "--security-opt", "label=disable"]), "runs");
  const shown = async (...options: string[]) => {
    const id = await root.ok(["create", ...options, image, "true"]);
    const format = "{{json .HostConfig.SecurityOpt}} {{json .HostConfig.ReadonlyPaths}} {{.AppArmorProfile}}";
    const text = await root.ok(["inspect", "--format", format, id]);
    await root.ok(["rm", id]);
    return text;
  };
  const opt = (...words: string[]) => words.flatMap((word) => ["--security-opt", word]);
  t.match(await shown(), /^null \["\/proc\/bus",.*\] $/);
  t.match(await shown("--privileged"), /^\["label=disable"\] null $/);
  t.match(
    await shown(...opt("no-new-privileges:true", "seccomp=unconfined", "systempaths=unconfined", "apparmor=unconfined")),
    /^\["no-new-privileges:true","seccomp=unconfined","apparmor=unconfined"\] \[\] unconfined$/,
  );
});

scenario("systempaths=unconfined shows what is hidden", async (t, root) => {
  const script = "head -c 1 /proc/timer_list | wc -c; mount | grep -c 'on /proc/'";
  t.equal(await inside(root, `${script}; true`, ["--security-opt", "systempaths=unconfined"]), "1\n0");
  const [hidden, mounts] = (await inside(root, script)).split("\n");
  t.equal(hidden, "0");
  t.ok(Number(mounts) > 5);
});
