// Classic BPF on frames, as cls_bpf runs it (linux/filter.h): instructions put together by name instead of by distance. Knows of no protocol.

/** struct sock_filter */
export interface PacketInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** What cls_bpf makes of the program's answer with TCA_BPF_FLAG_ACT_DIRECT: TC_ACT_UNSPEC, the next filter decides; TC_ACT_SHOT. */
export const verdict = { next: 0xffffffff, drop: 2 } as const;

/** BPF_* of linux/bpf_common.h: class, size, mode or operation put together. */
const code = { word: 0x20, half: 0x28, byte: 0x30, length: 0x80, and: 0x54, jump: 0x05, equal: 0x15, atLeast: 0x35, answer: 0x06 } as const;

type Line =
  | { readonly name: string }
  | { readonly code: number; readonly k: number }
  /** Goes on below when the accumulator is `k` (or, `atLeast`, not less), else at `otherwise`. */
  | { readonly test: "equal" | "atLeast"; readonly k: number; readonly otherwise: string }
  /** To the label when the accumulator is `k`. */
  | { readonly when: number; readonly label: string }
  | { readonly goto: string };

/**
 * A frame that ends before a word that is loaded ends the program with 0, which lets it pass: whoever writes a program asks for the length
 * first.
 */
export const line = {
  label: (name: string): Line => ({ name }),
  /** A word, half word or byte of the frame, in network order. */
  load: (size: "word" | "half" | "byte", offset: number): Line => ({ code: code[size], k: offset }),
  /** Bytes of the frame from its hardware addresses on. */
  loadLength: (): Line => ({ code: code.length, k: 0 }),
  and: (mask: number): Line => ({ code: code.and, k: mask >>> 0 }),
  requireEqual: (k: number, otherwise: string): Line => ({ test: "equal", k: k >>> 0, otherwise }),
  requireAtLeast: (k: number, otherwise: string): Line => ({ test: "atLeast", k: k >>> 0, otherwise }),
  whenEqual: (k: number, label: string): Line => ({ when: k >>> 0, label }),
  goto: (label: string): Line => ({ goto: label }),
  answer: (value: number): Line => ({ code: code.answer, k: value >>> 0 }),
} as const;

export type ProgramLine = Line;

/** Distances of conditional jumps are bytes, so each is followed by a far one. Labels lie ahead of what leads there. */
export function assemble(lines: readonly Line[]): readonly PacketInstruction[] {
  const places = new Map<string, number>();
  let length = 0;
  for (const each of lines) {
    if ("name" in each) places.set(each.name, length);
    else length += "test" in each || "when" in each ? 2 : 1;
  }
  const program: PacketInstruction[] = [];
  const far = (label: string) => {
    const place = places.get(label);
    if (place === undefined || place <= program.length) throw new RangeError(`no label ${label} ahead`);
    program.push({ code: code.jump, jt: 0, jf: 0, k: place - program.length - 1 });
  };
  for (const each of lines) {
    if ("goto" in each) far(each.goto);
    else if ("code" in each) program.push({ code: each.code, jt: 0, jf: 0, k: each.k });
    else if ("test" in each) {
      program.push({ code: code[each.test], jt: 1, jf: 0, k: each.k });
      far(each.otherwise);
    } else if ("when" in each) {
      program.push({ code: code.equal, jt: 0, jf: 1, k: each.when });
      far(each.label);
    }
  }
  return program;
}
