// The program that finds the answers to ::1 of the host, run here on frames. That they arrive: test/root/net-publish6.test.ts.
import t from "tap";
import { parseIp } from "../../src/network/ip.ts";
import { bytesOfAddress } from "../../src/network/link-address.ts";
import { loopbackReturnProgram, loopbackSource } from "../../src/network/loopback-return.ts";
import { runProgram } from "./fixture/packet-machine.ts";

const program = loopbackReturnProgram();

function frame(target: string, etherType = 0x86dd, length = 74): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set([etherType >> 8, etherType & 255], 12);
  const ip = parseIp(target);
  if (ip) bytes.set(bytesOfAddress(target), 38);
  return bytes;
}

t.test("frames to that address and no others", async (t) => {
  t.equal(runProgram(program, frame(loopbackSource)), 0xffffffff);
  for (const other of ["fd74:736e:7300::2", "fd74:736e:7301::1", "fd74:736e:7300:1::1", "::1", "fe80::1"])
    t.equal(runProgram(program, frame(other)), 0, other);
  t.equal(runProgram(program, frame(loopbackSource, 0x0800)), 0, "not of IPv6");
});

t.test("what is cut short is none", async (t) => {
  for (let length = 14; length < 54; length++)
    t.equal(runProgram(program, frame(loopbackSource).subarray(0, length)), 0, `${length} bytes`);
});
