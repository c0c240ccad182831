import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import t from "tap";
import { complete } from "../../cmds/complete.ts";
import { completionScript } from "../../cmds/completion-script.ts";
import { runMain } from "./host.ts";

async function words(...typed: string[]): Promise<string[]> {
  const completion = await complete(typed);
  return completion.kind === "words" ? completion.candidates.map(({ word }) => word) : [`<${completion.kind}>`];
}

t.test("commands", async (t) => {
  t.ok((await words("")).includes("run"));
  t.ok((await words("")).includes("container"));
  t.notOk((await words("")).includes("__complete"));
  t.same(await words("comp"), ["completion"]);
  t.ok((await words("container", "r")).includes("run"));
  t.notOk((await words("container", "")).includes("cleanup"));
  t.same(await words("nonsense", ""), []);
  t.same(await words("help", "comp"), ["completion"]);
});

t.test("options, before and after a command", async (t) => {
  t.ok((await words("--r")).includes("--root"));
  t.same(await words("run", "--memory-s"), ["--memory-swap", "--memory-swappiness"]);
  t.same(await words("run", "--dry"), ["--dry-run"]);
  t.ok((await words("run", "-")).includes("--help"));
  t.same(await words("run", "--explain="), ["--explain=text", "--explain=sh"]);
  t.same(await words("run", "img", "-"), ["<files>"], "the container's command has other options");
});

t.test("values and arguments", async (t) => {
  t.same(await complete(["--root", ""]), { kind: "directories" });
  t.same(await complete(["run", ""]), { kind: "names", what: "image", before: "", prefix: "" });
  t.same(await complete(["run", "--rm", "-it", "bu"]), { kind: "names", what: "image", before: "", prefix: "bu" });
  t.same(await complete(["--root", "/x", "run", "--name", "x", "bu"]), { kind: "names", what: "image", before: "", prefix: "bu" });
  t.same(await complete(["run", "--name", ""]), { kind: "words", candidates: [] });
  t.same(await complete(["run", "--network", "b"]), { kind: "names", what: "network", before: "", prefix: "b" });
  t.same(await complete(["run", "--network=container:w"]), { kind: "names", what: "running", before: "--network=container:", prefix: "w" });
  t.equal((await complete(["run", "img", "a"])).kind, "files");
  t.same(await words("ps", ""), [], "ps takes no arguments");
  for (const [typed, what] of [
    ["net bridge del", "bridge"],
    ["net bridge setfd", "bridge"],
    ["net bridge showmacs", "bridge"],
    ["net bridge addif b0", "link"],
    ["net link up", "link"],
    ["net veth move", "link"],
    ["net addr flush", "link"],
    ["net map", "network"],
    ["network connect", "network"],
    ["network connect --alias cache back", "container"],
    ["network disconnect back", "container"],
    ["dns trace", "running"],
  ] as const)
    t.match(await complete([...typed.split(" "), "x"]), { kind: "names", what, prefix: "x" }, typed);
  t.same(await words("net", "bridge", "add", ""), [], "a name that is not there yet");
  t.match((await runMain(["__complete", "--", "net", "link", "up", "l"])).stdout, /^lo\b/m, "links of this namespace");
});

t.test("names of a store that is not there: nothing, and nothing is made", async (t) => {
  const root = `/tmp/tsns-no-such-root-${process.pid}`;
  t.same(await runMain(["__complete", "--", "--root", root, "rm", ""]), { code: 0, stdout: ":words\n", stderr: "" });
  t.match((await runMain(["__complete", "--", "--root", root, "run", "h"])).stdout, /^host\t.*\n:words\n$/);
});

t.test("the scripts are valid where their shell is there", async (t) => {
  for (const shell of ["bash", "zsh", "fish"] as const) {
    t.equal((await runMain(["completion", shell])).stdout, completionScript(shell));
    const checked = spawnSync(shell, ["-n"], { input: completionScript(shell), encoding: "utf8" });
    if (checked.error === undefined) t.same({ status: checked.status, stderr: checked.stderr }, { status: 0, stderr: "" }, shell);
  }
});

t.test("bash puts the answer where the cursor is", async (t) => {
  const directory = mkdtempSync("/tmp/tsns-complete-");
  t.teardown(() => rmSync(directory, { recursive: true }));
  const main = new URL("../../cmds/main.ts", import.meta.url).pathname;
  writeFileSync(`${directory}/tsns`, `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 });
  writeFileSync(`${directory}/script`, completionScript("bash"));
  const press = (line: string): string[] => {
    const script = `source '${directory}/script'; COMP_LINE=$1; COMP_POINT=\${#1}; compopt() { :; }; _tsns; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = { ...process.env, PATH: `${directory}:${process.env.PATH}`, TSNS_ROOT: `${directory}/root` };
    const { stdout, stderr } = spawnSync("bash", ["-c", script, "bash", line], { encoding: "utf8", env, cwd: directory });
    t.equal(stderr, "");
    return stdout.split("\n").filter((word) => word !== "");
  };
  t.same(press("tsns completi"), ["completion"]);
  t.same(press("tsns run --explain="), ["text", "sh"], "only the piece behind =");
  t.same(press("tsns run ho"), ["host"]);
  t.same(press("tsns --root ro"), [], "directories only");
  t.same(press("tsns run host scr"), ["script"], "files");
});
