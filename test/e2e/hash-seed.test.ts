// Commands that read only what the user, the kernel or tsns wrote start with the hash seed that is built into Node; all others, and a run
// that has to pull, with one of their own.
import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import t, { type Test } from "tap";
import { command } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";

const flag = "--no-rehash-snapshot";
const dist = dirname(command);

/** A Node that notes the options it was started with; `starts` is whether it runs then. */
function notingNode(t: Test, starts: boolean) {
  const folder = t.testdir({ log: "" });
  const node = `${folder}/node`;
  writeFileSync(node, `#!/bin/sh\necho "$@" >> ${folder}/log\n${starts ? `exec ${process.execPath} "$@"` : ""}\n`);
  chmodSync(node, 0o755);
  return {
    run: (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      spawnSync(command, args, { env: { PATH: process.env.PATH, TSNS_ROOT: `${folder}/root`, TSNS_NODE: node, ...env }, encoding: "utf8" }),
    calls() {
      const lines = readFileSync(`${folder}/log`, "utf8").trimEnd().split("\n");
      writeFileSync(`${folder}/log`, "");
      return lines;
    },
  };
}

t.test("by the words of the command", async (t) => {
  const { run, calls } = notingNode(t, false);
  const known = ["ps", "run x", "container rm x", "net show", "image ls", "volume ls", "--version", "--root /r container cleanup x"];
  const own = [
    "pull x",
    "load",
    "import -",
    "container cp a b",
    "container commit x",
    "image load",
    "volume import x",
    "registry serve",
    "-D ps",
    "",
    "x",
  ];
  for (const words of [...known, ...own]) {
    run(words ? words.split(" ") : []);
    t.equal(calls()[0]?.includes(flag), known.includes(words), words);
  }
  run(["ps"], { TSNS_SEED: "own" });
  t.notMatch(calls()[0], flag);
});

t.test("a run that has to pull begins anew with a seed of its own", needRoot, async (t) => {
  const { run, calls } = notingNode(t, true);
  const { status, stderr } = run(["run", "--rm", "127.0.0.1:1/none", "true"]);
  t.equal(status, 125, stderr);
  t.match(stderr, /^Unable to find image '127.0.0.1:1\/none:latest' locally\ntsns: [^\n]+\n$/, "nothing is said twice");
  t.strictSame(
    calls().map((line) => line.includes(flag)),
    [true, false],
  );
});

t.test("code that was compiled ahead is taken under either seed", async (t) => {
  const [chunk] = readdirSync(dist).filter((name) => /^container-ls-.*\.jsc$/.test(name));
  const stem = `${dist}/${chunk?.replace(/\.jsc$/, "")}`;
  const script = `
    if (process.execArgv.includes("${flag}")) process.dlopen({ exports: {} }, "${dist}/tsns-flag.node");
    const { readFileSync } = require("node:fs");
    const text = "(function(exports,require,module,__filename,__dirname){" + readFileSync("${stem}.cjs", "latin1") + "\\n})";
    const { Script } = require("node:vm");
    console.log(new Script(text, { filename: "${stem}.cjs", cachedData: readFileSync("${stem}.jsc") }).cachedDataRejected);`;
  for (const options of [[], [flag]]) {
    const { stdout, stderr } = spawnSync(process.execPath, [...options, "-e", script], { encoding: "utf8" });
    t.equal(stdout, "false\n", stderr);
  }
});
