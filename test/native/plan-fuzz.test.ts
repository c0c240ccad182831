// Mutated plans against the parser and the operation table, in the sanitizer build. Nothing of a plan is performed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import t from "tap";
import { encodeOperations } from "../../src/kernel/sandbox/encode.ts";
import { cloneFlags } from "./sandbox.ts";

const checkout = new URL("../..", import.meta.url).pathname;
const program = `${checkout}dist/sanitize/tsns-sandbox`;
const built = spawnSync(process.execPath, [`${checkout}native/build.mjs`, "--sanitize"], { encoding: "utf8" });
const dir = mkdtempSync(join(tmpdir(), "tsns-fuzz-"));
t.teardown(() => rmSync(dir, { recursive: true, force: true }));

type Content = string | Uint8Array;

/** What the helper says to each plan: `good` or a fault. A crash says less, and on standard error. */
function judge(contents: readonly Content[]): { lines: string[]; stderr: string } {
  const files = contents.map((_, at) => join(dir, `${at}`));
  files.forEach((file, at) => void writeFileSync(file, contents[at] ?? ""));
  const { stdout, stderr } = spawnSync(program, ["check", ...files], { encoding: "utf8" });
  return { lines: stdout.trimEnd().split("\n"), stderr };
}

const good = [
  ["state", "/run/x"],
  ["title", "exec 0"],
  ["stdio", "pipe"],
  ["log", "/run/x/log", "1000", "3"],
  ["on-exit", "/bin/true", "a", ""],
  ["gate", "/run/x/start"],
  ["console-socket", "120", "/run/x/console"],
  ["pidfd-socket", "/run/x/pidfd", "own"],
  ["open", "110", "/proc/self/ns/net"],
  ["meet", "hook", "h", "0", "{", "}", "own", "1", "/bin/true", "true", "A=1"],
  ["clone", `${cloneFlags}`],
  ["mount-at", "proc", "/proc", "proc", "14", ""],
  ["oom-score-adj", "-500"],
  ["caps", "a80425fb", "0", "0", "0", "0"],
  ["netlink", "110", "2000000010000500"],
  ["hook-filter", "0600000000000000", "0"],
  ["hook", "h", "100", "", "", "own", "0", "/bin/true"],
  ["meet"],
  ["await-start"],
  ["exec", "sh", "-c", "echo"],
];

t.test("the sanitizer build is there", async (t) => {
  t.equal(built.status, 0, built.stderr);
  t.ok(existsSync(program));
});

t.test("good plans and each kind of fault", async (t) => {
  t.strictSame(judge([encodeOperations(good)]), { lines: ["good"], stderr: "" });
  const clone = ["clone", "0"];
  const faults: [string[][], string][] = [
    [[["end"], ["end"]], "something follows the last operation"],
    [[clone], "exec or end is missing"],
    [[["nonsense"], ["end"]], "no such operation"],
    [[["exec", "x"]], "only after clone"],
    [[clone, ["state", "/x"], ["end"]], "only before clone"],
    [[clone, clone, ["end"]], "only before clone"],
    [[clone, ["exec"]], "an argument is missing"],
    [[clone, ["root"], ["end"]], "an argument is missing"],
    [[clone, ["root", "/", "/"], ["end"]], "too many arguments"],
    [[["clone", "x"], ["end"]], "an argument is not a decimal number"],
    [[["clone", ""], ["end"]], "an argument is not a decimal number"],
    [[["clone", "99999999999999999999"], ["end"]], "an argument is not a decimal number"],
    [[clone, ["umask", "8"], ["end"]], "an argument is not an octal number"],
    [[clone, ["caps", "0", "0", "0", "0", "g"], ["end"]], "an argument is not a hexadecimal number"],
    [[clone, ["seccomp", "0", "0"], ["end"]], "an argument is not hexadecimal bytes"],
    [[clone, ["seccomp", "", "0"], ["end"]], "an argument is not hexadecimal bytes"],
    [[["open", "99", "/x"], ["end"]], "a descriptor number is not within 100-199"],
    [[clone, ["setns", "200", "0"], ["end"]], "a descriptor number is not within 100-199"],
    [[["gate", "/x"], clone, ["end"]], "a gate needs one await-start, and that a gate"],
    [[clone, ["await-start"], ["end"]], "a gate needs one await-start, and that a gate"],
    [[["gate", "/x"], ["gate", "/y"], clone, ["await-start"], ["await-start"], ["end"]], "a gate needs one await-start, and that a gate"],
    [[["meet"], clone, ["meet"], ["end"]], "no operation that can wait for init"],
    [[["meet", "meet", "end"], clone, ["meet"], ["end"]], "no operation that can wait for init"],
    [[["meet", "mkdir", "/x", "700"], clone, ["end"]], "nothing meets what has been put off"],
    [[["meet", "mkdir", "/x", "9"], clone, ["meet"], ["end"]], "an argument is not an octal number"],
    [[clone, ["meet", "mkdir", "/x", "700"], ["end"]], "too many arguments"],
    [[["late", "mkdir", "/x", "700"], clone, ["end"]], "no operation that can be late"],
    [[clone, ["hook", "h", "0", "", "", "own", "0"], ["end"]], "an argument is missing"],
    [[clone, ["hook", "h", "0", "", "", "own", "2", "/x", "y"], ["end"]], "an argument is missing"],
    [[clone, ["hook", "h", "0", "", "", "own", "18446744073709551615", "/x", "y"], ["end"]], "an argument is missing"],
  ];
  const encoded = faults.map(([plan]) => encodeOperations(plan));
  t.strictSame(
    judge(encoded).lines,
    faults.map(([, detail]) => detail),
  );
  t.strictSame(judge(["", "1\0end"]).lines, ["the plan is empty", "the plan does not end with a zero byte"]);
});

t.test("mutated plans are judged, never more", async (t) => {
  const seed = new TextEncoder().encode(encodeOperations(good));
  const mutation = fc.record({
    at: fc.nat(seed.length - 1),
    kind: fc.constantFrom("set", "cut", "insert", "double"),
    value: fc.nat(255),
    size: fc.nat(40),
  });
  const mutate = (bytes: Uint8Array, { at, kind, value, size }: { at: number; kind: string; value: number; size: number }) => {
    const place = bytes.length === 0 ? 0 : at % bytes.length;
    const middle =
      kind === "double" ? bytes.subarray(place, place + size) : Uint8Array.from({ length: kind === "cut" ? 0 : 1 }, () => value);
    const skip = kind === "set" ? 1 : kind === "cut" ? size : 0;
    return Uint8Array.from([...bytes.subarray(0, place), ...middle, ...bytes.subarray(place + skip)]);
  };
  const word = fc.constantFrom("\0", "1", "2", "9", "end", "exec", "clone", "root", "-1", "99999999999");
  const mutant = fc.array(mutation, { minLength: 1, maxLength: 8 }).map((list): Content => list.reduce(mutate, seed));
  const salad = fc.array(word, { maxLength: 30 }).map((words): Content => words.join(""));
  const settled = (contents: readonly Content[]) => {
    const { lines, stderr } = judge(contents);
    return stderr === "" && lines.length === contents.length && lines.every((line) => /^[a-z0-9 ,-]+$/.test(line));
  };
  fc.assert(fc.property(fc.array(fc.oneof(mutant, salad), { minLength: 200, maxLength: 200, size: "max" }), settled), { numRuns: 15 });
  t.pass("no crash, no sanitizer report");
});
