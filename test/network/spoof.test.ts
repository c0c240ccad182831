// The program against spoofing, run here on frames: which pass and which do not. That the kernel takes it: test/root/net-spoof.test.ts.
import t from "tap";
import { ownAddresses, spoofProgram } from "../../src/network/spoof.ts";
import { frames, spoofedEndpoint } from "./fixture/frame.ts";
import { runProgram } from "./fixture/packet-machine.ts";

const program = spoofProgram(ownAddresses(spoofedEndpoint, ["169.254.7.7", "fe80::7"]));

for (const { what, bytes, passes } of frames()) {
  t.test(`${passes ? "passes" : "is dropped"}: ${what}`, async (t) => {
    t.equal(runProgram(program, bytes), passes ? 0xffffffff : 2);
  });
}

t.test("no frame that is cut short passes without its addresses", async (t) => {
  for (const { what, bytes, passes } of frames().filter((frame) => !frame.passes)) {
    for (let length = 14; length < bytes.length; length++) {
      const answer = runProgram(program, bytes.subarray(0, length));
      t.not(answer, 0, `${what} of ${length} bytes ends in the program`);
      if (!passes && length >= 54) t.equal(answer, 2, `${what} of ${length} bytes`);
    }
  }
});
