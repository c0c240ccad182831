// podman with systemd as its manager of groups and dist/tsns-oci as its runtime, under a real systemd.
import { writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { ociProgram } from "../fixture/oci-bundle.ts";
import { needPrograms } from "../fixture/oci-caller.ts";
import { hasSucceeded } from "../fixture/podman-removal.ts";
import { openSystemd, systemdLayouts } from "../fixture/systemd.ts";

const layout = systemdLayouts.includes("hybrid") ? "hybrid" : "v2";

const settings = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "none"
apparmor_profile = "unconfined"
`;

/** The image is there; containers left at the end are removed. */
async function openPodman(t: Test) {
  const { directory, ok, run, show } = await openSystemd(t, layout);
  writeFileSync(`${directory}/rootfs.tar`, makeBusyboxTar());
  writeFileSync(`${directory}/containers.conf`, settings);
  const words = [
    ...["env", `CONTAINERS_CONF=${directory}/containers.conf`, `TMPDIR=${directory}`, "podman", "--storage-driver=vfs"],
    ...["--cgroup-manager=systemd", "--events-backend=file", `--runtime=${ociProgram}`],
    ...["root", "runroot", "tmpdir", "network-config-dir"].map((name) => `--${name}=${directory}/${name}`),
  ];
  ok([...words, "import", `${directory}/rootfs.tar`, image]);
  t.teardown(() => run([...words, "rm", "--all", "--force", "--time", "0"]));
  return { show, podman: (...args: string[]) => ok([...words, ...args]), call: (...args: string[]) => run([...words, ...args]) };
}

const image = "localhost/busybox";
const limits = ["--memory", "64m", "--pids-limit", "33", "--cpus", "0.5"];

t.test("podman --cgroup-manager systemd", needPrograms("podman", "systemd", "busctl", "dbus-daemon"), async (t) => {
  const { podman, call, show } = await openPodman(t);
  const script = "cat /proc/self/cgroup; exit 3";
  const ended = call("run", "--name", "first", "--cgroupns", "host", ...limits, image, "sh", "-c", script);
  t.same([ended.status, ended.stderr], [3, ""]);
  const first = `libpod-${podman("inspect", "--format", "{{.Id}}", "first")}.scope`;
  const lines = ended.stdout.split("\n").filter((line) => (layout === "hybrid" ? line !== "" : line.startsWith("0:")));
  t.ok(lines.length > 0 && lines.every((line) => line.endsWith(`/machine.slice/${first}`)), ended.stdout);
  t.match(show(first), { LoadState: "not-found" }, "gone with its process");

  const id = podman("run", "--detach", "--name", "second", ...limits, image, "sleep", "1000");
  const unit = `libpod-${id}.scope`;
  const memory = layout === "v2" ? "MemoryMax" : "MemoryLimit";
  const shown = show(unit);
  t.match(shown, { ActiveState: "active", Slice: "machine.slice", Delegate: "yes", Description: new RegExp(id) });
  t.match(shown, { CPUQuotaPerSecUSec: "500ms", TasksMax: "33", [memory]: "67108864" });
  podman("update", "--memory", "80m", "second");
  t.match(show(unit), { [memory]: `${80 << 20}`, TasksMax: "33" });
  t.equal(podman("exec", "second", "echo", "said"), "said");
  podman("pause", "second");
  podman("unpause", "second");
  const removal = ["rm", "--force", "--time", "0", "second"];
  const removed = call(...removal);
  t.ok(hasSucceeded(removal, removed.status, removed.stderr), removed.stderr);
  t.match(show(unit), { LoadState: "not-found", ActiveState: "inactive" });
});
