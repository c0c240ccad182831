// config-linux.md of the runtime specification: Seccomp, up to what the compiled filter answers.
import t from "tap";
import { compileSeccomp } from "../../../src/container/seccomp/compile.ts";
import { parseSeccomp } from "../../../src/container/seccomp/parse.ts";
import { syscallNumbers } from "../../../src/container/seccomp/table.ts";
import { ARCH, runFilter, wordOf } from "../../fixture/bpf.ts";
import { configOf, refusal, warningsOf, wrongWith } from "../../fixture/oci-config.ts";

const read = (seccomp: object) => configOf({ linux: { seccomp } }).linux.seccomp;
const wrong = (seccomp: object) => wrongWith({ linux: { seccomp } }).replaceAll("linux.seccomp.", "");
const allow = { defaultAction: "SCMP_ACT_ALLOW" };
const onMkdir = (rule: object, more: object = {}) => ({
  ...allow,
  ...more,
  syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_ERRNO", ...rule }],
});
const notify = { listenerPath: "/run/agent.sock" };

/** What the filter answers to a call of an architecture. */
function answer(
  seccomp: object,
  name: string,
  arch: "SCMP_ARCH_X86_64" | "SCMP_ARCH_X86" | "SCMP_ARCH_X32" = "SCMP_ARCH_X86_64",
  ...args: bigint[]
): string {
  const section = read(seccomp);
  if (!section) throw new Error("no filter");
  const hex = compileSeccomp(section.profile, { host: "amd64", kernel: [6, 18], capabilities: [] });
  return wordOf(
    runFilter(hex, { number: syscallNumbers(arch).get(name) ?? 99_999, arch: arch === "SCMP_ARCH_X86" ? ARCH.x86 : ARCH.x86_64, args }),
  );
}

t.test("Seccomp: absent, no filter", async (t) => {
  t.equal(configOf({ linux: {} }).linux.seccomp, undefined);
  t.equal(configOf({ linux: { seccomp: null } }).linux.seccomp, undefined);
});

t.test("Seccomp: defaultAction REQUIRED, of the known ones", async (t) => {
  t.equal(wrong({}), "defaultAction: is missing");
  t.match(wrong({ defaultAction: "ALLOW" }), /^defaultAction: "ALLOW" is none of SCMP_ACT_ALLOW/);
  const words = {
    ALLOW: "allow",
    ERRNO: "errno 1",
    KILL: "kill thread",
    KILL_THREAD: "kill thread",
    KILL_PROCESS: "kill",
    LOG: "log",
    TRACE: "trace",
    TRAP: "trap",
  };
  for (const [name, word] of Object.entries(words)) {
    t.equal(answer({ defaultAction: `SCMP_ACT_${name}` }, "read"), word);
    const other = name === "ALLOW" ? "SCMP_ACT_KILL" : "SCMP_ACT_ALLOW";
    t.equal(answer({ defaultAction: other, syscalls: [{ names: ["mkdir"], action: `SCMP_ACT_${name}` }] }, "mkdir"), word);
  }
});

t.test("Seccomp: errnoRet and defaultErrnoRet; an action without one MUST be an error", async (t) => {
  t.equal(answer({ defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38 }, "read"), "errno 38");
  t.equal(answer(onMkdir({}), "mkdir"), "errno 1", "EPERM when it is not specified");
  t.equal(answer(onMkdir({ errnoRet: 13 }), "mkdir"), "errno 13");
  t.equal(answer(onMkdir({ errnoRet: 5000 }), "mkdir"), "errno 4095", "as the kernel takes it");
  t.equal(wrong({ ...allow, defaultErrnoRet: 1 }), "defaultErrnoRet: SCMP_ACT_ALLOW answers with no number");
  for (const action of ["SCMP_ACT_KILL", "SCMP_ACT_LOG", "SCMP_ACT_TRAP"])
    t.equal(wrong(onMkdir({ action, errnoRet: 1 })), `syscalls[0].errnoRet: ${action} answers with no number`);
  t.equal(wrong(onMkdir({ action: "SCMP_ACT_TRACE", errnoRet: 7 })), "");
});

t.test("Seccomp: names MUST contain at least one entry", async (t) => {
  t.equal(wrong(onMkdir({ names: [] })), "syscalls[0].names: needs at least one entry");
  t.equal(wrong(onMkdir({ names: undefined })), "syscalls[0].names: needs at least one entry");
  t.match(wrong(onMkdir({ names: [""] })), /^syscalls\[0\].names: has an empty name/);
  t.equal(wrong(onMkdir({ action: undefined })), "syscalls[0].action: is missing");
  t.equal(answer(onMkdir({ names: ["of_another_kernel", "rmdir"] }), "rmdir"), "errno 1", "an unknown call is left out");
});

t.test("Seccomp: architectures", async (t) => {
  const both = { architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] };
  t.equal(answer(onMkdir({}, both), "mkdir", "SCMP_ARCH_X86"), "errno 1");
  t.equal(answer(onMkdir({}, both), "mkdir", "SCMP_ARCH_X32"), "errno 1");
  t.equal(answer(onMkdir({}, both), "mkdir"), "errno 1", "the host's own belongs to them");
  t.equal(answer(onMkdir({}), "read", "SCMP_ARCH_X86"), "kill", "one that is not named");
  const others =
    "ARM AARCH64 MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE S390 S390X PARISC PARISC64 RISCV64 LOONGARCH64".split(
      " ",
    );
  t.equal(answer(onMkdir({}, { architectures: others.map((name) => `SCMP_ARCH_${name}`) }), "mkdir"), "errno 1");
  t.match(wrong(onMkdir({}, { architectures: ["SCMP_ARCH_VAX"] })), /^architectures\[0\]: "SCMP_ARCH_VAX" is none of/);
});

t.test("Seccomp: flags", async (t) => {
  const flags = [
    "SECCOMP_FILTER_FLAG_TSYNC",
    "SECCOMP_FILTER_FLAG_LOG",
    "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
  ];
  t.equal(read({ ...allow, flags })?.profile.flags, 6, "waiting for an agent needs one");
  t.equal(read(onMkdir({ action: "SCMP_ACT_NOTIFY" }, { ...notify, flags }))?.profile.flags, 6 + 32);
  t.match(wrong({ ...allow, flags: ["SECCOMP_FILTER_FLAG_NEW_LISTENER"] }), /^flags\[0\]: .* is none of/);
  t.equal(read(allow)?.profile.flags, 0);
});

t.test("Seccomp: args", async (t) => {
  const args = (...list: object[]) => onMkdir({ args: list });
  t.equal(answer(args({ index: 1, value: 5, op: "SCMP_CMP_GT" }), "mkdir", "SCMP_ARCH_X86_64", 0n, 6n), "errno 1");
  t.equal(answer(args({ index: 1, value: 5, op: "SCMP_CMP_GT" }), "mkdir", "SCMP_ARCH_X86_64", 9n, 5n), "allow");
  const masked = args({ index: 0, value: 0xf0, valueTwo: 0x30, op: "SCMP_CMP_MASKED_EQ" });
  t.equal(answer(masked, "mkdir", "SCMP_ARCH_X86_64", 0x3fn), "errno 1");
  t.equal(
    wrong(args({})),
    "syscalls[0].args[0].index: is missing; syscalls[0].args[0].value: is missing; syscalls[0].args[0].op: is missing",
  );
  t.match(wrong(args({ index: 6, value: 0, op: "SCMP_CMP_EQ" })), /index: 6 is not from 0 to 5/);
  t.match(wrong(args({ index: 0, value: -1, op: "SCMP_CMP_EQ" })), /value: -1 is not from 0/);
  t.match(wrong(args({ index: 0, value: 0, op: "==" })), /op: "==" is none of SCMP_CMP_NE/);
});

t.test("Seccomp: SCMP_ACT_NOTIFY needs a listener; listenerMetadata MUST NOT be set without one", async (t) => {
  const asks = onMkdir({ action: "SCMP_ACT_NOTIFY" }, { ...notify, listenerMetadata: "m" });
  t.equal(answer(asks, "mkdir"), "notify");
  t.match(read(asks), { listenerPath: "/run/agent.sock", listenerMetadata: "m" });
  t.match(wrong(onMkdir({ action: "SCMP_ACT_NOTIFY" })), /^listenerPath: is missing/);
  t.equal(wrong({ ...allow, listenerMetadata: "m" }), "listenerMetadata: needs listenerPath");
  t.notOk("listenerPath" in (read({ ...allow, ...notify }) ?? {}), "without SCMP_ACT_NOTIFY it is ignored");
  t.match(wrong({ defaultAction: "SCMP_ACT_NOTIFY", ...notify }), /^defaultAction: SCMP_ACT_NOTIFY is possible for single calls only/);
  t.match(
    wrong({ ...onMkdir({ names: ["read", "write"], action: "SCMP_ACT_NOTIFY" }, notify) }),
    /SCMP_ACT_NOTIFY cannot be used for the write syscall/,
  );
});

t.test("a profile of run --security-opt has no agent, so SCMP_ACT_NOTIFY stays refused there", async (t) => {
  t.match(
    refusal(() => parseSeccomp(JSON.stringify(onMkdir({ action: "SCMP_ACT_NOTIFY" })), "amd64")),
    /SCMP_ACT_NOTIFY needs a program/,
  );
});

t.test("calls newer than the profile: ENOSYS where it refuses by default, a tracer is asked", async (t) => {
  const old = (defaultAction: string) => ({ defaultAction, syscalls: [{ names: ["read"], action: "SCMP_ACT_KILL" }] });
  t.equal(answer(old("SCMP_ACT_ERRNO"), "mseal"), "errno 38");
  t.equal(answer(old("SCMP_ACT_TRACE"), "mseal"), "trace");
  t.equal(answer(old("SCMP_ACT_LOG"), "mseal"), "log");
  t.same(warningsOf({ linux: { seccomp: old("SCMP_ACT_ERRNO") } }), []);
});
