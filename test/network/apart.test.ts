// The program that keeps the containers of a network apart, run here on frames. That the kernel takes it, and who is reached: test/root/net-isolation.test.ts.
import t from "tap";
import { apartProgram } from "../../src/network/apart.ts";
import { runProgram } from "./fixture/packet-machine.ts";

const [pass, drop] = [0xffffffff, 2];
const host = Uint8Array.of(0x02, 0x74, 0x0a, 0x42, 0x00, 0x01);
const program = apartProgram(host);
const frame = (target: readonly number[] | Uint8Array, length = 60) => {
  const bytes = new Uint8Array(length);
  bytes.set(target);
  return bytes;
};

t.test("frames to the host and to groups, no others", async (t) => {
  t.equal(runProgram(program, frame(host)), pass);
  t.equal(runProgram(program, frame([255, 255, 255, 255, 255, 255])), pass, "who has an address?");
  t.equal(runProgram(program, frame([0x33, 0x33, 0, 0, 0, 1])), pass);
  for (let at = 0; at < 6; at++) {
    const other = [...host];
    other[at] = (other[at] ?? 0) ^ 4;
    t.equal(runProgram(program, frame(other)), drop, other.join(":"));
  }
  t.equal(runProgram(program, frame([])), drop);
  t.equal(runProgram(program, frame(host, 13)), drop, "cut short");
});
