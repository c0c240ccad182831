// Compiles device rules to a BPF_PROG_TYPE_CGROUP_DEVICE program, cgroup v2's replacement of the devices controller.
// Only assembles; the native helper loads and attaches it (bpf(2), Linux 4.15).
import type { DeviceRule } from "./device.ts";

// struct bpf_cgroup_dev_ctx of linux/bpf.h: three u32, the first one holds access << 16 | type.
const context = { accessType: 0, major: 4, minor: 8 };
const deviceType = { b: 1, c: 2 };
const accessBit: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

// Opcodes of linux/bpf.h and linux/bpf_common.h.
const op = {
  loadWord: 0x61, // LDX | W | MEM
  moveRegister: 0xbf, // ALU64 | MOV | X
  moveImmediate: 0xb7, // ALU64 | MOV | K
  and: 0x54, // ALU | AND | K
  shiftRight: 0x74, // ALU | RSH | K
  jumpIfEqual: 0x15, // JMP | JEQ | K
  jumpUnlessEqual: 0x55, // JMP | JNE | K
  exit: 0x95,
};
const register = { result: 0, context: 1, type: 2, access: 3, major: 4, minor: 5, scratch: 6 };

interface Instruction {
  readonly code: number;
  readonly destination?: number;
  readonly source?: number;
  readonly offset?: number;
  readonly immediate?: number;
}

/** Writes struct bpf_insn (8 bytes) in the byte order of all machines Node's Linux builds run on but s390x: little endian. */
function encode(instructions: readonly Instruction[]): string {
  const bytes = Buffer.alloc(instructions.length * 8);
  instructions.forEach((instruction, index) => {
    const at = index * 8;
    bytes.writeUInt8(instruction.code, at);
    bytes.writeUInt8((instruction.destination ?? 0) | ((instruction.source ?? 0) << 4), at + 1);
    bytes.writeInt16LE(instruction.offset ?? 0, at + 2);
    bytes.writeInt32LE(instruction.immediate ?? 0, at + 4);
  });
  return bytes.toString("hex");
}

/** A rule that decides: `access` absent is all of it, `type` absent both. */
export interface DeviceDecision {
  readonly allow: boolean;
  readonly type?: DeviceRule["type"];
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

const allAccess = 7;

/**
 * The comparisons of one rule in order, each made of instructions of which the last jumps when it fails. The access comes last: what is allowed of
 * it need not be allowed again, and the rules behind decide of the rest.
 */
function checksOf(rule: DeviceDecision): readonly (readonly Instruction[])[] {
  const unlessEqual = (destination: number, immediate: number): Instruction => ({ code: op.jumpUnlessEqual, destination, immediate });
  const access = [...rule.access].reduce((mask, letter) => mask | (accessBit[letter] ?? 0), 0);
  const allowed: readonly Instruction[] = [
    { code: op.and, destination: register.access, immediate: allAccess & ~access },
    unlessEqual(register.access, 0),
  ];
  const denied: readonly Instruction[] = [
    { code: op.moveRegister, destination: register.scratch, source: register.access },
    { code: op.and, destination: register.scratch, immediate: access },
    { code: op.jumpIfEqual, destination: register.scratch, immediate: 0 },
  ];
  return [
    ...(rule.type === undefined ? [] : [[unlessEqual(register.type, deviceType[rule.type])]]),
    ...(rule.major === undefined ? [] : [[unlessEqual(register.major, rule.major)]]),
    ...(rule.minor === undefined ? [] : [[unlessEqual(register.minor, rule.minor)]]),
    ...(access === allAccess ? [] : [rule.allow ? allowed : denied]),
  ];
}

const jumps: readonly number[] = [op.jumpUnlessEqual, op.jumpIfEqual];

function compileRule(rule: DeviceDecision): readonly Instruction[] {
  const verdict: readonly Instruction[] = [
    { code: op.moveImmediate, destination: register.result, immediate: rule.allow ? 1 : 0 },
    { code: op.exit },
  ];
  const checks = checksOf(rule).flat();
  const end = checks.length + verdict.length;
  const linked = checks.map((instruction, index) =>
    jumps.includes(instruction.code) ? { ...instruction, offset: end - index - 1 } : instruction,
  );
  return [...linked, ...verdict];
}

/** The program as hexadecimal bytes of struct bpf_insn: returns 1 (allow) when rules cover all of the access asked for, else 0. */
export const compileDeviceFilter = (rules: readonly DeviceRule[]): string =>
  compileDeviceDecisions(rules.map((rule) => ({ ...rule, allow: true })));

/** The program: of each access asked for (r, w, m) the first rule that has it decides; what none has is denied. */
export function compileDeviceDecisions(rules: readonly DeviceDecision[]): string {
  const decisive = rules.findIndex((rule) => checksOf(rule).length === 0);
  // Behind a rule that matches everything no code may stand (the verifier refuses what is unreachable).
  const reachable = decisive < 0 ? rules : rules.slice(0, decisive + 1);
  const load = (destination: number, offset: number): Instruction => ({
    code: op.loadWord,
    destination,
    source: register.context,
    offset,
  });
  return encode([
    load(register.type, context.accessType),
    { code: op.moveRegister, destination: register.access, source: register.type },
    { code: op.and, destination: register.type, immediate: 0xffff },
    { code: op.shiftRight, destination: register.access, immediate: 16 },
    load(register.major, context.major),
    load(register.minor, context.minor),
    ...reachable.flatMap(compileRule),
    ...(decisive < 0 ? [{ code: op.moveImmediate, destination: register.result, immediate: 0 }, { code: op.exit }] : []),
  ]);
}
