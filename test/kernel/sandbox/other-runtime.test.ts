import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { deleteFromRuntime, runtimeError } from "../../../src/kernel/sandbox/other-runtime.ts";
import { findRuntime } from "../../../src/kernel/sandbox/runtime-program.ts";

t.test("the last error of a log counts, whatever else is in it", async (t) => {
  const log = join(t.testdir(), "log");
  const said = (text: string) => {
    writeFileSync(log, text);
    return runtimeError(log);
  };
  t.equal(runtimeError(join(t.testdir(), "none")), undefined);
  t.equal(said(""), undefined);
  t.equal(said('{"level":"warning","msg":"later"}\n'), undefined);
  t.equal(said('{"level":"error","msg":"first"}\n{"level":"error","msg":"second \\"x\\""}\n{"level":"info","msg":"i"}\n'), 'second "x"');
  t.equal(said('{"msg":"without a level"}\n'), "without a level");
  t.equal(said("plain text\n"), "plain text");
  t.equal(said('[]\n7\n{"level":"error"}\n{"level":"error","msg":5}\n'), undefined);
});

t.test("a runtime is a program by its absolute path or by a name in PATH", async (t) => {
  const folder = t.testdir({ data: "no program" });
  writeFileSync(join(folder, "run"), "", { mode: 0o755 });
  t.equal(findRuntime(join(folder, "run")), join(folder, "run"));
  for (const name of [folder, join(folder, "data"), join(folder, "none"), join(folder, "data", "x"), "./run", "", "no-such-runtime"])
    t.equal(findRuntime(name), undefined, name);
  t.match(findRuntime("sh"), /^\/.*\/sh$/);
});

t.test("delete --force is asked for once, and its state goes", async (t) => {
  const folder = t.testdir();
  const state = join(folder, "state");
  const program = (lines: string): string => {
    const path = join(folder, "run");
    writeFileSync(path, `#!/bin/sh\necho "$@" >> ${folder}/asked\n${lines}\n`, { mode: 0o755 });
    return path;
  };
  const forget = (path: string) => deleteFromRuntime({ program: path, state, container: "c" });
  forget(program("exit 1"));
  t.notOk(existsSync(join(folder, "asked")), "without state there is nothing to ask");
  mkdirSync(state);
  t.throws(() => forget(program("echo is busy >&2; exit 1")), { code: "runtime-failed", message: /delete --force c: is busy$/ });
  t.throws(() => forget(join(folder, "gone")), { code: "runtime-failed", hint: /put the runtime back/ });
  t.ok(existsSync(state));
  forget(program("echo container does not exist >&2; exit 1"));
  t.notOk(existsSync(state));
  mkdirSync(join(state, "c"), { recursive: true });
  forget(program("exit 0"));
  t.notOk(existsSync(state));
  t.equal(readFileSync(join(folder, "asked"), "utf8").split("\n").at(-2), `--root ${state} delete --force c`);
});
