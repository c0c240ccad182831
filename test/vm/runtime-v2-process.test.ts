// What the OCI runtime does by the files of a group of cgroup v2: devices by a program, freezer, kill, exec, ends for want of memory.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import t from "tap";
import { countDeviceFilters } from "../fixture/device-filter.ts";
import { type Document, ociProgram, openOciBox } from "../fixture/oci-bundle.ts";
import { waitFor } from "../fixture/wait.ts";
import { newGroup, onUnified, start } from "./runtime-group.ts";

t.test("devices: rules in their order, other ones by update, one program", onUnified(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const all = { allow: false, access: "rwm" };
  // /dev/loop-control: anybody may open it, and no container has it by itself
  const control = (allow: boolean, access: string) => ({ allow, type: "c", major: 10, minor: 237, access });
  start(t, box, group, "sleep 1000", ({ linux }) => {
    linux.devices = [{ path: "/dev/control", type: "c", major: 10, minor: 237, fileMode: 0o666 }];
    linux.resources = { devices: [all, control(true, "r"), control(true, "w"), control(false, "w")] };
  });
  const may = (mode: string) => box.oci(["exec", "box", "sh", "-c", `exec 3${mode}/dev/control && echo y >/dev/null`]).status === 0;
  const update = (devices: readonly object[]) =>
    t.match(box.oci(["update", "-r", "-", "box"], { input: JSON.stringify({ devices }) }), { status: 0, stderr: "" });
  const access = () => ({ read: may("<"), write: may(">"), both: may("<>"), programs: countDeviceFilters(group.directory) });
  t.same(access(), { read: true, write: false, both: false, programs: 1 });
  update([all, control(true, "r"), control(true, "w")]);
  t.same(access(), { read: true, write: true, both: true, programs: 1 }, "two rules together");
  update([all]);
  t.same(access(), { read: false, write: false, both: false, programs: 1 });
  update([all, control(true, "r"), control(true, "w"), control(false, "w")]);
  t.same(access(), { read: true, write: false, both: false, programs: 1 }, "as it was created");
});

t.test("pause, resume, kill: by the group's files, with all below it", onUnified(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  start(t, box, group, "sleep 1000 & exec sleep 1001");
  const below = `${group.directory}/below`;
  mkdirSync(below);
  t.equal(box.oci(["exec", "--detach", "--cgroup", "below", "box", "sleep", "1002"]).status, 0);
  await waitFor("two processes in the group", () => group.read("pids.current") === "3");
  t.equal(readFileSync(`${below}/cgroup.procs`, "utf8").trim().split("\n").length, 1);
  t.equal(JSON.parse(box.oci(["ps", "--format", "json", "box"]).stdout).length, 3);
  t.equal(box.oci(["pause", "box"]).status, 0);
  t.match(group.read("cgroup.events"), /^frozen 1$/m, "they stand still when it returns");
  t.equal(box.state("box").status, "paused");
  t.equal(box.oci(["resume", "box"]).status, 0);
  t.match(group.read("cgroup.events"), /^frozen 0$/m);
  t.equal(box.oci(["pause", "box"]).status, 0);
  t.equal(box.oci(["kill", "--all", "box", "KILL"]).status, 0, "a frozen one too");
  await waitFor("all to end", () => /^populated 0$/m.test(group.read("cgroup.events")));
  // A process has left its group before it has ended, and the first one ends when whoever had started the others has taken note of theirs.
  await waitFor("it to have stopped", () => box.state("box").status === "stopped");
  t.equal(box.oci(["delete", "box"]).status, 0);
  t.notOk(existsSync(group.directory));
});

t.test("exec into a system that hands controllers down below its own group", onUnified(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const script = "cd /sys/fs/cgroup && mkdir init && echo 1 > init/cgroup.procs && echo +pids > cgroup.subtree_control && exec sleep 1000";
  start(t, box, group, script, (config) => {
    config.mounts = config.mounts.filter(({ destination }: Document) => destination !== "/sys/fs/cgroup");
    config.mounts.push({ destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev"] });
    config.linux.namespaces.push(...(config.linux.namespaces.some(({ type }: Document) => type === "cgroup") ? [] : [{ type: "cgroup" }]));
  });
  await waitFor("controllers to be handed down", () => group.read("cgroup.subtree_control") === "pids");
  t.match(
    box.oci(["exec", "box", "cat", "/proc/self/cgroup"]),
    { status: 0, stdout: "0::/init\n", stderr: "" },
    "beside the first process",
  );
});

t.test("events: an end for want of memory", onUnified(), async (t) => {
  const group = newGroup(t);
  const box = openOciBox(t);
  const bundle = box.bundle("tail /dev/zero; exec sleep 1000", (config) => {
    config.linux.cgroupsPath = group.path;
    config.linux.resources = { memory: { limit: 33_554_432, swap: 33_554_432 } };
  });
  t.equal(box.oci(["create", "--bundle", bundle, "box"]).status, 0);
  const events = spawn(ociProgram, ["--root", box.root, "events", "--interval", "1h", "box"], { stdio: ["ignore", "pipe", "inherit"] });
  const told = linesOf(events);
  await waitFor("the first figures", () => told().length > 0);
  t.equal(box.oci(["start", "box"]).status, 0);
  await waitFor("the end to be told", () => told().some((line) => JSON.parse(line).type === "oom"));
  t.match(group.read("memory.events"), /^oom_kill 1$/m);
  events.kill();
});

function linesOf({ stdout }: ChildProcess): () => readonly string[] {
  let text = "";
  stdout?.on("data", (chunk: Buffer) => (text += chunk));
  return () => text.split("\n").slice(0, -1);
}
