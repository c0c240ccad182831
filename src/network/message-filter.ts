// rtnetlink messages for what meets the packets that come in by a link: linux/pkt_cls.h, linux/tc_act/tc_mirred.h, tc-bpf(8). All of it goes with
// the link. Pure; links are named by index.
import { type Attribute, flag, join, renderMessage, text, u16, u32 } from "./message.ts";
import { type PacketInstruction, verdict } from "./packet-program.ts";

/** linux/rtnetlink.h */
const messageType = { newQdisc: 36, newFilter: 44, delFilter: 45 } as const;
/** TC_H_CLSACT, its handle, and the filters of what comes in (TC_H_MIN_INGRESS). */
const clsact = { parent: 0xfffffff1, handle: 0xffff0000, ingress: 0xfffffff2 } as const;
const tca = { kind: 1, options: 2 } as const;
const bpf = { actions: 1, length: 4, instructions: 5, flags: 8 } as const;
const directAction = 1; // TCA_BPF_FLAG_ACT_DIRECT
const action = { kind: 1, options: 2 } as const;
const mirred = { parameters: 2 } as const;
const stolen = 4; // TC_ACT_STOLEN
const redirect = { out: 1, in: 3 } as const; // TCA_EGRESS_REDIR, TCA_INGRESS_REDIR
const loopbackIndex = 1; // include/net/net_namespace.h: LOOPBACK_IFINDEX
const replace = 0x100; // NLM_F_REPLACE

/** Order of the filters of a link: what may not pass is dropped before the rest is counted. */
export const preference = { spoof: 1, rate: 2 } as const;

/** struct tcmsg; `info` of a filter: its place in the order, and ETH_P_ALL in network order. */
function body(index: number, handle: number, parent: number, info = 0): Uint8Array {
  return join([u32(0), u32(index), u32(handle), u32(parent), u32(info)]);
}

const filterBody = (index: number, place: number, handle = 0): Uint8Array => body(index, handle, clsact.ingress, (place << 16) | 0x0300);

/** Gives a link a place for filters. EEXIST where it has one (or another queue of incoming packets). */
export const ingressAdd = (index: number): Uint8Array =>
  renderMessage(messageType.newQdisc, flag.create | flag.exclusive, body(index, clsact.handle, clsact.parent), [
    { type: tca.kind, value: text("clsact") },
  ]);

function instructionBytes(program: readonly PacketInstruction[]): Uint8Array {
  return join(program.map(({ code, jt, jf, k }) => join([u16(code), Uint8Array.of(jt, jf), u32(k)])));
}

function programAdd(
  index: number,
  place: number,
  program: readonly PacketInstruction[],
  more: readonly Attribute[],
  handle = 1,
): Uint8Array {
  return renderMessage(messageType.newFilter, flag.create | replace, filterBody(index, place, handle), [
    { type: tca.kind, value: text("bpf") },
    {
      type: tca.options,
      value: [...more, { type: bpf.length, value: u16(program.length) }, { type: bpf.instructions, value: instructionBytes(program) }],
    },
  ]);
}

/** As spoofFilterAdd, beside it. */
export const apartFilterAdd = (index: number, program: readonly PacketInstruction[]): Uint8Array =>
  programAdd(index, preference.spoof, program, [{ type: bpf.flags, value: u32(directAction) }], 3);

/** A program whose answer is the verdict; in place of the one that is there. */
export const spoofFilterAdd = (index: number, program: readonly PacketInstruction[]): Uint8Array =>
  programAdd(index, preference.spoof, program, [{ type: bpf.flags, value: u32(directAction) }]);

const always: readonly PacketInstruction[] = [{ code: 6, jt: 0, jf: 0, k: verdict.next }];

/** What matches goes on elsewhere. */
function redirection(direction: keyof typeof redirect, targetIndex: number): Attribute {
  // struct tc_mirred: index, capab, action, refcnt, bindcnt, eaction, ifindex
  const parameters = join([u32(0), u32(0), u32(stolen), u32(0), u32(0), u32(redirect[direction]), u32(targetIndex)]);
  const first: Attribute = {
    type: 1, // the first of the actions
    value: [
      { type: action.kind, value: text("mirred") },
      { type: action.options, value: [{ type: mirred.parameters, value: parameters }] },
    ],
  };
  return { type: bpf.actions, value: [first] };
}

/** All that comes in goes to the queue of another link first (`mirred egress redirect`), an ifb, which gives it back. */
export const redirectAdd = (index: number, targetIndex: number): Uint8Array =>
  programAdd(index, preference.rate, always, [redirection("out", targetIndex)]);

/** What the program matches comes in by this host's loopback link instead. */
export const loopbackReturnAdd = (index: number, program: readonly PacketInstruction[]): Uint8Array =>
  programAdd(index, preference.spoof, program, [redirection("in", loopbackIndex)], 2);

/** Takes that away. ENOENT, EINVAL where nothing of it is there. */
export const redirectRemove = (index: number): Uint8Array =>
  renderMessage(messageType.delFilter, 0, filterBody(index, preference.rate), []);
