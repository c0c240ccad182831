// The program is run by a small interpreter of the instructions it uses; that a kernel's verifier takes it and that it
// filters as here was tried on Linux 6.12.
import t from "tap";
import { type DeviceRule, defaultDevices, renderDeviceRule } from "../../src/cgroup/device.ts";
import { compileDeviceDecisions, compileDeviceFilter } from "../../src/cgroup/device-filter.ts";

const access = { m: 1, r: 2, w: 4 };

/** Runs the program as the kernel would for one access; returns r0. */
function execute(hex: string, type: "b" | "c", major: number, minor: number, mask: number): number {
  const code = Buffer.from(hex, "hex");
  const context = [(mask << 16) | (type === "b" ? 1 : 2), major, minor];
  const r = new Array<number>(11).fill(0);
  for (let at = 0; at < code.length; at += 8) {
    const destination = code.readUInt8(at + 1) & 15;
    const source = code.readUInt8(at + 1) >> 4;
    const offset = code.readInt16LE(at + 2);
    const immediate = code.readInt32LE(at + 4);
    const value = r[destination] ?? 0;
    switch (code.readUInt8(at)) {
      case 0x61:
        r[destination] = context[offset / 4] ?? 0;
        break;
      case 0xbf:
        r[destination] = r[source] ?? 0;
        break;
      case 0xb7:
        r[destination] = immediate;
        break;
      case 0x54:
        r[destination] = value & immediate;
        break;
      case 0x74:
        r[destination] = value >>> immediate;
        break;
      case 0x15:
        if (value === immediate) at += offset * 8;
        break;
      case 0x55:
        if (value !== immediate) at += offset * 8;
        break;
      case 0x95:
        return r[0] ?? 0;
      default:
        throw new Error(`opcode ${code.readUInt8(at)}`);
    }
  }
  throw new Error("ran off the end");
}

t.test("docker's list", async (t) => {
  const program = compileDeviceFilter(defaultDevices);
  const { m, r, w } = access;
  const cases: readonly ["b" | "c", number, number, number, number][] = [
    ["c", 1, 3, r | w | m, 1],
    ["c", 1, 3, r, 1],
    ["c", 5, 2, r | w, 1],
    ["c", 136, 77, r | w, 1],
    ["c", 10, 200, r | w, 1],
    ["b", 8, 0, m, 1],
    ["c", 1, 11, m, 1],
    ["b", 8, 0, r, 0],
    ["b", 8, 0, r | m, 0],
    ["c", 1, 11, r, 0],
    ["c", 1, 1, w, 0],
    ["b", 1, 3, r, 0],
    ["c", 10, 229, r | w, 0],
    ["c", 137, 0, r, 0],
  ];
  for (const [type, major, minor, mask, verdict] of cases) {
    t.equal(execute(program, type, major, minor, mask), verdict, `${type} ${major}:${minor} ${mask}`);
  }
});

t.test("a rule allows its accesses only, alone or together", async (t) => {
  const rules: readonly DeviceRule[] = [{ type: "b", major: 259, minor: 1_048_575, access: "rw" }];
  const program = compileDeviceFilter(rules);
  for (let mask = 1; mask < 8; mask++) t.equal(execute(program, "b", 259, 1_048_575, mask), (mask & 1) === 0 ? 1 : 0);
  t.equal(execute(program, "b", 259, 1_048_574, 2), 0);
});

t.test("each access is decided by the first rule that has it", async (t) => {
  const null_ = { type: "c", major: 1, minor: 3 } as const;
  const several = compileDeviceFilter([
    { ...null_, access: "r" },
    { type: "c", access: "w" },
  ]);
  for (let mask = 1; mask < 8; mask++) t.equal(execute(several, "c", 1, 3, mask), mask & access.m ? 0 : 1, `${mask} of two rules`);
  t.equal(execute(several, "c", 1, 5, access.r | access.w), 0, "the first is about another device");
  const decided = compileDeviceDecisions([
    { allow: true, ...null_, access: "r" },
    { allow: false, ...null_, access: "rw" },
    { allow: true, access: "rwm" },
  ]);
  for (let mask = 1; mask < 8; mask++) t.equal(execute(decided, "c", 1, 3, mask), mask & access.w ? 0 : 1, `${mask} without w`);
  t.equal(execute(decided, "b", 8, 0, 7), 1);
});

t.test("an empty list denies all", async (t) => {
  t.equal(execute(compileDeviceFilter([]), "c", 1, 3, 2), 0);
});

t.test("v1 text", async (t) => {
  t.equal(renderDeviceRule({ type: "c", major: 136, access: "rwm" }), "c 136:* rwm");
  t.equal(renderDeviceRule({ type: "b", access: "m" }), "b *:* m");
  t.equal(renderDeviceRule({ type: "c", major: 0, minor: 0, access: "r" }), "c 0:0 r");
});
