// The commands of the OCI runtime as callers use them: what they print, where errors go, which exit codes they have.
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

t.test("state, list and ps", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  t.match(box.oci(["list"]).stdout, /^ID {10}PID {9}STATUS {6}BUNDLE {6}CREATED {5}OWNER\n$/);
  t.equal(box.oci(["list", "-f", "json"]).stdout, "[]\n");
  const bundle = box.bundle("sleep 100");
  t.equal(box.oci(["create", "-bundle", bundle, "-pid-file", `${bundle}/pid`, "box"]).status, 0, "one dash before long names");
  const state = box.state("box");
  t.match(state, { id: "box", status: "created", bundle, rootfs: `${bundle}/rootfs`, owner: "root" });
  t.equal(readFileSync(`${bundle}/pid`, "utf8"), `${state.pid}`);
  t.equal(box.oci(["start", "box"]).status, 0);
  t.match(box.oci(["list"]).stdout, new RegExp(`^box +${state.pid} +running +${bundle} +\\S+Z +root$`, "m"));
  t.match(JSON.parse(box.oci(["list", "--format=json"]).stdout), [{ id: "box", pid: state.pid, status: "running" }]);
  t.equal(box.oci(["list", "-q"]).stdout, "box\n");
  t.same(JSON.parse(box.oci(["ps", "--format", "json", "box"]).stdout), [state.pid]);
  t.match(box.oci(["ps", "box"]).stdout, new RegExp(`^UID +PID .*\\nroot +${state.pid} .*sleep 100\\n$`));
  t.match(box.oci(["ps", "box", "-o", "pid,args"]).stdout, new RegExp(`^ *PID COMMAND\\n *${state.pid} \\S*.*sleep 100\\n$`));
});

t.test("run: status, output, what is left", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const three = box.bundle("echo out; echo err >&2; exit 3");
  // process 1 of a pid namespace cannot kill itself
  const killing = box.bundle("kill -9 $$", (config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }: { readonly type: string }) => type !== "pid");
  });
  t.match(box.oci(["run", "-b", three, "one"]), { status: 3, stdout: "out\n", stderr: "err\n" });
  t.equal(box.oci(["run", "-b", killing, "two"]).status, 137);
  t.same(readdirSync(box.root), []);
  t.equal(box.oci(["run", "--keep", "-b", three, "kept"]).status, 3);
  t.equal(box.state("kept").status, "stopped");
  t.equal(box.oci(["delete", "kept"]).status, 0);
  const missing = box.bundle("", (config) => {
    config.process.args = ["/bin/none"];
  });
  t.match(box.oci(["run", "-b", missing, "none"]), {
    status: 1,
    stderr: /exec: "\/bin\/none": stat \/bin\/none: no such file or directory/,
  });
  t.same(readdirSync(box.root), [], "nothing is left of one that cannot be");
});

t.test("exec", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  box.oci(["run", "-d", "-b", box.bundle("sleep 100"), "box"]);
  const script = "id -u; id -G; pwd; echo $A; exit 4";
  const { status, stdout } = box.oci(["exec", "-e", "A=b", "-u", "5:6", "-g", "7", "-cwd", "/tmp", "box", "sh", "-c", script]);
  t.same({ status, stdout }, { status: 4, stdout: "5\n6 7\n/tmp\nb\n" });
  t.match(box.oci(["exec", "box", "none"]), { status: 255, stderr: /exec: "none": executable file not found in \$PATH/ });
  t.match(box.oci(["exec", "box"]), { status: 255, stderr: /process args cannot be empty/ });
  const file = `${box.root}/process.json`;
  writeFileSync(
    file,
    JSON.stringify({ user: { uid: 1, gid: 2 }, args: ["sh", "-c", "id -u; echo $HOW"], env: ["PATH=/bin", "HOW=json"], cwd: "/" }),
  );
  t.match(box.oci(["exec", "-p", file, "box"]), { status: 0, stdout: "1\njson\n" });
  t.match(box.oci(["exec", "--user", "root", "--cwd", "tmp", "box", "true"]), { status: 255, stderr: /--user root[\s\S]*--cwd tmp/ });
  t.equal(box.oci(["exec", "-d", "--pid-file", `${box.root}/pid`, "box", "sleep", "100"]).status, 0);
  const pid = Number(readFileSync(`${box.root}/pid`, "utf8"));
  t.ok(JSON.parse(box.oci(["ps", "-f", "json", "box"]).stdout).includes(pid), "a detached one is in the container's groups");
});

t.test("descriptors of the caller", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("cat <&3; echo $LISTEN_FDS $LISTEN_PID");
  const content = `${bundle}/content`;
  writeFileSync(content, "handed over\n");
  const given = openSync(content, "r");
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(ociProgram, ["--root", box.root, "run", ...args, "-b", bundle, "box"], {
      stdio: ["ignore", "pipe", "pipe", given],
      env: { ...process.env, ...env },
      encoding: "utf8",
    });
  t.match(run(["--preserve-fds", "1"]), { status: 0, stdout: "handed over\n\n" });
  closeSync(given);
  t.match(box.oci(["run", "--preserve-fds", "3", "-b", bundle, "box"]), {
    status: 1,
    stderr: /cannot preserve file descriptor 3: it is not open/,
  });
});

t.test("pause, resume, update", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100", (config) => {
    config.linux.cgroupsPath = `/tsns-oci-test-${process.pid}-limit`;
  });
  box.oci(["run", "-d", "-b", bundle, "box"]);
  t.match(box.oci(["resume", "box"]), { status: 1, stderr: /container not paused/ });
  t.equal(box.oci(["pause", "box"]).status, 0);
  t.equal(box.state("box").status, "paused");
  t.match(box.oci(["exec", "box", "true"]), { status: 255, stderr: /cannot exec in a paused container/ });
  t.equal(box.oci(["resume", "box"]).status, 0);
  t.equal(box.state("box").status, "running");
  t.equal(box.oci(["update", "--pids-limit", "33", "box"]).status, 0);
  const group = `/tsns-oci-test-${process.pid}-limit/pids.max`;
  const file = [`/sys/fs/cgroup/pids${group}`, `/sys/fs/cgroup${group}`].find(existsSync) ?? "";
  t.equal(readFileSync(file, "utf8"), "33\n");
  t.equal(box.oci(["update", "-r", "-", "box"], { input: '{"pids":{"limit":44}}' }).status, 0);
  t.equal(readFileSync(file, "utf8"), "44\n");
  t.equal(box.oci(["update", "-r", "-", "box"], { input: '{"pids":{"limit":0},"cpu":{"shares":512}}' }).status, 0);
  t.equal(readFileSync(file, "utf8"), "44\n", "0 is not to be changed");
  t.match(box.oci(["update", "--memory", "much", "--cpu-quota", "x", "box"]), { status: 1, stderr: /memory: "much"[\s\S]*cpu-quota: "x"/ });
  box.oci(["pause", "box"]);
  t.equal(box.oci(["delete", "--force", "box"]).status, 0, "a paused one is ended");
  t.notOk(existsSync(file), "its group is gone");
});

t.test("update: other devices, and back", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const none = { allow: false, access: "rwm" };
  // to write to /dev/kmsg takes no privilege
  const log = { allow: true, type: "c", major: 1, minor: 11, access: "w" };
  const bundle = box.bundle("sleep 100", ({ linux }) => {
    linux.devices = [{ path: "/dev/log-write", type: "c", major: 1, minor: 11, fileMode: 0o622 }];
    linux.resources = { devices: [none, log] };
  });
  box.oci(["run", "-d", "-b", bundle, "box"]);
  const update = (...devices: object[]) =>
    t.match(box.oci(["update", "-r", "-", "box"], { input: JSON.stringify({ devices, pids: { limit: 50 } }) }), { status: 0, stderr: "" });
  const may = () => box.oci(["exec", "box", "sh", "-c", "exec 3>/dev/log-write && echo x >/dev/null"]).status === 0;
  t.ok(may());
  update(none, log);
  t.ok(may(), "as it is");
  update(none);
  t.notOk(may());
  update();
  t.notOk(may(), "no list says nothing");
  update(none, log);
  t.ok(may(), "as it was created");
});

t.test("errors go where callers look", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const log = `${box.root}-log`;
  const before = ["--log", log, "--log-format", "json"];
  for (const word of ["state", "start", "kill", "delete"]) {
    t.match(box.oci([...before, word, "none"]), { status: 1, stderr: /^tsns: container does not exist: none/ });
    const last = JSON.parse(readFileSync(log, "utf8").trim().split("\n").at(-1) ?? "");
    t.match(last, { level: "error", msg: "container does not exist: none", time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/ });
  }
  box.oci(["--log", log, "state", "none"]);
  t.match(readFileSync(log, "utf8"), /^time="\S+" level=error msg="container does not exist: none"$/m);
  t.equal(box.oci(["delete", "--force", "none"]).status, 0, "to be without it is what was wanted");
  t.match(box.oci(["state", "../x"]), { status: 1, stderr: /invalid container ID format/ });
  t.match(box.oci(["create"]), { status: 1, stderr: /takes exactly 1 argument/ });
  t.match(box.oci(["--bogus", "state", "x"]), { status: 1, stderr: /unknown flag: --bogus/ });
  t.match(box.oci(["state", "--bogus", "x"]), { status: 1, stderr: /unknown flag: --bogus/ });
  t.match(box.oci(["--log"]), { status: 1, stderr: /flag needs an argument: --log/ });
  t.match(box.oci(["checkpoint", "--leave-running", "x"]), { status: 1, stderr: /not supported/ });
  t.match(box.oci(["--version"]), { status: 0, stdout: /^tsns-oci version \S+\nspec: 1\.2\.0\n$/ });
});

t.test("--debug says what is done", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const log = `${box.root}-log`;
  const debugged = (...words: string[]) => {
    writeFileSync(log, "");
    t.equal(box.oci(["--debug", "--log", log, "--log-format", "json", ...words]).status, 0, words.join(" "));
    return readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  t.match(debugged("create", "-b", box.bundle("sleep 100"), "box")[0], { level: "debug", msg: /^operation stdio inherit$/ });
  box.oci(["start", "box"]);
  t.match(debugged("exec", "box", "true").at(-1), { level: "debug", msg: "operation exec true" });
  t.match(debugged("kill", "box", "USR1"), [{ level: "debug", msg: `signal 10 to ${box.state("box").pid}` }]);
  t.match(debugged("delete", "-f", "box")[0], { level: "debug", msg: /^group \/.*tsns-oci-test-.* goes$/ });
  t.match(box.oci(["--log-format", "xml", "state", "box"]), { status: 1, stderr: /must be one of text, json/ });
});

t.test("hooks around start and delete", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const told = `${box.root}-told`;
  const hook = (word: string, code = 0) => ({ path: "/bin/sh", args: ["sh", "-c", `echo ${word} $(cat) >> ${told}; exit ${code}`] });
  const bundle = box.bundle("sleep 100", (config) => {
    config.hooks = { poststart: [hook("start", 5), hook("next")], poststop: [hook("stop", 6), hook("last")] };
  });
  box.oci(["create", "-b", bundle, "box"]);
  t.match(box.oci(["start", "box"]), { status: 0, stderr: /WARNING: poststart hook \/bin\/sh: it ended with 5/ });
  t.match(box.oci(["delete", "--force", "box"]), { status: 0, stderr: /WARNING: poststop hook \/bin\/sh: it ended with 6/ });
  const lines = readFileSync(told, "utf8").trim().split("\n");
  t.same(
    lines.map((line) => [line.replace(/ .*/, ""), JSON.parse(line.replace(/^\w+ /, "")).status]),
    [
      ["start", "running"],
      ["next", "running"],
      ["stop", "stopped"],
      ["last", "stopped"],
    ],
    "one that fails does not keep the next from its turn",
  );
});
