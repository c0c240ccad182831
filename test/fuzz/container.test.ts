// What the native helper and the monitor write, and what users write: any text is understood or refused, nothing else.
import fc from "fast-check";
import t from "tap";
import { parseFilters } from "../../cmds/option/container-filter.ts";
import { parseTmpfs, parseVolume } from "../../cmds/option/mount.ts";
import { TsnsError } from "../../src/base/error.ts";
import { parseDeviceWeight } from "../../src/cgroup/weight.ts";
import { parseDevice } from "../../src/container/device.ts";
import { parseRestartPolicy } from "../../src/container/restart.ts";
import { parseRlimit, renderRlimit } from "../../src/container/rlimit.ts";
import { findSubordinateIds } from "../../src/container/subordinate-id.ts";
import { parseSysctl } from "../../src/container/sysctl.ts";
import { parseInstruction } from "../../src/image/health-check.ts";
import { encodeOperations } from "../../src/kernel/sandbox/encode.ts";
import { errorOfFailure } from "../../src/kernel/sandbox/failure.ts";
import { parseReport } from "../../src/kernel/sandbox/report.ts";
import { parseExitFile, parseHealthFile, parseMonitorFile } from "../../src/kernel/sandbox/state.ts";
import { makeState } from "../fixture/request.ts";

const noise = fc.oneof(fc.string(), fc.string({ unit: "binary" }));
const number = fc.oneof(fc.nat(), fc.constantFrom(-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1e300)).map(String);
/** Text made of the words of a grammar, some of them wrong. */
const wordsOf = (words: readonly string[], separator: string) =>
  fc.array(fc.oneof(fc.constantFrom(...words), number, noise), { maxLength: 8 }).map((list) => list.join(separator));

/** The value, or undefined where it is refused as it should be. */
function attempt<T>(body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof TsnsError && error.kind === "invalid") return undefined;
    throw error;
  }
}

t.test("reports", async () => {
  const line = wordsOf(["warning", "started", "error", "exec", "user", "chdir", "execve", "ENOENT", "EPERM", ""], " ");
  const report = fc.array(fc.oneof(line, noise), { maxLength: 4 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(report, (text) => {
      const parsed = parseReport(text);
      if (parsed?.outcome === "started") return Number.isInteger(parsed.pid) && Number.isInteger(parsed.startTime);
      if (parsed === undefined) return true;
      return Number.isInteger(parsed.index) && [125, 126, 127].includes(errorOfFailure(parsed).exitCode);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (pid, startTime) => {
      const parsed = parseReport(`started ${pid} ${startTime}\n`);
      return parsed?.outcome === "started" && parsed.pid === pid && parsed.startTime === startTime;
    }),
  );
});

t.test("monitor files", async () => {
  fc.assert(
    fc.property(fc.oneof(wordsOf(["1", "12"], " "), noise), (text) => {
      const parsed = parseMonitorFile(text);
      return parsed === undefined || Object.values(parsed).every((value) => Number.isSafeInteger(value) && value > 0);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.tuple(fc.integer({ min: 1 }), fc.integer({ min: 1 }), fc.integer({ min: 1 }), fc.integer({ min: 1 })), (four) => {
      const parsed = parseMonitorFile(`${four.join(" ")}\n`);
      return JSON.stringify(Object.values(parsed ?? {})) === JSON.stringify(four);
    }),
  );
});

/** As the monitor writes a copied file. */
const escaped = (text: string) =>
  text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll(/[\x01-\x09\x0b-\x1f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);

t.test("exit files", async (t) => {
  const line = fc.tuple(fc.constantFrom("code", "signal", "finished", "oom", "__proto__", "toString"), fc.oneof(number, noise));
  const file = fc.array(line.map((pair) => pair.join(" "))).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(fc.oneof(file, noise), (text) => {
      const { code, signal, finishedMs } = parseExitFile(text);
      return [code, signal, finishedMs].every((value) => Number.isFinite(value) && value >= 0);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.string(), fc.nat(255), fc.nat(64), (oom, code, signal) => {
      const parsed = parseExitFile(`code ${code}\nsignal ${signal}\noom ${escaped(oom)}\n`);
      t.same({ code: parsed.code, signal: parsed.signal, oom: parsed.records.oom }, { code, signal, oom });
    }),
  );
});

t.test("operation lists come back word by word", async () => {
  const word = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0"));
  fc.assert(
    fc.property(fc.array(fc.array(word, { minLength: 1 })), (operations) => {
      const words = encodeOperations(operations).split("\0").slice(0, -1);
      const back: string[][] = [];
      for (let at = 0; at < words.length; ) {
        const count = Number(words[at]);
        back.push(words.slice(at + 1, at + 1 + count));
        at += 1 + count;
      }
      return JSON.stringify(back) === JSON.stringify(operations);
    }),
  );
});

/** Absolute, with nothing that leads elsewhere. */
const isClean = (path: string) => path.startsWith("/") && !/\/\/|\/\.\.?(\/|$)/.test(path);

t.test("volumes and tmpfs", async () => {
  const part = wordsOf(["", "a", "..", ".", "c"], "/");
  const option = wordsOf(["ro", "rw", "rslave", "z", "size=1m", "mode=755", "exec"], ",");
  const text = fc.array(fc.oneof(part, option), { maxLength: 4 }).map((list) => list.join(":"));
  fc.assert(
    fc.property(fc.oneof(text, noise), (volume) => {
      const mount = attempt(() => parseVolume(volume, "/work/here"));
      if (mount === undefined) return true;
      return (mount.type !== "bind" || isClean(mount.source)) && isClean(mount.target) && mount.target !== "/";
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.oneof(text, noise), (tmpfs) => {
      const mount = attempt(() => parseTmpfs(tmpfs));
      return mount === undefined || (isClean(mount.target) && mount.target !== "/");
    }),
    { numRuns: 1000 },
  );
});

t.test("filters", async () => {
  const key = fc.constantFrom("id", "name", "status", "ancestor", "label", "exited", "publish", "volume", "health", "constructor", "");
  const filter = fc.tuple(key, fc.oneof(noise, number, fc.constantFrom("running", "a=b", "(", "[a-"))).map((pair) => pair.join("="));
  const state = makeState();
  fc.assert(
    fc.property(fc.array(fc.oneof(filter, noise), { maxLength: 3 }), (filters) => {
      const test = attempt(() => parseFilters(filters, { imagesFrom: () => new Set(), createdMs: () => 0, networkNamed: () => undefined }));
      return test === undefined || typeof test(state) === "boolean";
    }),
    { numRuns: 1000 },
  );
});

t.test("ulimits, sysctls, devices, weights, subordinate ids", async () => {
  const limit = wordsOf(["nofile", "core", "=", ":", "-1", "1024", "as"], "");
  const sysctl = wordsOf(["net.", "kernel.msgmax", "/", "..", "=", "1", "fs.mqueue."], "");
  const device = wordsOf(["/dev/a", ":", "/", "r", "w", "m", "rwm", "..", "vendor/class=x"], "");
  const ids = wordsOf(["tsns", ":", "\n", "100000", "65536", "0"], "");
  fc.assert(
    fc.property(fc.oneof(limit, noise), (text) => {
      const parsed = attempt(() => parseRlimit(text));
      return !parsed || (/^\d+$/.test(renderRlimit(parsed.hard)) && (parsed.hard === -1 || parsed.soft <= parsed.hard));
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.oneof(sysctl, noise), (text) => {
      const [key] = attempt(() => parseSysctl(text)) ?? [];
      return key === undefined || (/^(net|kernel|fs)[./]/.test(key) && !key.includes("..") && !key.startsWith("/"));
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.oneof(device, noise), (text) => {
      const parsed = attempt(() => parseDevice(text));
      return (
        !parsed || (parsed.containerPath.startsWith("/") && parsed.containerPath !== "/" && !parsed.containerPath.split("/").includes(".."))
      );
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.oneof(device, noise), (text) => {
      const parsed = attempt(() => parseDeviceWeight(text));
      return !parsed || (parsed.weight >= 10 && parsed.weight <= 1000);
    }),
  );
  fc.assert(
    fc.property(fc.oneof(ids, noise), (text) => {
      const range = findSubordinateIds(text, ["tsns"]);
      return !range || (range.first > 0 && range.count > 0 && range.first + range.count < 2 ** 32);
    }),
    { numRuns: 500 },
  );
});

t.test("restart policies, health checks and what a monitor writes of them: understood or refused", async (t) => {
  const policy = wordsOf(["no", "always", "on-failure", "unless-stopped", ""], ":");
  const instruction = wordsOf(["CMD", "NONE", "--interval=1s", "--retries=3", "--timeout=", "--x=1", '["a"]', "true"], " ");
  const file = wordsOf(["healthy", "starting 0", "unhealthy 3", "1790000000000000000 1790000000000000000 1 a\\n", "\n"], "\n");
  fc.assert(
    fc.property(policy, instruction, file, (text, rest, records) => {
      const parsed = attempt(() => parseRestartPolicy(text));
      if (parsed) t.ok(parsed.max >= 0 && (parsed.max === 0 || parsed.policy === "on-failure"), text);
      const health = attempt(() => parseInstruction(rest, () => undefined));
      if (health) t.ok(health.test?.[0] === "NONE" || health.test?.[0] === "CMD-SHELL", rest);
      for (const { exitCode, startMs } of parseHealthFile(records)?.log ?? []) t.ok(exitCode >= -1 && startMs >= 0, records);
    }),
  );
});
