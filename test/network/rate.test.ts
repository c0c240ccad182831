// Rates as they are written, the bucket for one, and its messages.
import t from "tap";
import { parseRateMessage, qdiscDump, rateClear, rateSet } from "../../src/network/message-qdisc.ts";
import { formatRate, parseRate, planRate } from "../../src/network/rate.ts";

t.test("rates as tc writes them", async (t) => {
  for (const [text, bits] of [
    ["10mbit", 1e7],
    ["1.5Gbit", 1.5e9],
    ["500kbps", 4e6],
    ["8000", 8000],
    ["8192bit", 8192],
    ["1mibit", 1024 ** 2],
    ["1tbit", 1e12],
  ] as const)
    t.equal(parseRate(text, "--in"), bits, text);
  for (const text of ["", "x", "10", "-1mbit", "1bit", "10mb", "2tbit", "1e9", "mbit"])
    t.throws(() => parseRate(text, "--in"), { code: "bad-rate", message: `invalid --in "${text}"` }, text);
  for (const [bits, text] of [
    [1e7, "10Mbit"],
    [1.5e9, "1.5Gbit"],
    [8192, "8.192Kbit"],
  ] as const)
    t.equal(formatRate(bits), text);
});

t.test("a bucket holds what a link takes at once", async (t) => {
  t.same(planRate(1e7), { bitsPerSecond: 1e7, burstBytes: 32768, limitBytes: 32768 + 62_500 });
  t.same(planRate(1e12), { bitsPerSecond: 1e12, burstBytes: 64 << 20, limitBytes: 0x7fffffff }, "numbers of 32 bits");
});

t.test("messages", async (t) => {
  const message = rateSet(7, planRate(1e7));
  const view = new DataView(message.buffer);
  t.equal(view.getUint16(4, true), 36, "RTM_NEWQDISC");
  t.equal(view.getUint16(6, true) & 0x500, 0x500, "create or replace");
  t.equal(view.getUint32(20, true), 7, "the link");
  t.equal(view.getUint32(28, true), 0xffffffff, "its root");
  const read = parseRateMessage(message.subarray(16));
  t.equal(read?.index, 7);
  t.equal(read?.rate.bitsPerSecond, 1e7);
  t.equal(read?.rate.limitBytes, 32768 + 62_500);
  t.equal(parseRateMessage(rateSet(7, planRate(4e10)).subarray(16))?.rate.bitsPerSecond, 4e10, "beyond 32 bits of bytes");
  t.equal(parseRateMessage(rateClear(7).subarray(16)), undefined);
  t.equal(parseRateMessage(qdiscDump().subarray(16)), undefined);
  t.equal(parseRateMessage(message.subarray(16, 60)), undefined, "cut off");
});
