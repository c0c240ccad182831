// dist/tsns becomes Node: nothing that Node itself understands has a meaning for tsns.
import { spawnSync } from "node:child_process";
import t from "tap";
import { command } from "../fixture/data-root.ts";

const tsns = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  spawnSync(command, args, { env: { PATH: process.env.PATH, TSNS_ROOT: "/proc/tsns", ...env }, encoding: "utf8" });

t.test("words for Node are the command's", async (t) => {
  for (const word of ["--env-file=/nonexistent", "--env-file-if-exists=/nonexistent", "--inspect", "--eval"]) {
    const { status, stderr } = tsns(["ps", word]);
    t.equal(status, 125, word);
    t.match(stderr, /^tsns: unknown flag: --\S+ [^\n]*\n$/, word);
  }
  const { status, stderr } = tsns(["run", "none", "prog", "--env-file", "/nonexistent/file"]);
  t.equal(status, 125);
  t.notMatch(stderr, /^node/);
});

t.test("NODE_OPTIONS is for other programs", async (t) => {
  t.match(tsns(["--version"], { NODE_OPTIONS: "--no-such-option" }), { status: 0, stdout: /^tsns version / });
});
