import t from "tap";
import { type Context, defineCommand } from "../../cmds/command.ts";
import { start } from "../../cmds/start.ts";
import type { AnyCommand } from "../../cmds/tree.ts";
import { KernelError, TsnsError } from "../../src/base/error.ts";
import { recorder } from "./host.ts";

/** Runs a command made of one function. */
async function attempt(
  run: (context: Context) => Promise<number | undefined> | number | undefined,
  {
    rest = [],
    root,
    change = {},
    env = {},
  }: { rest?: string[]; root?: string; change?: Partial<AnyCommand>; env?: Record<string, string> } = {},
) {
  const base: AnyCommand = defineCommand({ path: "x", usage: "[OPTIONS] A", summary: "X", options: {}, arity: [0, 2], run });
  const { host, text, signal } = recorder({ cwd: "/work", env });
  const code = await start({ ...base, ...change }, { words: "x", rest, globals: { root, debug: false }, host });
  return { code, stdout: text("stdout"), stderr: text("stderr"), signal };
}

t.test("the exit code is the command's", async (t) => {
  t.equal((await attempt(() => undefined)).code, 0);
  t.equal((await attempt(() => 7)).code, 7);
  t.equal((await attempt(async () => 3)).code, 3);
});

t.test("errors: one line, the remedy, the code of the error or of the command", async (t) => {
  const fail = (error: unknown, change: Partial<AnyCommand> = {}) =>
    attempt(
      () => {
        throw error;
      },
      { change },
    );
  t.match(await fail(new TsnsError("not-found", "c", 'no container "web"', { hint: "see tsns ps -a" })), {
    code: 1,
    stderr: 'tsns: no container "web" (see tsns ps -a)\n',
  });
  t.match(await fail(new TsnsError("conflict", "c", "m"), { failureExitCode: 125 }), { code: 125, stderr: "tsns: m\n" });
  t.match(await fail(new TsnsError("invalid", "c", "m", { exitCode: 127 }), { failureExitCode: 125 }), { code: 127 });
  t.match(await fail(new KernelError("mount", "ENOSPC", "/x")), { code: 1, stderr: "tsns: mount /x: no space left on device\n" });
  const problems = ["one", "two\nthree"];
  t.match(await fail(new TsnsError("invalid", "c", "both", { hint: "h", problems })), { stderr: "tsns: one\ntsns: two\\nthree (h)\n" });
  t.match(await fail(new TsnsError("invalid", "c", "no such x\ny")), { stderr: "tsns: no such x\\ny\n" }, "a name is no second line");
  t.match(await fail(new TsnsError("invalid", "c", "evil \x1b[2J")), { stderr: "tsns: evil \\x1b[2J\n" });
  t.match(await fail(new Error("boom")), { code: 1, stderr: "tsns: internal error: boom (a defect of tsns; --debug shows where)\n" });
  t.match(await fail(new TsnsError("interrupted", "broken-pipe", "gone", { exitCode: 141 })), { code: 141, stderr: "" });
});

t.test("a wrong command line of the toolkit is 2, whatever it is that is wrong", async (t) => {
  const codeOf = async (path: string, code: string, exitCode?: number) => {
    const error = new TsnsError("invalid", code, "m", exitCode === undefined ? {} : { exitCode });
    const run = () => {
      throw error;
    };
    return (await attempt(run, { change: { path } })).code;
  };
  for (const path of ["dns log", "net rate", "who", "cgroup set"]) {
    for (const code of ["bad-tail", "bad-template", "template-failed", "bad-rate"]) t.equal(await codeOf(path, code), 2, `${path} ${code}`);
    t.equal(await codeOf(path, "bad-options", 125), 2);
    t.equal(await codeOf(path, "not-a-bridge"), 1, "what is there is no matter of words");
  }
  t.equal(await codeOf("logs", "bad-tail"), 1, "as docker");
  t.equal(await codeOf("container update", "bad-options", 125), 125);
});

t.test("the number of arguments is checked", async (t) => {
  const arity = (least: number, most: number, ...rest: string[]) => attempt(() => 0, { rest, change: { arity: [least, most] } });
  t.match(await arity(1, 1), { code: 1, stderr: "tsns: 'tsns x' takes 1 argument: A (see 'tsns x --help')\n" });
  t.match(await arity(0, 1, "a", "b"), { stderr: /takes at most 1 argument: A/ });
  t.match(await arity(2, Number.POSITIVE_INFINITY, "a"), { stderr: /takes at least 2 arguments: A/ });
  t.match(await arity(0, 0, "a"), { stderr: /takes no arguments/ });
  t.equal((await arity(1, 2, "a", "b")).code, 0);
});

t.test("commands that change something take --dry-run, --explain, --timings", async (t) => {
  const modes: unknown[] = [];
  const look = (context: Context) => {
    modes.push({ ...context.mode });
    return 0;
  };
  await attempt(look, { change: { changes: true } });
  await attempt(look, { change: { changes: true }, rest: ["--dry-run", "--explain", "--timings"] });
  await attempt(look, { change: { changes: true }, rest: ["--explain=sh"] });
  t.same(modes, [
    { dryRun: false, explain: false, timings: false, look: false },
    { dryRun: true, explain: "text", timings: true, look: false },
    { dryRun: false, explain: "sh", timings: false, look: false },
  ]);
  t.equal((await attempt(look, { rest: ["--dry-run"] })).code, 125, "others do not");
});

t.test("--json and --format contradict each other, unless both say json", async (t) => {
  const options = { json: { type: "boolean", describe: "J" }, format: { type: "string", describe: "F" } } as const;
  const run = (...rest: string[]) => attempt(() => 0, { rest, change: { options } });
  t.match(await run("--json", "--format", "{{.ID}}"), { code: 125, stderr: /^tsns: conflicting options: --json and --format.*\n$/ });
  for (const rest of [
    ["--json"],
    ["--format", "x"],
    ["--json", "--format", "json"],
    ["--json", "--format="],
    ["--json=false", "--format=x"],
  ])
    t.equal((await run(...rest)).code, 0, rest.join(" "));
});

t.test("the data root: option, environment, default; absolute", async (t) => {
  const rootOf = async (root: string | undefined, env: Record<string, string>) => {
    let seen = "";
    await attempt(
      (context) => {
        seen = context.engine().root;
        return 0;
      },
      { ...(root === undefined ? {} : { root }), env },
    );
    return seen;
  };
  t.equal(await rootOf(undefined, {}), "/var/lib/tsns");
  t.equal(await rootOf(undefined, { TSNS_ROOT: "/a" }), "/a");
  t.equal(await rootOf("b/../c", { TSNS_ROOT: "/a" }), "/work/c");
  t.equal(await rootOf(undefined, { TSNS_ROOT: "" }), "/var/lib/tsns");
});

t.test("a signal aborts, with the exit code shells expect", async (t) => {
  for (const [name, exitCode] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
    const base: AnyCommand = defineCommand({
      path: "x",
      usage: "",
      summary: "X",
      options: {},
      arity: [0, 0],
      async run(context) {
        const { signal } = context;
        t.notOk(signal.aborted);
        process.nextTick(() => send(name));
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        signal.throwIfAborted();
        return 0;
      },
    });
    const { host, signal: send } = recorder();
    t.equal(await start(base, { words: "x", rest: [], globals: { root: undefined, debug: false }, host }), exitCode);
  }
});
