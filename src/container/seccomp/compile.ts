// A seccomp profile to a filter of classic BPF for one host and one set of capabilities. Pure.
//
// The meaning is libseccomp's: a rule without conditions decides for its call, of several conditional ones the first that holds, and what no
// rule decides is the default action's. As with runc, calls newer than every call of the profile are answered ENOSYS, so that programs
// fall back; and the calls of an architecture that the profile does not name end the process.
import { TsnsError } from "../../base/error.ts";
import { architecturesOf, auditNumber, type CallArchitecture, x32Bit } from "./architecture.ts";
import {
  answer,
  BPF_MAXINSNS,
  type Code,
  encodeHex,
  load,
  type Segment,
  searchTree,
  whenArguments,
  whenAtLeast,
  whenEqual,
} from "./bpf.ts";
import { rulesIn, type SeccompAction, type SeccompArgument, type SeccompPlace, type SeccompProfile, type SeccompRule } from "./profile.ts";
import { syscallNumbers } from "./table.ts";

/** SECCOMP_RET_* of linux/seccomp.h. */
const answerOf: Readonly<Record<SeccompAction, number>> = {
  SCMP_ACT_ALLOW: 0x7fff0000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_TRAP: 0x00030000,
};

const EPERM = 1;
const ENOSYS = 38;
const unknownCall = answerOf.SCMP_ACT_ERRNO | ENOSYS;
const foreignArchitecture = answerOf.SCMP_ACT_KILL_PROCESS;

/** An action as the kernel's word. */
function answerNumber(action: SeccompAction, errnoRet: number | undefined): number {
  if (action === "SCMP_ACT_ERRNO") return (answerOf[action] | (errnoRet ?? EPERM)) >>> 0;
  return (answerOf[action] | (action === "SCMP_ACT_TRACE" ? (errnoRet ?? EPERM) : 0)) >>> 0;
}

/** What is done with one call: alternatives in order, the last without conditions. */
export interface Decision {
  readonly conditions: readonly SeccompArgument[];
  readonly value: number;
}

/** Two conditions on one argument are two rules (libseccomp allows one per argument; runc does this with them). */
function alternatives({ args, action, errnoRet }: SeccompRule): Decision[] {
  const value = answerNumber(action, errnoRet);
  const twice = new Set(args.map(({ index }) => index)).size < args.length;
  return twice ? args.map((each) => ({ conditions: [each], value })) : [{ conditions: args, value }];
}

/** What the default action makes of a call. */
const defaultDecision = ({ defaultAction, defaultErrnoRet }: SeccompProfile): Decision => ({
  conditions: [],
  value: answerNumber(defaultAction, defaultErrnoRet),
});

/** The decisions on each call that a rule names, by the call's name. */
export function decisionsOf(profile: SeccompProfile, place: SeccompPlace): ReadonlyMap<string, readonly Decision[]> {
  const otherwise = defaultDecision(profile);
  const found = new Map<string, Decision[]>();
  for (const rule of rulesIn(profile, place)) {
    const own = alternatives(rule).filter(({ value }) => value !== otherwise.value);
    for (const name of rule.names) {
      const list = found.get(name);
      if (list) list.push(...own);
      else found.set(name, [...own]);
    }
  }
  for (const [name, list] of found) {
    const whole = list.find(({ conditions }) => conditions.length === 0);
    found.set(name, whole ? [whole] : [...list, otherwise]);
  }
  return found;
}

/** Calls that x86 also has as the first argument of one call (socketcall(2), ipc(2)), with that argument. */
const multiplexed: Readonly<Record<string, readonly string[]>> = {
  socketcall:
    " socket bind connect listen accept getsockname getpeername socketpair send recv sendto recvfrom shutdown setsockopt getsockopt sendmsg recvmsg accept4 recvmmsg sendmmsg".split(
      " ",
    ),
  ipc: " semop semget semctl semtimedop       msgsnd msgrcv msgget msgctl       shmat shmdt shmget shmctl".split(" "),
};

/** A profile that says nothing of the multiplexer means its calls there, too; their own arguments are in memory, which no filter reads. */
function multiplexer(name: string, decisions: ReadonlyMap<string, readonly Decision[]>, otherwise: Decision): readonly Decision[] {
  const members = (multiplexed[name] ?? []).flatMap((member, at): Decision[] => {
    const [whole] = decisions.get(member) ?? [];
    if (!member || !whole || whole.conditions.length > 0 || whole.value === otherwise.value) return [];
    return [{ conditions: [{ index: 0, op: "SCMP_CMP_EQ", value: BigInt(at), valueTwo: 0n }], value: whole.value }];
  });
  return [...members, otherwise];
}

const codeOf = (decisions: readonly Decision[]): Code => decisions.flatMap(({ conditions, value }) => whenArguments(conditions, value));

const isRefusal = (action: SeccompAction): boolean => action !== "SCMP_ACT_ALLOW" && action !== "SCMP_ACT_LOG";

/** The highest number that any rule names: newer calls are those its author could not know. */
function newestNumber(profile: SeccompProfile, numbers: ReadonlyMap<string, number>): number {
  return profile.rules.reduce((most, { names }) => names.reduce((high, name) => Math.max(high, numbers.get(name) ?? -1), most), -1);
}

/** The decisions on a call that no rule names. */
export function decisionsOnUnnamed(profile: SeccompProfile, place: SeccompPlace, name: string): readonly Decision[] {
  const [native = "SCMP_ARCH_X86_64"] = architecturesOf[place.host];
  const numbers = syscallNumbers(native);
  const newest = newestNumber(profile, numbers);
  const newer = newest >= 0 && (numbers.get(name) ?? -1) > newest;
  return newer && isRefusal(profile.defaultAction) ? [{ conditions: [], value: unknownCall }] : [defaultDecision(profile)];
}

/** The search for a call's number in one architecture. */
function treeOf(architecture: CallArchitecture, profile: SeccompProfile, decisions: ReadonlyMap<string, readonly Decision[]>): Code {
  const otherwise = defaultDecision(profile);
  const numbers = syscallNumbers(architecture);
  const pieces = new Map<number, Code>();
  for (const [name, list] of decisions) {
    const number = numbers.get(name);
    if (number !== undefined) pieces.set(number, codeOf(list));
  }
  for (const name of architecture === "SCMP_ARCH_X86" ? Object.keys(multiplexed) : []) {
    const number = numbers.get(name);
    if (number !== undefined && !decisions.has(name)) pieces.set(number, codeOf(multiplexer(name, decisions, otherwise)));
  }
  const segments: Segment[] = [];
  const begin = (from: number, code: Code) => {
    if (segments.at(-1)?.from === from) segments.pop();
    const before = segments.at(-1)?.code;
    const same = before?.length === 1 && code.length === 1 && before[0]?.k === code[0]?.k;
    if (!same) segments.push({ from, code });
  };
  begin(0, codeOf([otherwise]));
  for (const number of [...pieces.keys()].sort((a, b) => a - b)) {
    begin(number, pieces.get(number) ?? []);
    begin(number + 1, codeOf([otherwise]));
  }
  const newest = newestNumber(profile, numbers);
  if (newest >= 0 && isRefusal(profile.defaultAction)) begin(newest + 1, answer(unknownCall));
  return searchTree(segments);
}

/** The filter as the native helper takes it: instructions in hexadecimal. Throws TsnsError invalid for one above the kernel's limit. */
export function compileSeccomp(profile: SeccompProfile, place: SeccompPlace): string {
  const decisions = decisionsOf(profile, place);
  const [native, ...others] = architecturesOf[place.host];
  const wanted = new Set<CallArchitecture>([...(native ? [native] : []), ...others.filter((name) => profile.architectures.includes(name))]);
  const tree = (name: CallArchitecture): Code => (wanted.has(name) ? treeOf(name, profile, decisions) : answer(foreignArchitecture));
  const perNumber = [...new Set([...wanted].map((name) => auditNumber[name]))];
  const bodies = perNumber.map((audit): Code => {
    const own = [...wanted].find((name) => auditNumber[name] === audit) ?? "SCMP_ARCH_X86_64";
    if (own !== "SCMP_ARCH_X86_64") return whenEqual(audit, [load(0), ...tree(own)]);
    return whenEqual(audit, [load(0), ...whenAtLeast(x32Bit, tree("SCMP_ARCH_X32")), ...tree(own)]);
  });
  const code = [load(4), ...bodies.flat(), ...answer(foreignArchitecture)];
  if (code.length <= BPF_MAXINSNS) return encodeHex(code);
  throw new TsnsError(
    "invalid",
    "seccomp-size",
    `the seccomp profile compiles to ${code.length} instructions; a filter has ${BPF_MAXINSNS}`,
    {
      hint: "join rules with the same action, leave out conditions on arguments",
      exitCode: 125,
    },
  );
}
