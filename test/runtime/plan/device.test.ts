// config-linux.md of the runtime specification: Devices, Default Devices, as operations.
import t from "tap";
import { devicesIn } from "../../../src/runtime/plan/device.ts";
import { configOf } from "../../fixture/oci-config.ts";

const defaults = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"];
const pathsOf = (devices: readonly object[]) => devicesIn(configOf({ linux: { devices } })).map(({ path }) => path);

t.test("Default Devices: those that are not named, beside those that are", async (t) => {
  t.same(pathsOf([]).toSorted(), defaults.toSorted());
  const own = [
    { path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 0o600 },
    { path: "/dev/fuse", type: "c", major: 10, minor: 229 },
  ];
  t.same(pathsOf(own).toSorted(), [...defaults, "/dev/fuse"].toSorted());
  t.equal(devicesIn(configOf({ linux: { devices: own } })).find(({ path }) => path === "/dev/null")?.fileMode, 0o600);
});

t.test("Default Devices: /dev/ptmx is a link, even if an engine names the host's node", async (t) => {
  t.notOk(pathsOf([{ path: "/dev/ptmx", type: "c", major: 5, minor: 2 }]).includes("/dev/ptmx"));
});
