// Seccomp profiles of any content: refused with an error of tsns's or compiled to a filter that the kernel could load.
import fc from "fast-check";
import t from "tap";
import { TsnsError } from "../../src/base/error.ts";
import { compileSeccomp } from "../../src/container/seccomp/compile.ts";
import { parseSeccomp } from "../../src/container/seccomp/parse.ts";
import { syscallNumbers } from "../../src/container/seccomp/table.ts";
import { ARCH, runFilter } from "../fixture/bpf.ts";

const host = { host: "amd64", kernel: [6, 1], capabilities: ["CAP_SYS_ADMIN"] } as const;

/** The hexadecimal filter, or undefined for a profile that is refused. */
function compile(text: string): string | undefined {
  try {
    return compileSeccomp(parseSeccomp(text, "amd64"), host);
  } catch (error) {
    if (error instanceof TsnsError && error.kind === "invalid") return undefined;
    throw error;
  }
}

t.test("any text, any JSON", async () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void compile(text)));
});

const names = [...syscallNumbers("SCMP_ARCH_X86_64").keys()];
const action = fc.constantFrom(
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_TRAP",
  "SCMP_ACT_LOG",
  "SCMP_ACT_BAD",
);
const value = fc.oneof(fc.nat(), fc.integer(), fc.constant(2 ** 40), fc.string());
const argument = fc.record(
  {
    index: fc.integer({ min: -1, max: 6 }),
    op: fc.constantFrom("SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"),
    value,
    valueTwo: value,
  },
  { requiredKeys: ["op"] },
);
const when = fc.record({ caps: fc.subarray(["CAP_SYS_ADMIN", "CAP_BPF"]), arches: fc.subarray(["amd64", "arm64"]) }, { requiredKeys: [] });
const rule = fc.record(
  { names: fc.subarray(names, { maxLength: 20 }), action, args: fc.array(argument, { maxLength: 6 }), includes: when, excludes: when },
  { requiredKeys: ["names", "action"] },
);
const profile = fc.record(
  {
    defaultAction: action,
    architectures: fc.subarray(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_ARM"]),
    syscalls: fc.array(rule, { maxLength: 12 }),
  },
  { requiredKeys: ["defaultAction"] },
);

t.test("profiles that look like some: the filter ends for every call", async (t) => {
  let compiled = 0;
  fc.assert(
    fc.property(profile, fc.nat(600), fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 6 }), (value, number, args) => {
      const hex = compile(JSON.stringify(value));
      if (hex === undefined) return;
      compiled++;
      for (const arch of Object.values(ARCH)) runFilter(hex, { number, arch, args });
      runFilter(hex, { number: 0x40000000 + number, arch: ARCH.x86_64, args });
    }),
    { numRuns: 200 },
  );
  t.ok(compiled > 10, `${compiled} of them`);
});
