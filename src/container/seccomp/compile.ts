// A seccomp profile to a filter of classic BPF for one host and one set of capabilities. Pure.
//
// The meaning is libseccomp's: a rule without conditions decides for its call, of several conditional ones the first that holds, and what no
// rule decides is the default action's. As with runc, calls newer than every call of the profile are answered ENOSYS, so that programs
// fall back; and the calls of an architecture that the profile does not name end the process.
import { TsnsError } from "../../base/error.ts";
import { architecturesOf, auditNumber, type CallArchitecture, narrowArchitectures, x32Bit } from "./architecture.ts";
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
import { actionNumbers, hasErrno } from "./word.ts";

const EPERM = 1;
const ENOSYS = 38;
const unknownCall = actionNumbers.SCMP_ACT_ERRNO | ENOSYS;
const foreignArchitecture = actionNumbers.SCMP_ACT_KILL_PROCESS;

/** An action as the kernel's word. */
function answerNumber(action: SeccompAction, errnoRet: number | undefined): number {
  return (actionNumbers[action] | (hasErrno(action) ? (errnoRet ?? EPERM) : 0)) >>> 0;
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
  const lists = twice ? args.map((each) => [each]) : [args];
  // A mask without bits asks nothing.
  return lists.map((list) => ({ conditions: list.filter(({ op, value: mask }) => op !== "SCMP_CMP_MASKED_EQ" || mask !== 0n), value }));
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

/**
 * A profile that says nothing of the multiplexer means its calls there, too. Which of them it is stands where their own first argument would; the others
 * are in memory, which no filter reads. A condition on the first is left out, as libseccomp does: what is refused with some arguments is refused.
 */
function multiplexer(name: string, decisions: ReadonlyMap<string, readonly Decision[]>, otherwise: Decision): readonly Decision[] {
  const members = (multiplexed[name] ?? []).flatMap((member, at): Decision[] => {
    const which: SeccompArgument = { index: 0, op: "SCMP_CMP_EQ", value: BigInt(at), valueTwo: 0n };
    const own = (member && decisions.get(member)) || [];
    return own
      .filter(({ value }) => value !== otherwise.value)
      .map(({ conditions, value }) => ({ conditions: [which, ...conditions.filter(({ index }) => index !== 0)], value }));
  });
  return [...members, otherwise];
}

/** The code of decisions in one architecture. Most calls have one of a few answers, whatever their arguments are: those are made once. */
function coder(narrow: boolean): (decisions: readonly Decision[]) => Code {
  const answers = new Map<number, Code>();
  return (decisions) => {
    const [first] = decisions;
    if (!first || first.conditions.length > 0)
      return decisions.flatMap(({ conditions, value }) => whenArguments(conditions, value, narrow));
    const code = answers.get(first.value) ?? answer(first.value);
    answers.set(first.value, code);
    return code;
  };
}

/** A tracer decides on every call itself, on those it was not told of as well. */
const isRefusal = (action: SeccompAction): boolean => !["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"].includes(action);

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
  const codeOf = coder(narrowArchitectures.has(architecture));
  const rest = codeOf([otherwise]);
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
  begin(0, rest);
  for (const number of [...pieces.keys()].sort((a, b) => a - b)) {
    begin(number, pieces.get(number) ?? []);
    begin(number + 1, rest);
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
