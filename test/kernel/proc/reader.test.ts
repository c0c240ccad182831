import t from "tap";
import { openProcessReader, parsePageBytes } from "../../../src/kernel/proc/reader.ts";

t.test("parsePageBytes", async (t) => {
  const vector = (...words: readonly number[]) => {
    const buffer = Buffer.alloc(words.length * 8);
    for (const [at, word] of words.entries()) buffer.writeBigUInt64LE(BigInt(word), at * 8);
    return buffer;
  };
  t.equal(parsePageBytes(vector(33, 6, 6, 65_536, 0, 0), true), 65_536, "a value is not taken for a type");
  t.equal(parsePageBytes(vector(33, 1), true), 4096);
  t.equal(parsePageBytes(Buffer.alloc(3), true), 4096);
});

t.test("this process", async (t) => {
  const reader = openProcessReader();
  const own = reader.read(process.pid);
  t.equal(own?.pid, process.pid);
  t.equal(own?.parentPid, process.ppid);
  t.ok((own?.residentBytes ?? 0) > 10 << 20);
  t.ok(own?.args.some((word) => word.includes("reader.test")));
  t.ok(Math.abs((own?.startedMs ?? 0) - Date.now()) < 600_000);
  t.equal(reader.read(2 ** 22), undefined);
});

t.test("what seldom changes is read again after a while, or when nobody wanted it any more", async (t) => {
  let nowMs = 0;
  const reader = openProcessReader(() => nowMs);
  const shown = () => reader.read(process.pid)?.args;
  const before = shown();
  nowMs = 4000;
  t.equal(shown(), before, "the same");
  nowMs = 21_000;
  t.not(shown(), before);
  const kept = shown();
  reader.keepOnly(new Set([process.pid]));
  t.equal(shown(), kept);
  reader.keepOnly(new Set());
  t.not(shown(), kept);
});
