// Device programs of cgroup v2 through the native helper, on a group of this host's v2 hierarchy (v2 or hybrid).
import { randomBytes } from "node:crypto";
import t from "tap";
import { KernelError } from "../../src/base/error.ts";
import { defaultDevices } from "../../src/cgroup/device.ts";
import { compileDeviceFilter } from "../../src/cgroup/device-filter.ts";
import { replaceDeviceFilter } from "../../src/kernel/cgroup/device-filter.ts";
import { deleteGroup, makeGroup } from "../../src/kernel/cgroup/group.ts";
import { readHierarchies } from "../../src/kernel/cgroup/observe.ts";
import { countDeviceFilters } from "../fixture/device-filter.ts";
import { needRoot } from "../fixture/root.ts";

t.test("one program takes the place of another", needRoot, async (t) => {
  const unified = readHierarchies().find(({ version }) => version === "v2");
  if (!unified) return t.plan(0, "this host has no cgroup v2");
  const group = `${unified.mountPoint}/tsns-test-${randomBytes(5).toString("hex")}`;
  makeGroup(group);
  t.teardown(() => deleteGroup(group));
  t.equal(countDeviceFilters(group), 0);
  replaceDeviceFilter(group, compileDeviceFilter(defaultDevices));
  t.equal(countDeviceFilters(group), 1);
  replaceDeviceFilter(group, compileDeviceFilter([{ type: "c", major: 1, minor: 3, access: "rw" }]));
  t.equal(countDeviceFilters(group), 1, "not both");
  t.throws(() => replaceDeviceFilter(group, "00".repeat(8)), KernelError, "a program the verifier refuses");
  t.equal(countDeviceFilters(group), 1, "the old one stays");
  replaceDeviceFilter(group, "");
  t.equal(countDeviceFilters(group), 0);
  t.throws(() => countDeviceFilters("/tmp"), { code: "kernel-ebadf" });
  t.throws(() => makeGroup(group), { kind: "conflict", code: "kernel-eexist" });
});
