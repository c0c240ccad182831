// A create that is killed at any instant: what is left is deleted like any container, and the ID is free again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { setTimeout as after } from "node:timers/promises";
import t from "tap";
import { ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const group = `/tsns-oci-test-${process.pid}`;

/** Directories of the group in every hierarchy. */
const groupsLeft = (): string[] =>
  readdirSync("/sys/fs/cgroup")
    .map((name) => `/sys/fs/cgroup/${name}${group}`)
    .filter(existsSync);

t.test("a killed create leaves nothing that delete does not know", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100", (config) => {
    config.linux.cgroupsPath = group;
  });
  const began = performance.now();
  t.equal(box.oci(["create", "-b", bundle, "whole"]).status, 0, "one that is left alone");
  const wholeMs = performance.now() - began;
  t.equal(box.oci(["delete", "--force", "whole"]).status, 0);
  const instants = 8;
  for (let at = 1; at <= instants; at++) {
    const child = spawn(ociProgram, ["--root", box.root, "create", "-b", bundle, "cut"], { stdio: "ignore" });
    const closed = once(child, "exit");
    await after((wholeMs * at) / instants);
    child.kill("SIGKILL");
    await closed;
    const { status, stderr } = box.oci(["delete", "--force", "cut"]);
    t.same({ status, stderr }, { status: 0, stderr: "" }, `after ${at}/${instants} of its time`);
    t.notOk(existsSync(`${box.root}/cut`), "its directory is gone");
  }
  t.equal(box.oci(["create", "-b", bundle, "cut"]).status, 0, "the ID is free");
  t.equal(box.state("cut").status, "created");
  t.equal(box.oci(["delete", "-f", "cut"]).status, 0);
  t.same(groupsLeft(), [], "no group is left");
  t.same(readdirSync(box.root), [], "nor a directory on its way in or out");
});

t.test("a first process that does not notice its creator's end at once is waited for", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100", (config, directory) => {
    config.linux.cgroupsPath = group;
    config.hooks = { createRuntime: [{ path: "/bin/sh", args: ["sh", "-c", `echo > ${directory}/hook; exec sleep 100`] }] };
  });
  const child = spawn(ociProgram, ["--root", box.root, "create", "-b", bundle, "cut"], { stdio: "ignore" });
  const closed = once(child, "exit");
  await waitFor("the hook", () => existsSync(`${bundle}/hook`));
  // Stands for it: longer there than others' processes are waited for.
  const late = spawn("sleep", ["4"], { stdio: "ignore" });
  for (const directory of groupsLeft()) writeFileSync(`${directory}/cgroup.procs`, `${late.pid}`);
  child.kill("SIGKILL");
  await closed;
  t.same(box.oci(["delete", "--force", "cut"]), { status: 0, stdout: "", stderr: "" });
  t.same(groupsLeft(), []);
});

t.test("of several that want an ID one gets it", { ...needRoot, buffered: true }, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("sleep 100");
  const children = [1, 2, 3].map(() => spawn(ociProgram, ["--root", box.root, "create", "-b", bundle, "one"], { stdio: "ignore" }));
  const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
  t.same(codes.sort(), [0, 1, 1]);
  t.equal(box.state("one").status, "created", "the others have not harmed it");
  t.match(box.oci(["create", "-b", bundle, "one"]), { status: 1, stderr: /container with given ID already exists: one/ });
});
