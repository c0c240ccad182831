// `tsns-ns netlink` by itself: what it answers, and what it says of arguments and messages that are wrong. Needs no root.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import t from "tap";

const program = process.env.TSNS_NS ?? fileURLToPath(new URL("../../dist/tsns-ns", import.meta.url));
const run = (args: readonly string[], input: Uint8Array = new Uint8Array()) => {
  const { status, stdout, stderr } = spawnSync(program, ["netlink", ...args], { input });
  return { status, stdout, stderr: stderr.toString() };
};

/** One message: length, type, flags, sequence number, port, then the data. */
function message(type: number, flags: number, sequence: number, data: Uint8Array, length = 16 + data.length): Buffer {
  const bytes = Buffer.alloc(16 + ((data.length + 3) & ~3));
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags, 6);
  bytes.writeUInt32LE(sequence, 8);
  bytes.set(data, 16);
  return bytes;
}

const listLinks = (sequence: number) => message(18, 0x301, sequence, new Uint8Array(16));
const enter = (sequence: number, path: string) => message(1, 0, sequence, Buffer.from(path));

/** Type, sequence number and, of an error, its number for each message of an answer. */
function answers(bytes: Buffer): readonly (readonly number[])[] {
  const list: number[][] = [];
  for (let at = 0; at + 16 <= bytes.length; at += (bytes.readUInt32LE(at) + 3) & ~3) {
    const type = bytes.readUInt16LE(at + 4);
    list.push([type, bytes.readUInt32LE(at + 8), ...(type === 2 ? [bytes.readInt32LE(at + 16)] : [])]);
  }
  return list;
}

t.test("a list, with its end", async (t) => {
  const { status, stdout } = run(["0"], listLinks(7));
  t.equal(status, 0);
  const list = answers(stdout);
  t.same(list[0], [16, 7], "a link");
  t.same(list.at(-1), [3, 7], "and the end");
});

t.test("a namespace that cannot be entered answers for what was to go there", async (t) => {
  const { status, stdout } = run(["0"], Buffer.concat([enter(1, "/nonexistent\0"), listLinks(2), enter(3, "no end"), listLinks(4)]));
  t.equal(status, 0);
  t.same(answers(stdout), [
    [2, 1, -2],
    [2, 2, -2],
    [2, 3, -22],
    [2, 4, -22],
  ]);
});

t.test("a namespace's file that cannot be opened refuses only the message that names it", async (t) => {
  // RTM_GETNSID by descriptor (NETNSA_FD), as src/kernel/netlink/namespace.ts asks it
  const idOf = (sequence: number, fd: number) => message(90, 5, sequence, Buffer.from([0, 0, 0, 0, 8, 0, 3, 0, fd, 0, 0, 0]));
  const input = Buffer.concat([idOf(1, 100), idOf(2, 101)]);
  const { status, stdout } = run(["0", "", "100", "/nonexistent/ns", "101", "/proc/self/ns/net"], input);
  t.equal(status, 0);
  const [first, ...others] = answers(stdout);
  t.same(first?.slice(0, 2), [2, 1]);
  t.ok((first?.[2] ?? 0) < 0, "refused");
  t.ok(
    others.some(([type, sequence]) => type === 88 && sequence === 2),
    "the other is answered",
  );
});

t.test("wrong arguments", async (t) => {
  t.match(run(["x"]), { status: 125, stderr: "EINVAL\tsocket\tx\n" });
  t.match(run(["99"]), { status: 125, stderr: /^EINVAL\tsocket/ });
  t.match(run(["0", "/nonexistent"]), { status: 125, stderr: "ENOENT\topen\t/nonexistent\n" });
  t.match(run(["0", "", "3", "/dev/null"]), { status: 125, stderr: "EINVAL\topen\t3\n" });
  t.match(run(["0", "", "100", "/dev/null"], listLinks(1)).status, 0);
  t.match(run([]), { status: 125 });
});

t.test("a length that cannot be is refused", async (t) => {
  for (const length of [0, 15, 4000]) {
    t.match(run(["0"], message(18, 0x301, 1, new Uint8Array(16), length)), { status: 125, stderr: /^EINVAL\tsend/ }, `${length}`);
  }
});

t.test("no bytes end it otherwise than by its own word", async () => {
  // Types that the kernel has no meaning for, so that nothing is asked of it.
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 15 }),
    fc.tuple(fc.nat(200), fc.uint8Array({ maxLength: 40 })).map(([sequence, data]) => message(9999, 5, sequence + 1, data)),
    fc.string({ maxLength: 40 }).map((path) => enter(1, path)),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 3 }), (parts) => [0, 125].includes(run(["0"], Buffer.concat(parts)).status ?? -1)),
    { numRuns: 40 },
  );
});
