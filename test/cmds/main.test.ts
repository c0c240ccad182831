import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import t from "tap";
import { runMain } from "./host.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
const entry = new URL("../../cmds/main.ts", import.meta.url).pathname;

t.test("the version", async (t) => {
  for (const word of ["--version", "-v"]) t.same(await runMain([word]), { code: 0, stdout: `tsns version ${version}\n`, stderr: "" });
  t.match((await runMain(["version"])).stdout, `tsns:     ${version}\n`);
  t.equal((await runMain(["version", "--format", "{{.Version}}"])).stdout, `${version}\n`);
  t.equal((await runMain(["system", "version", "-f", "json"])).code, 0);
});

t.test("help is no error", async (t) => {
  const top = await runMain([]);
  t.equal(top.code, 0);
  t.match(top.stdout, /^Usage: {2}tsns \[OPTIONS\] COMMAND\n/);
  t.same(await runMain(["--help"]), top);
  t.same(await runMain(["help"]), top);
  t.same(await runMain(["-h"]), top);
  const run = await runMain(["run", "--help"]);
  t.match(run, { code: 0, stderr: "", stdout: /^Usage: {2}tsns run \[OPTIONS\] IMAGE \[COMMAND\] \[ARG\.\.\.\]\n/ });
  t.same(await runMain(["help", "run"]), run);
  t.match((await runMain(["container", "run", "--help"])).stdout, /^Usage: {2}tsns container run /);
  t.match((await runMain(["container"])).stdout, /^Usage: {2}tsns container COMMAND\n/);
});

t.test("one line says what is wrong and where help is", async (t) => {
  const cases: [string[], number, string][] = [
    [["vesion"], 1, "tsns: unknown command: tsns vesion, did you mean version? (see 'tsns --help')\n"],
    [["container", "rnu"], 1, "tsns: unknown command: tsns container rnu, did you mean run? (see 'tsns container --help')\n"],
    [["net", "bridge", "ad"], 2, "tsns: unknown command: tsns net bridge ad, did you mean add? (see 'tsns net bridge --help')\n"],
    [["--rot", "x", "ps"], 125, "tsns: unknown flag: --rot, did you mean --root? (see 'tsns --help')\n"],
    [["run", "--memroy=1g", "img"], 125, "tsns: unknown flag: --memroy, did you mean --memory? (see 'tsns run --help')\n"],
    [["run"], 125, "tsns: 'tsns run' takes at least 1 argument: IMAGE [COMMAND] [ARG...] (see 'tsns run --help')\n"],
    [["ps", "x"], 1, "tsns: 'tsns ps' takes no arguments (see 'tsns ps --help')\n"],
    [["ps", "--foobar"], 125, "tsns: unknown flag: --foobar (see 'tsns ps --help')\n"],
    [["completion"], 1, "tsns: 'tsns completion' takes 1 argument: bash|zsh|fish (see 'tsns completion --help')\n"],
    [["\x1b[2J"], 1, "tsns: unknown command: tsns \\x1b[2J (see 'tsns --help')\n"],
    [["completion", "csh"], 1, 'tsns: no completion for "csh" (there is one for bash, zsh, fish)\n'],
    [["--root", "", "ps"], 1, "tsns: --root is empty (give a directory)\n"],
  ];
  for (const [argv, code, stderr] of cases) {
    const ran = await runMain(argv);
    t.equal(ran.code, code, argv.join(" "));
    t.equal(ran.stderr, stderr);
    t.equal(ran.stdout, "");
  }
});

t.test("several problems are several lines", async (t) => {
  const { code, stderr } = await runMain(["run", "--aaaaaaaaaaa", "--bbbbbbbbbb", "img"]);
  t.equal(code, 125);
  t.same(stderr.split("\n"), ["tsns: unknown flag: --aaaaaaaaaaa", "tsns: unknown flag: --bbbbbbbbbb (see 'tsns run --help')", ""]);
});

t.test("--debug shows where an error came from", async (t) => {
  t.match((await runMain(["-D", "vesion"])).stderr, /^tsns: unknown command.*\nTsnsError: .*\n {4}at /);
});

t.test("as a process", async (t) => {
  const bad = spawnSync(process.execPath, [entry, "nonsense"], { encoding: "utf8" });
  t.match(bad, { status: 1, stdout: "", stderr: /^tsns: unknown command: tsns nonsense/ });
  const gone = spawnSync("bash", ["-c", 'set -o pipefail; "$0" "$1" --help | true', process.execPath, entry], { encoding: "utf8" });
  t.equal(gone.stderr, "", "a reader that goes away is no error");
});
