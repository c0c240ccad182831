// containerd with systemd as its manager of groups and dist/tsns-oci below its shim, asked by ctr under a real systemd.
import { readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { ociProgram } from "../fixture/oci-bundle.ts";
import { needPrograms } from "../fixture/oci-caller.ts";
import { openSystemd, systemdLayouts } from "../fixture/systemd.ts";
import { waitFor } from "../fixture/wait.ts";

const image = "docker.io/library/box:1";
const layout = systemdLayouts.includes("hybrid") ? "hybrid" : "v2";

const settings = (directory: string) => `version = 2
root = "${directory}/root"
state = "${directory}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "${directory}/socket"
[ttrpc]
  address = "${directory}/socket.ttrpc"
[debug]
  level = "error"
`;

/** A daemon that ends with its systemd; the image is there. */
async function openContainerd(t: Test) {
  const { directory, run, show } = await openSystemd(t, layout);
  const root = await makeRoot(t);
  await root.ok(["import", "-", image], { input: makeBusyboxTar() });
  await root.ok(["save", "-o", `${directory}/image.tar`, image]);
  writeFileSync(`${directory}/config.toml`, settings(directory));
  // An orphan there, which systemd takes in.
  run(["sh", "-c", `TMPDIR=${directory} containerd --config ${directory}/config.toml >${directory}/containerd.log 2>&1 &`]);
  const call = (...args: string[]) => run(["env", `TMPDIR=${directory}`, "ctr", "--address", `${directory}/socket`, ...args]);
  await waitFor("containerd to answer", () => call("version").status === 0);
  const ctr = (...args: string[]) => {
    const { status, stdout, stderr } = call(...args);
    if (status !== 0) throw new Error(`ctr ${args.join(" ")}: exit status ${status}\n${stdout}${stderr}`);
    return stdout;
  };
  ctr("image", "import", "--snapshotter", "native", `${directory}/image.tar`);
  return { directory, call, ctr, show };
}

const options = ["--snapshotter", "native", "--runc-binary", ociProgram, "--runc-systemd-cgroup"];
const inScope = (text: string) =>
  text
    .trim()
    .split("\n")
    .every((line) => (layout === "v2" && !line.startsWith("0:")) || line.endsWith("/tsns.slice/tsns-test.slice/ctr-box.scope"));

t.test("ctr run --runc-systemd-cgroup", needPrograms("containerd", "ctr", "systemd", "busctl", "dbus-daemon"), async (t) => {
  const { directory, call, ctr, show } = await openContainerd(t);
  const unit = "ctr-box.scope";
  // What a program prints may be lost: a ctr that learns of the end before it has opened the streams reads nothing. A file is not.
  const saidMount = `--mount=type=bind,src=${directory},dst=/said,options=rbind:rw`;
  const said = (file: string) => readFileSync(`${directory}/${file}`, "utf8");
  const start = (...args: string[]) => call("run", ...options, saidMount, "--cgroup", "tsns-test.slice:ctr:box", ...args);
  const sayGroups = (file: string, code: number) => ["sh", "-c", `cat /proc/self/cgroup >/said/${file}; exit ${code}`];
  const ended = start("--rm", "--memory-limit", `${64 << 20}`, image, "first", ...sayGroups("first", 3));
  t.same([ended.status, ended.stderr], [3, ""]);
  if (layout === "hybrid") t.ok(inScope(said("first")), `in the scope: ${said("first")}`);
  t.match(show(unit), { LoadState: "not-found" });

  const detached = start("--detach", "--memory-limit", `${64 << 20}`, image, "second", "sleep", "1000");
  t.same([detached.status, detached.stderr], [0, ""]);
  const memory = layout === "v2" ? "MemoryMax" : "MemoryLimit";
  t.match(show(unit), { ActiveState: "active", Slice: "tsns-test.slice", Description: /second/, [memory]: "67108864" });
  ctr("task", "exec", "--exec-id", "one", "second", ...sayGroups("exec", 0));
  if (layout === "hybrid") t.ok(inScope(said("exec")), `in the scope: ${said("exec")}`);
  t.match(ctr("task", "metrics", "second"), layout === "v2" ? /memory\.usage/ : /memory\.limit_in_bytes +67108864/);
  ctr("task", "kill", "--signal", "KILL", "second");
  await waitFor("its end", () => ctr("task", "ls").includes("STOPPED"));
  call("task", "delete", "second");
  ctr("container", "delete", "second");
  t.match(show(unit), { LoadState: "not-found" });
});
