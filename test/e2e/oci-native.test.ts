// What dist/tsns-oci does without Node, and that it is the same as with it; that no Node stays beside a process of `exec`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import t from "tap";
import { type OciBox, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

/** With this Node nothing can be done that needs one. */
const nodeless = { env: { TSNS_NODE: "/nonexistent" } };

/** `state` as the native program and as Node prints it; an option behind the word is Node's. */
const states = ({ oci, root }: OciBox) => [oci(["state", "box"], nodeless), oci(["state", "--root", root, "box"])];

t.test("start and delete", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("exit 0");
  box.oci(["create", "-b", bundle, "quick"]);
  t.equal(box.oci(["start", "quick"], nodeless).status, 0);
  await waitFor("its end", () => box.state("quick").status === "stopped");
  t.equal(box.oci(["delete", "quick"], nodeless).status, 0);
  t.match(box.oci(["start", "quick"], nodeless), { status: 125, stderr: /cannot run Node/ }, "every doubt is Node's");
  t.match(box.oci(["start", "quick"]), { status: 1, stderr: /container does not exist/ });
});

t.test("state, in every state", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100", (config) => {
    config.annotations = { "org.example": 'text "with" \\ and é' };
  });
  const same = (status: string) => {
    const [native, node] = states(box);
    t.same(native, node, status);
    t.equal(JSON.parse(native?.stdout ?? "").status, status);
  };
  box.oci(["create", "-b", bundle, "box"]);
  same("created");
  box.oci(["start", "box"]);
  same("running");
  box.oci(["pause", "box"]);
  same("paused");
  box.oci(["resume", "box"]);
  box.oci(["kill", "box", "KILL"]);
  await waitFor("its end", () => box.state("box").status === "stopped");
  same("stopped");
  t.match(box.oci(["state", "none"]), { status: 1, stderr: /container does not exist: none/ });
});

t.test("kill", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("trap 'echo usr1 > /heard' USR1; trap 'exit 3' TERM; echo > /ready; while :; do sleep 0.05; done");
  const written = (name: string) => existsSync(`${bundle}/rootfs/${name}`);
  box.oci(["run", "-d", "-b", bundle, "box"]);
  await waitFor("its traps", () => written("ready"));
  t.equal(box.oci(["kill", "box", "0"], nodeless).status, 0, "there is somebody");
  t.equal(box.oci(["kill", "box", "SIGUSR1"], nodeless).status, 0);
  await waitFor("the signal", () => written("heard"));
  t.equal(box.oci(["kill", "box", "rtmin+3"], nodeless).status, 125, "other names are Node's");
  t.match(box.oci(["kill", "box", "NONE"]), { status: 1, stderr: /invalid signal: NONE/ });
  box.oci(["pause", "box"]);
  t.equal(box.oci(["kill", "box", "KILL"], nodeless).status, 125, "what is frozen has to be thawed");
  t.equal(box.oci(["kill", "box", "KILL"]).status, 0);
  await waitFor("its end", () => box.state("box").status === "stopped");
  for (const signal of ["0", "TERM", "9"])
    t.match(box.oci(["kill", "box", signal]), { status: 1, stderr: /container not running: box is stopped/ });

  box.oci(["delete", "box"]);
  box.oci(["run", "-d", "-b", box.bundle("trap 'exit 3' TERM; echo > /ready; while :; do sleep 0.05; done"), "box"]);
  t.equal(box.oci(["kill", "box"], nodeless).status, 0, "SIGTERM, where no other is named");
});

t.test("kill, of one whose processes outlive the first", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("exec sleep 100", ({ linux }) => {
    linux.namespaces = linux.namespaces.filter(({ type }: { type: string }) => type !== "pid");
  });
  t.equal(box.oci(["run", "-d", "-b", bundle, "box"]).status, 0);
  t.equal(box.oci(["kill", "box", "KILL"], nodeless).status, 125, "all of them are looked for");
  t.equal(box.oci(["kill", "box", "CONT"], nodeless).status, 0, "others are the first one's");
  t.equal(box.state("box").status, "running");
});

t.test("start of what is paused", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("echo > /ran; exec sleep 100");
  box.oci(["create", "-b", bundle, "box"]);
  t.equal(box.oci(["pause", "box"]).status, 0);
  t.equal(box.oci(["start", "box"], nodeless).status, 125, "nobody waits for who is frozen");
  t.match(box.oci(["start", "box"]), { status: 1, stderr: /cannot start a container in the paused state: box/ });
  t.equal(box.oci(["resume", "box"]).status, 0);
  t.equal(box.state("box").status, "created", "what was refused does not happen later");
  t.notOk(existsSync(`${bundle}/rootfs/ran`));
  t.equal(box.oci(["start", "box"], nodeless).status, 0);
});

t.test("an attended exec", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  box.oci(["run", "-d", "-b", box.bundle("sleep 100"), "box"]);
  const pidFile = `${box.root}/pid`;
  const child = spawn(ociProgram, ["--root", box.root, "exec", "--pid-file", pidFile, "box", "sleep", "100"], { stdio: "ignore" });
  const ended = once(child, "close");
  await waitFor("the process", () => existsSync(pidFile));
  t.equal(readFileSync(`/proc/${child.pid}/comm`, "utf8"), "tsns-sandbox\n", "no Node waits for it");
  const children = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
  await waitFor("nobody else, once who would have told of a failure has gone", () => children() === readFileSync(pidFile, "utf8"));
  child.kill("SIGTERM");
  t.same(await ended, [143, null], "signals are passed on");

  const log = `${box.root}/log`;
  const before = ["--log", log, "--log-format", "json", "exec"];
  t.match(box.oci([...before, "-d", "--pid-file", `${box.root}/none/pid`, "box", "true"]), { status: 255, stderr: /none\/pid: no such/ });
  t.match(box.oci([...before, "--cwd", "/none", "box", "true"]), { status: 255, stderr: /chdir to cwd \("\/none"\)/ });
  const lines = readFileSync(log, "utf8").trim().split("\n");
  t.match(
    lines.map((line) => JSON.parse(line)),
    [
      { level: "error", msg: /none\/pid/ },
      { level: "error", msg: /chdir/ },
    ],
    "what fails inside is told outside",
  );
});
