// What the default profile lets through, by capability; and podman's profile, as a real one of somebody else's.
import { existsSync, readFileSync } from "node:fs";
import t from "tap";
import { compileFilter, prepareFilters, seccompProfile } from "../../../src/container/seccomp/choice.ts";
import { compileSeccomp } from "../../../src/container/seccomp/compile.ts";
import { defaultProfile } from "../../../src/container/seccomp/default.ts";
import { explainSeccomp } from "../../../src/container/seccomp/explain.ts";
import { preparedFilter, seccompFilter } from "../../../src/container/seccomp/filter.ts";
import { parseSeccomp } from "../../../src/container/seccomp/parse.ts";
import type { SeccompPlace, SeccompProfile } from "../../../src/container/seccomp/profile.ts";
import { syscallNumbers } from "../../../src/container/seccomp/table.ts";
import { ARCH, runFilter, wordOf } from "../../fixture/bpf.ts";
import { makeSpec } from "../../fixture/request.ts";

const docker = ["CAP_CHOWN", "CAP_SYS_CHROOT", "CAP_AUDIT_WRITE", "CAP_MKNOD"];
const place = (...capabilities: string[]): SeccompPlace => ({ host: "amd64", kernel: [6, 1], capabilities });
const numbers = syscallNumbers("SCMP_ARCH_X86_64");

function asker(profile: SeccompProfile, ...capabilities: string[]) {
  const hex = compileSeccomp(profile, place(...capabilities));
  return (name: string, ...args: bigint[]) => wordOf(runFilter(hex, { number: numbers.get(name) ?? 9999, arch: ARCH.x86_64, args }));
}

const CLONE_NEWUSER = 0x10000000n;
const everyNamespace = [0x20000n, 0x2000000n, 0x4000000n, 0x8000000n, CLONE_NEWUSER, 0x20000000n, 0x40000000n];

t.test("docker's capabilities", async (t) => {
  const ask = asker(defaultProfile, ...docker);
  for (const name of ["read", "openat", "execve", "clone", "fork", "chroot", "ptrace", "fchmodat2", "futex_waitv", "mseal", "arch_prctl"])
    t.equal(ask(name), "allow", name);
  const refused =
    "mount umount2 unshare setns bpf perf_event_open kexec_load init_module delete_module reboot swapon iopl open_by_handle_at add_key request_key keyctl userfaultfd io_uring_setup io_uring_enter settimeofday acct quotactl syslog mbind kcmp vhangup pivot_root move_mount open_tree fsopen sethostname lookup_dcookie nfsservctl";
  for (const name of refused.split(" ")) t.equal(ask(name), "errno 1", name);
  t.equal(ask("clone3"), "errno 38", "programs fall back to clone");
  for (const flag of everyNamespace) t.equal(ask("clone", flag | 0x11n), "errno 1", `clone ${flag.toString(16)}`);
  t.equal(ask("clone", 0x3d0f00n), "allow", "a thread");
  for (const value of [0x0n, 0x8n, 0x20000n, 0x20008n, 0xffffffffn]) t.equal(ask("personality", value), "allow", `${value}`);
  for (const value of [0x40000n, 0x1n, 0xffffffffffffffffn]) t.equal(ask("personality", value), "errno 1", `${value}`);
  t.equal(ask("socket", 2n), "allow");
  t.equal(ask("socket", 40n), "errno 1", "AF_VSOCK");
});

t.test("each capability brings its calls", async (t) => {
  const calls: Readonly<Record<string, string>> = {
    CAP_DAC_READ_SEARCH: "open_by_handle_at",
    CAP_SYS_ADMIN: "mount setns unshare clone3 bpf syslog fsopen quotactl",
    CAP_SYS_BOOT: "reboot",
    CAP_SYS_MODULE: "init_module finit_module delete_module",
    CAP_SYS_PACCT: "acct",
    CAP_SYS_PTRACE: "kcmp pidfd_getfd process_madvise",
    CAP_SYS_RAWIO: "iopl ioperm",
    CAP_SYS_TIME: "settimeofday clock_settime",
    CAP_SYS_TTY_CONFIG: "vhangup",
    CAP_SYS_NICE: "mbind set_mempolicy",
    CAP_SYSLOG: "syslog",
    CAP_BPF: "bpf",
    CAP_PERFMON: "perf_event_open",
  };
  for (const [capability, names] of Object.entries(calls)) {
    const ask = asker(defaultProfile, ...docker, capability);
    for (const name of names.split(" ")) t.equal(ask(name), "allow", `${capability}: ${name}`);
    t.equal(ask("kexec_load"), "errno 1");
  }
  t.equal(asker(defaultProfile)("chroot"), "errno 1", "without CAP_SYS_CHROOT");
  t.equal(asker(defaultProfile, "CAP_SYS_ADMIN")("clone", CLONE_NEWUSER), "allow");
});

t.test("the other architectures of a host", async (t) => {
  const { amd64, arm64 } = prepareFilters().hex;
  const say = (hex: string, number: number, arch: number) => wordOf(runFilter(hex, { number, arch }));
  t.equal(say(amd64, 11, ARCH.x86), "allow", "execve of x86");
  t.equal(say(amd64, 21, ARCH.x86), "errno 1", "mount of x86");
  t.equal(say(amd64, 0x40000000 + 520, ARCH.x86_64), "allow", "execve of x32");
  t.equal(say(amd64, 0x40000000 + 165, ARCH.x86_64), "errno 1", "mount of x32");
  t.equal(say(amd64, 0, ARCH.aarch64), "kill");
  t.equal(say(arm64, 221, ARCH.aarch64), "allow", "execve of arm64");
  t.equal(say(arm64, 40, ARCH.aarch64), "errno 1", "mount of arm64");
  t.equal(say(arm64, 435, ARCH.aarch64), "errno 38", "clone3");
  t.equal(say(arm64, 11, ARCH.arm), "allow", "execve of arm");
  t.equal(say(arm64, 21, ARCH.arm), "errno 1", "mount of arm");
  t.equal(say(arm64, 0, ARCH.x86_64), "kill");
});

t.test("who gets which filter", async (t) => {
  const host = { arch: "x64", release: "6.1.0-18-amd64" };
  const filter = (spec: Parameters<typeof makeSpec>[0], capabilities: readonly string[] = docker) =>
    compileFilter(makeSpec(spec), host, capabilities)?.hex;
  const prepared = prepareFilters();
  t.equal(filter({}), prepared.hex.amd64, "the common one is the prepared one");
  t.equal(preparedFilter(prepared, host, docker)?.hex, prepared.hex.amd64);
  t.equal(preparedFilter(prepared, host, [...docker, "CAP_NET_ADMIN"])?.hex, prepared.hex.amd64, "of which the profile says nothing");
  t.equal(preparedFilter(prepared, host, [...docker, "CAP_SYS_ADMIN"]), undefined);
  t.equal(preparedFilter(prepared, host, []), undefined, "without CAP_SYS_CHROOT");
  t.equal(preparedFilter(prepared, { ...host, release: "4.19.0" }, docker), undefined, "the rules ask for the kernel, too");
  t.not(filter({}, [...docker, "CAP_SYS_ADMIN"]), filter({}));
  t.equal(filter({ privileged: true }), undefined);
  t.equal(filter({ seccomp: "unconfined" }), undefined);
  const profile = '{"defaultAction":"SCMP_ACT_LOG","flags":["SECCOMP_FILTER_FLAG_LOG"]}';
  t.ok(filter({ seccomp: { path: "/p", profile } }));
  t.ok(filter({ seccomp: { path: "/p", profile }, privileged: true }), "a privileged container that asks for one has it");
  t.equal((await seccompFilter(makeSpec({ seccomp: { path: "/p", profile } }), host, docker))?.flags, 2);
  t.equal(await seccompFilter(makeSpec({ privileged: true }), host, docker), undefined);
  await t.rejects(seccompFilter(makeSpec({}), { ...host, arch: "riscv64" }, docker), { code: "seccomp-architecture", exitCode: 125 });
  t.equal(seccompProfile(makeSpec({ privileged: true }), { ...host, arch: "riscv64" }), undefined);
});

t.test(
  "podman's profile",
  { skip: existsSync("/usr/share/containers/seccomp.json") ? false : "podman's seccomp profile is not installed" },
  async (t) => {
    const profile = parseSeccomp(readFileSync("/usr/share/containers/seccomp.json", "utf8"), "amd64");
    const ask = asker(profile, ...docker);
    t.equal(ask("read"), "allow");
    t.equal(ask("kexec_load"), "errno 1");
    t.equal(ask("bpf"), "errno 1");
    t.equal(asker(profile, "CAP_SYS_ADMIN")("bpf"), "allow");
    t.equal(ask("socket", 16n, 0n, 9n), "allow");
    const without = asker(profile);
    t.equal(without("socket", 16n, 0n, 9n), "errno 22", "an audit socket without CAP_AUDIT_WRITE");
    t.equal(without("socket", 16n, 0n, 8n), "allow");
    t.equal(ask("personality", 0x20000n), "allow");
    t.equal(ask("personality", 0x40000n), "errno 38");
  },
);

t.test("why a call is refused, and what would allow it", async (t) => {
  const why = (name: string, ...more: string[]) => explainSeccomp(defaultProfile, name, place(...docker, ...more));
  t.same(why("read"), { verdict: "allowed", action: "allow" });
  t.same(why("syslog"), { verdict: "refused", action: "errno", errno: 1, capability: "SYSLOG" });
  t.same(why("bpf"), { verdict: "refused", action: "errno", errno: 1, capability: "BPF" });
  t.same(why("mount"), { verdict: "refused", action: "errno", errno: 1, capability: "SYS_ADMIN" });
  t.same(why("mount", "CAP_SYS_ADMIN"), { verdict: "allowed", action: "allow" });
  t.same(why("kexec_load"), { verdict: "refused", action: "errno", errno: 1 });
  t.same(why("clone"), { verdict: "depends", action: "errno", errno: 1, capability: "SYS_ADMIN" });
  t.same(why("clone3"), { verdict: "refused", action: "errno", errno: 38, capability: "SYS_ADMIN" });
  t.same(why("personality"), { verdict: "depends", action: "errno", errno: 1 });
  t.same(why("file_getattr"), { verdict: "refused", action: "errno", errno: 38 }, "newer than the profile");
  const profile = parseSeccomp('{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_KILL"}]}', "amd64");
  t.same(explainSeccomp(profile, "mkdir", place()), { verdict: "refused", action: "kill" });
  t.same(explainSeccomp(profile, "rmdir", place()), { verdict: "allowed", action: "allow" });
});
