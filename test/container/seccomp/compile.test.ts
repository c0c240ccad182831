// What compiled filters answer, asked one call at a time.
import { existsSync, readFileSync } from "node:fs";
import t from "tap";
import { compileSeccomp } from "../../../src/container/seccomp/compile.ts";
import { parseSeccomp } from "../../../src/container/seccomp/parse.ts";
import type { SeccompPlace } from "../../../src/container/seccomp/profile.ts";
import { syscallName, syscallNumbers } from "../../../src/container/seccomp/table.ts";
import { ARCH, runFilter, wordOf } from "../../fixture/bpf.ts";

const x32Bit = 0x40000000;
const place = (more: Partial<SeccompPlace> = {}): SeccompPlace => ({ host: "amd64", kernel: [6, 1], capabilities: [], ...more });
const native = syscallNumbers("SCMP_ARCH_X86_64");

/** Answers of a profile to calls by name, with their arguments. */
function asker(profile: unknown, more: Partial<SeccompPlace> = {}) {
  const where = place(more);
  const hex = compileSeccomp(parseSeccomp(typeof profile === "string" ? profile : JSON.stringify(profile), where.host), where);
  const numbers = where.host === "amd64" ? native : syscallNumbers("SCMP_ARCH_AARCH64");
  const arch = where.host === "amd64" ? ARCH.x86_64 : ARCH.aarch64;
  const ask = (name: string, ...args: bigint[]) => wordOf(runFilter(hex, { number: numbers.get(name) ?? 9999, arch, args }));
  return { hex, ask };
}

/** One rule on mkdir beside a default that lets everything through. */
const onMkdir = (rule: object, more: object = {}) => ({
  defaultAction: "SCMP_ACT_ALLOW",
  ...more,
  syscalls: [{ names: ["mkdir"], action: "SCMP_ACT_ERRNO", ...rule }],
});
const first = (op: string, value: number | bigint, valueTwo = 0) => ({ args: [{ index: 0, value: Number(value), valueTwo, op }] });

t.test("each action", async (t) => {
  const answers: Readonly<Record<string, string>> = {
    SCMP_ACT_ERRNO: "errno 1",
    SCMP_ACT_KILL: "kill thread",
    SCMP_ACT_KILL_THREAD: "kill thread",
    SCMP_ACT_KILL_PROCESS: "kill",
    SCMP_ACT_TRAP: "trap",
    SCMP_ACT_TRACE: "trace",
    SCMP_ACT_LOG: "log",
  };
  for (const [action, word] of Object.entries(answers)) {
    const { ask } = asker(onMkdir({ action }));
    t.equal(ask("mkdir"), word, action);
    t.equal(ask("rmdir"), "allow", "its neighbour");
    t.equal(ask("rename"), "allow", "the other one");
    t.equal(asker({ defaultAction: action }).ask("read"), word, `${action} for all`);
  }
  t.equal(asker(onMkdir({ errnoRet: 13 })).ask("mkdir"), "errno 13");
});

t.test("each comparison, over both halves of an argument", async (t) => {
  const values = [0n, 1n, 4n, 5n, 6n, 0x1_0000_0004n, 0x1_0000_0005n, 0x2_0000_0000n, 0xffff_ffffn, 2n ** 64n - 1n];
  const holds: Readonly<Record<string, (a: bigint, b: bigint) => boolean>> = {
    SCMP_CMP_NE: (a, b) => a !== b,
    SCMP_CMP_LT: (a, b) => a < b,
    SCMP_CMP_LE: (a, b) => a <= b,
    SCMP_CMP_EQ: (a, b) => a === b,
    SCMP_CMP_GE: (a, b) => a >= b,
    SCMP_CMP_GT: (a, b) => a > b,
  };
  for (const [op, compare] of Object.entries(holds)) {
    for (const value of [0n, 5n, 0x1_0000_0005n]) {
      const { ask } = asker(onMkdir(first(op, value)));
      for (const given of values) t.equal(ask("mkdir", given), compare(given, value) ? "errno 1" : "allow", `${given} ${op} ${value}`);
    }
  }
});

t.test("arguments of 32 bits: the upper half means nothing", async (t) => {
  const numbers = { X86: [ARCH.x86, syscallNumbers("SCMP_ARCH_X86")], X32: [ARCH.x86_64, syscallNumbers("SCMP_ARCH_X32")] } as const;
  const all = { architectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] };
  for (const [arch, calls] of Object.values(numbers)) {
    const ask = (op: string, value: number | bigint, given: bigint, two = 0) => {
      const { hex } = asker(onMkdir(first(op, value, two), all));
      return wordOf(runFilter(hex, { number: calls.get("mkdir") ?? 9999, arch, args: [given] })) !== "allow";
    };
    t.ok(ask("SCMP_CMP_EQ", 0xffff_ffff, 2n ** 64n - 1n), "personality(-1), with a sign");
    t.ok(ask("SCMP_CMP_EQ", 0x1_0000_0005, 5n));
    t.notOk(ask("SCMP_CMP_NE", 5, 0x7_0000_0005n));
    t.same(
      [4n, 5n, 6n].map((given) => ask("SCMP_CMP_LT", 5, given)),
      [true, false, false],
    );
    t.same(
      [4n, 5n, 6n].map((given) => ask("SCMP_CMP_LE", 5, given)),
      [true, true, false],
    );
    t.same(
      [4n, 5n, 6n].map((given) => ask("SCMP_CMP_GE", 5, given)),
      [false, true, true],
    );
    t.same(
      [4n, 5n, 6n].map((given) => ask("SCMP_CMP_GT", 5, given)),
      [false, false, true],
    );
    t.ok(ask("SCMP_CMP_MASKED_EQ", 0xf0, 0xaa_0000_003fn, 0x31));
  }
});

t.test("masks", async (t) => {
  const { ask } = asker(onMkdir(first("SCMP_CMP_MASKED_EQ", 0xf0, 0x31)));
  t.equal(ask("mkdir", 0x30n), "errno 1", "bits of the value outside the mask do not count");
  t.equal(ask("mkdir", 0xaa_0000_003fn), "errno 1", "nor those of the argument");
  t.equal(ask("mkdir", 0x40n), "allow");
  const high = asker(onMkdir({ args: [{ index: 0, op: "SCMP_CMP_MASKED_EQ", value: 0xf_0000_0000, valueTwo: 0x3_0000_0000 }] }));
  t.equal(high.ask("mkdir", 0x3_1234_5678n), "errno 1");
  t.equal(high.ask("mkdir", 0x2_1234_5678n), "allow");
});

t.test("numbers of 64 bits keep their digits", async (t) => {
  const profile = `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir"],"action":"SCMP_ACT_ERRNO","args":[{"index":5,"op":"SCMP_CMP_EQ","value":18446744073709551615}]}]}`;
  const { ask } = asker(profile);
  t.equal(ask("mkdir", 0n, 0n, 0n, 0n, 0n, 2n ** 64n - 1n), "errno 1");
  t.equal(ask("mkdir", 0n, 0n, 0n, 0n, 0n, 2n ** 64n - 2n), "allow");
});

t.test("several conditions, several rules", async (t) => {
  const args = (...list: readonly (readonly [number, number])[]) => ({
    args: list.map(([index, value]) => ({ index, value, op: "SCMP_CMP_EQ" })),
  });
  const both = asker(onMkdir(args([0, 1], [1, 2])));
  t.equal(both.ask("mkdir", 1n, 2n), "errno 1");
  t.equal(both.ask("mkdir", 1n, 3n), "allow");
  t.equal(both.ask("mkdir", 0n, 2n), "allow");
  const either = asker(onMkdir(args([0, 1], [0, 2])));
  for (const value of [1n, 2n]) t.equal(either.ask("mkdir", value), "errno 1", "twice the same argument: one of them");
  t.equal(either.ask("mkdir", 3n), "allow");
  const rules = (...list: readonly object[]) => ({
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: list.map((rule) => ({ names: ["mkdir"], action: "SCMP_ACT_ERRNO", ...rule })),
  });
  const order = asker(rules({ ...args([0, 1]), errnoRet: 5 }, { ...args([1, 2]), errnoRet: 6 }));
  t.equal(order.ask("mkdir", 1n, 2n), "errno 5", "the first that holds");
  t.equal(order.ask("mkdir", 0n, 2n), "errno 6");
  t.equal(asker(rules(args([0, 1]), { errnoRet: 7 })).ask("mkdir", 1n), "errno 7", "one without conditions decides");
});

t.test("what rules depend on", async (t) => {
  const says = (when: object, more: Partial<SeccompPlace>) => asker(onMkdir(when), more).ask("mkdir") === "errno 1";
  const admin = { capabilities: ["CAP_SYS_ADMIN"] };
  t.ok(says({ includes: { caps: ["CAP_SYS_ADMIN"] } }, admin));
  t.notOk(says({ includes: { caps: ["CAP_SYS_ADMIN"] } }, {}));
  t.notOk(says({ includes: { caps: ["CAP_SYS_ADMIN", "CAP_BPF"] } }, admin), "all of them");
  t.notOk(says({ excludes: { caps: ["CAP_BPF", "CAP_SYS_ADMIN"] } }, admin), "one is enough");
  t.ok(says({ includes: { arches: ["arm64", "amd64"] } }, {}));
  t.notOk(says({ includes: { arches: ["arm64"] } }, {}));
  t.notOk(says({ excludes: { arches: ["amd64"] } }, {}));
  for (const [kernel, holds] of [
    [[4, 7], false],
    [[4, 8], true],
    [[5, 0], true],
    [[3, 99], false],
  ] as const) {
    t.equal(says({ includes: { minKernel: "4.8" } }, { kernel }), holds, kernel.join("."));
    t.equal(says({ excludes: { minKernel: "4.8" } }, { kernel }), !holds, kernel.join("."));
  }
});

t.test("architectures", async (t) => {
  const profile = (more: object) => ({ ...onMkdir({ names: ["mkdir", "execve"] }), ...more });
  const answers = (hex: string) => ({
    x86_64: wordOf(runFilter(hex, { number: 83, arch: ARCH.x86_64 })),
    x86: wordOf(runFilter(hex, { number: 39, arch: ARCH.x86 })),
    x86Other: wordOf(runFilter(hex, { number: 83, arch: ARCH.x86 })),
    x32: wordOf(runFilter(hex, { number: x32Bit + 83, arch: ARCH.x86_64 })),
    x32Own: wordOf(runFilter(hex, { number: x32Bit + 520, arch: ARCH.x86_64 })),
    arm: wordOf(runFilter(hex, { number: 39, arch: ARCH.arm })),
  });
  const alone = { x86_64: "errno 1", x86: "kill", x86Other: "kill", x32: "kill", x32Own: "kill", arm: "kill" };
  t.same(answers(asker(profile({})).hex), alone);
  const map = [
    { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
    { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
  ];
  const all = { x86_64: "errno 1", x86: "errno 1", x86Other: "allow", x32: "errno 1", x32Own: "errno 1", arm: "kill" };
  t.same(answers(asker(profile({ archMap: map })).hex), all);
  t.same(answers(asker(profile({ architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"] })).hex), { ...all, x32: "kill", x32Own: "kill" });
  const arm = asker(profile({ archMap: map }), { host: "arm64" });
  t.equal(wordOf(runFilter(arm.hex, { number: 221, arch: ARCH.aarch64 })), "errno 1", "execve of arm64");
  t.equal(wordOf(runFilter(arm.hex, { number: 11, arch: ARCH.arm })), "errno 1", "execve of arm");
  t.equal(wordOf(runFilter(arm.hex, { number: 83, arch: ARCH.x86_64 })), "kill");
});

t.test("socketcall and ipc are what they multiplex, unless a profile names them", async (t) => {
  const x86 = { architectures: ["SCMP_ARCH_X86"] };
  const asked = (profile: object, number: number, ...args: bigint[]) =>
    wordOf(runFilter(asker(profile).hex, { number, arch: ARCH.x86, args }));
  const profile = onMkdir({ names: ["socket", "shmget"] }, x86);
  t.equal(asked(profile, 102, 1n), "errno 1", "socketcall(SYS_SOCKET)");
  t.equal(asked(profile, 102, 3n), "allow", "socketcall(SYS_CONNECT)");
  t.equal(asked(profile, 117, 23n), "errno 1", "ipc(SHMGET)");
  t.equal(asked(profile, 117, 21n), "allow", "ipc(SHMAT)");
  t.equal(asked(onMkdir({ names: ["socket", "socketcall"] }, x86), 102, 3n), "errno 1");
});

t.test("calls newer than the profile are not there, in a filter that refuses", async (t) => {
  const strict = { defaultAction: "SCMP_ACT_ERRNO", syscalls: [{ names: ["read", "openat2"], action: "SCMP_ACT_ALLOW" }] };
  t.equal(asker(strict).ask("write"), "errno 1");
  t.equal(asker(strict).ask("faccessat2"), "errno 38");
  t.equal(asker(strict).ask("of a later kernel"), "errno 38");
  t.equal(asker(onMkdir({})).ask("of a later kernel"), "allow");
});

t.test("a filter above the kernel's limit is refused", async (t) => {
  const syscalls = Array.from({ length: 1200 }, (_, at) => ({ names: ["read"], action: "SCMP_ACT_ERRNO", ...first("SCMP_CMP_EQ", at) }));
  t.throws(() => asker({ defaultAction: "SCMP_ACT_ALLOW", syscalls }), { code: "seccomp-size", exitCode: 125 });
});

t.test("the table of numbers is the kernel's", async (t) => {
  const names = { read: 0, execve: 59, socket: 41, clone3: 435, mseal: 462, uretprobe: 335 };
  for (const [name, number] of Object.entries(names)) t.equal(native.get(name), number, name);
  t.equal(syscallName("SCMP_ARCH_AARCH64", 221), "execve");
  t.equal(syscallName("SCMP_ARCH_X86", 102), "socketcall");
  t.equal(syscallName("SCMP_ARCH_X32", x32Bit + 520), "execve");
  t.equal(syscallName("SCMP_ARCH_X86_64", 9999), undefined);
  for (const architecture of ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"] as const) {
    const numbers = [...syscallNumbers(architecture).values()];
    const twice = numbers.filter((number, at) => numbers.indexOf(number) !== at).map((number) => syscallName(architecture, number));
    t.same(twice, [], `${architecture}: each number once`);
  }
  const header = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h";
  if (!existsSync(header)) return;
  const wrong = [...readFileSync(header, "utf8").matchAll(/^#define __NR_(\w+) (\d+)$/gm)].filter(
    ([, name = "", number]) => native.get(name) !== Number(number),
  );
  t.same(
    wrong.map(([line]) => line),
    [],
  );
});

t.test("the multiplexers of x86: a condition on the first argument, which stands elsewhere there, is left out", async (t) => {
  const numbers = syscallNumbers("SCMP_ARCH_X86");
  const asks = (profile: object) => {
    const { hex } = asker({ ...profile, architectures: ["SCMP_ARCH_X86"] });
    return (name: string, ...args: bigint[]) => wordOf(runFilter(hex, { number: numbers.get(name) ?? 9999, arch: ARCH.x86, args }));
  };
  const rule = (action: string) => ({ names: ["socket"], action, args: [{ index: 0, value: 40, op: "SCMP_CMP_EQ" }] });
  const refusing = asks({ defaultAction: "SCMP_ACT_ALLOW", syscalls: [rule("SCMP_ACT_ERRNO")] });
  t.equal(refusing("socket", 40n), "errno 1");
  t.equal(refusing("socket", 2n), "allow");
  t.equal(refusing("socketcall", 1n), "errno 1", "no way around");
  t.equal(refusing("socketcall", 2n), "allow", "bind");
  const allowing = asks({ defaultAction: "SCMP_ACT_ERRNO", syscalls: [rule("SCMP_ACT_ALLOW")] });
  t.equal(allowing("socketcall", 1n), "allow");
  t.equal(allowing("socketcall", 3n), "errno 1");
});

t.test("a mask without bits is no condition", async (t) => {
  const { ask } = asker(onMkdir(first("SCMP_CMP_MASKED_EQ", 0, 5)));
  t.equal(ask("mkdir", 7n), "errno 1");
});
