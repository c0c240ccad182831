// What the groups of a container are told where callers of runc count on more than the text of the specification says (config-linux.md, Control groups).
import { existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import t, { type Test } from "tap";
import { readHierarchies } from "../../src/kernel/cgroup/observe.ts";
import { type Document, type OciBox, openOciBox } from "../fixture/oci-bundle.ts";
import { needRoot } from "../fixture/root.ts";

const options = { ...needRoot, buffered: true };
const hierarchies = readHierarchies();
const placeOf = (controller: string) => hierarchies.find(({ controllers }) => controllers.includes(controller));
const hasLegacyCpuset = placeOf("cpuset")?.version === "v1";

function running(t: Test, box: OciBox, change: (config: Document) => void = () => {}): { readonly id: string; readonly path: string } {
  const id = `limit-${process.pid}`;
  let path = "";
  const bundle = box.bundle("exec sleep 1000", (config) => {
    change(config);
    path = config.linux.cgroupsPath;
  });
  t.match(box.oci(["run", "-d", "-b", bundle, id]), { status: 0 });
  return { id, path };
}

t.test("update: a burst of 0 is none, by option and as JSON", options, async (t) => {
  const box = openOciBox(t);
  const { id, path } = running(t, box, (config) => (config.linux.resources = { cpu: { period: 100_000, quota: 50_000 } }));
  const cpu = placeOf("cpu");
  const file = `${cpu?.mountPoint}${path}/${cpu?.version === "v1" ? "cpu.cfs_burst_us" : "cpu.max.burst"}`;
  if (!existsSync(file)) {
    t.comment("this kernel saves no CPU time up");
    return;
  }
  const updated = (args: readonly string[], input = "") => {
    t.match(box.oci(["update", ...args, id], { input }), { status: 0, stderr: "" });
    return readFileSync(file, "utf8").trim();
  };
  t.equal(updated(["--cpu-burst", "20000"]), "20000");
  t.equal(updated(["--pids-limit", "50"]), "20000", "what is not named stays");
  t.equal(updated(["--cpu-burst", "0"]), "0");
  t.equal(updated(["--cpu-burst", "20000"]), "20000");
  t.equal(updated(["-r", "-"], JSON.stringify({ cpu: { burst: 0 } })), "0");
});

t.test(
  "cpusets of v1 that are there and empty are filled from above",
  { ...options, skip: options.skip || !hasLegacyCpuset },
  async (t) => {
    const box = openOciBox(t);
    const group = `${placeOf("cpuset")?.mountPoint}/tsns-test-cpuset-${process.pid}`;
    t.teardown(() => {
      for (const { mountPoint } of hierarchies) {
        const directory = `${mountPoint}/tsns-test-cpuset-${process.pid}`;
        for (const one of [`${directory}/pod`, directory]) if (existsSync(one)) rmdirSync(one);
      }
    });
    mkdirSync(`${group}/pod`, { recursive: true });
    t.equal(readFileSync(`${group}/pod/cpuset.cpus`, "utf8").trim(), "");
    const { id } = running(t, box, (config) => (config.linux.cgroupsPath = `/tsns-test-cpuset-${process.pid}/pod/box`));
    for (const name of ["cpus", "mems"])
      for (const directory of [group, `${group}/pod`, `${group}/pod/box`])
        t.not(readFileSync(`${directory}/cpuset.${name}`, "utf8").trim(), "", `${directory} ${name}`);
    t.equal(box.oci(["delete", "--force", id]).status, 0);
  },
);

t.test("Allowed Device list: letters that nobody knows allow nothing", options, async (t) => {
  const box = openOciBox(t);
  const rules = (access: string, allow: boolean) => (config: Document) => {
    config.linux.resources = { devices: [{ allow: false }, { allow, type: "c", major: 1, minor: 11, access }] };
  };
  const ran = box.oci(["run", "-b", box.bundle("true", rules("rwa", false)), `letters-${process.pid}`]);
  t.match(ran, { status: 0, stderr: /devices\[1\]\.access: "rwa" is not made of r, w and m alone: all access is denied/ });
  const allowed = box.oci(["run", "-b", box.bundle("true", rules("ra", true)), `letters-${process.pid}`]);
  t.match(allowed, { status: 0, stderr: /"ra" is not made of r, w and m alone: r is allowed/ });
  const none = box.oci(["run", "-b", box.bundle("true", rules("a", true)), `letters-${process.pid}`]);
  t.match(none, { status: 1, stderr: /devices\[1\]\.access: "a" is not made of r, w and m/ }, "no letter is not all of them");
});

t.test("a deadline and single processors: it is said that both at once is not possible", options, async (t) => {
  const box = openOciBox(t);
  const bundle = box.bundle("true", (config) => {
    config.linux.resources = { cpu: { cpus: "0" } };
    config.process.scheduler = { policy: "SCHED_DEADLINE", runtime: 42_000, deadline: 1_000_000, period: 1_000_000 };
  });
  const { status, stderr } = box.oci(["run", "-b", bundle, `deadline-${process.pid}`]);
  if (status === 0) return t.comment("there is one processor");
  t.match(stderr, /^tsns: unable to start container process: scheduler .*process scheduler can't be used together with AllowedCPUs.*\n$/);
});
