// Which profiles are refused, and in which words.
import t from "tap";
import { compactJson, parseSeccomp } from "../../../src/container/seccomp/parse.ts";

const parse = (profile: unknown) => parseSeccomp(typeof profile === "string" ? profile : JSON.stringify(profile), "amd64");
const allow = { defaultAction: "SCMP_ACT_ALLOW" };
const rule = (more: object) => ({ ...allow, syscalls: [{ names: ["read"], action: "SCMP_ACT_ERRNO", ...more }] });
const argument = (more: object) => rule({ args: [{ index: 0, value: 0, op: "SCMP_CMP_EQ", ...more }] });

t.test("what is wrong is named", async (t) => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    ["{", /not JSON/],
    ["[]", /the profile is not an object/],
    ["null", /the profile is not an object/],
    [{}, /defaultAction is not a string/],
    [{ defaultAction: "ALLOW" }, /defaultAction: unknown action "ALLOW"/],
    [{ ...allow, syscall: [] }, /the profile: unknown member "syscall"/],
    [{ ...allow, syscalls: {} }, /syscalls is not a list/],
    [{ ...allow, defaultErrnoRet: 1 }, /SCMP_ACT_ALLOW has no error number/],
    [{ defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 4096 }, /defaultErrnoRet is not a whole number from 0 to 4095/],
    [{ defaultAction: "SCMP_ACT_ERRNO", defaultErrno: "EWHAT" }, /unknown error "EWHAT"/],
    [{ defaultAction: "SCMP_ACT_NOTIFY" }, /SCMP_ACT_NOTIFY needs a program that answers each call/],
    [rule({ action: "SCMP_ACT_NOTIFY" }), /syscalls\[0\]\.action: SCMP_ACT_NOTIFY needs a program/],
    [{ ...allow, listenerPath: "/run/agent" }, /listenerPath is for SCMP_ACT_NOTIFY/],
    [{ ...allow, flags: ["SECCOMP_FILTER_FLAG_NEW_LISTENER"] }, /flag "SECCOMP_FILTER_FLAG_NEW_LISTENER" is not supported/],
    [{ ...allow, architectures: ["SCMP_ARCH_Z80"] }, /unknown architecture "SCMP_ARCH_Z80"/],
    [{ ...allow, architectures: ["SCMP_ARCH_X86"], archMap: [{ architecture: "SCMP_ARCH_X86_64" }] }, /use either/],
    [rule({ name: "write" }), /'name' and 'names' were specified/],
    [rule({ names: [1] }), /an entry of syscalls\[0\]\.names is not a string/],
    [rule({ errnoRet: -1 }), /syscalls\[0\]\.errnoRet is not a whole number/],
    [rule({ args: [[]] }), /syscalls\[0\]\.args\[0\] is not an object/],
    [argument({ index: 6 }), /syscalls\[0\]\.args\[0\]\.index is not a whole number from 0 to 5/],
    [argument({ value: 1.5 }), /value is not a whole number/],
    [argument({ value: "1" }), /value is not a whole number/],
    [argument({ op: "==" }), /unknown comparison "=="/],
    [rule({ includes: { cap: [] } }), /includes: unknown member "cap"/],
    [rule({ excludes: { minKernel: "new" } }), /excludes\.minKernel is not VERSION\.PATCHLEVEL/],
  ];
  for (const [profile, pattern] of wrong) {
    t.throws(() => parse(profile), { message: pattern, kind: "invalid", exitCode: 125 }, `${pattern}`);
  }
  t.throws(() => parse(JSON.stringify(argument({})).replace('"value":0', '"value":18446744073709551616')), /value is not a whole number/);
});

t.test("what docker and podman write is taken", async (t) => {
  const profile = parse({
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 38,
    defaultErrno: "ENOSYS",
    $schema: "x",
    _remark: [],
    archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }, { architecture: "SCMP_ARCH_S390X" }],
    syscalls: [
      { names: ["read"], action: "SCMP_ACT_ALLOW", args: null, comment: "", includes: {}, excludes: {}, errnoRet: null, errno: null },
      { name: "a call of the future", action: "SCMP_ACT_TRACE", errnoRet: 7 },
      { names: ["write"], action: "SCMP_ACT_ERRNO", errno: "EINVAL" },
    ],
  });
  t.match(profile, { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, architectures: ["SCMP_ARCH_X86"], flags: 0 });
  t.same(
    profile.rules.map(({ names, errnoRet }) => [names, errnoRet]),
    [
      [["read"], undefined],
      [["a call of the future"], 7],
      [["write"], 22],
    ],
  );
  t.equal(compactJson('{ "a b" : [ 1 ,\n 18446744073709551615 ],\t"q\\" " : "\\\\" }'), '{"a b":[1,18446744073709551615],"q\\" ":"\\\\"}');
});
