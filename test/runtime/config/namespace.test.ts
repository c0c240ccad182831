// config-linux.md of the runtime specification: Namespaces, User namespace mappings, Offset for Time Namespace, as far as the document tells.
import t from "tap";
import { configOf, wrongWith } from "../../fixture/oci-config.ts";

const read = (linux: object) => configOf({ linux }).linux;
const wrong = (linux: object) => wrongWith({ linux });
const maps = [{ containerID: 0, hostID: 1000, size: 32_000 }];
const both = { uidMappings: maps, gidMappings: maps };

t.test("Namespaces: every type, new or by path", async (t) => {
  const namespaces = ["pid", "network", "mount", "ipc", "uts", "cgroup", "time"].map((type) => ({ type }));
  t.same(read({ namespaces }).namespaces, namespaces);
  t.same(read({ namespaces: [{ type: "network", path: "/run/netns/a" }] }).namespaces, [{ type: "network", path: "/run/netns/a" }]);
  t.same(read({ namespaces: [{ type: "network", path: "" }] }).namespaces, [{ type: "network" }]);
  t.same(configOf().linux.namespaces, [], "a type that is not specified MUST be the runtime's");
});

t.test("Namespaces: type REQUIRED, path MUST be an absolute path", async (t) => {
  t.equal(wrong({ namespaces: [{}] }), "linux.namespaces[0].type: is missing");
  t.match(wrong({ namespaces: [{ type: "net" }] }), /^linux.namespaces\[0\].type: "net" is none of cgroup, ipc/);
  t.equal(wrong({ namespaces: [{ type: "ipc", path: "run/a" }] }), 'linux.namespaces[0].path: "run/a" is not an absolute path');
});

t.test("Namespaces: duplicated types MUST be an error", async (t) => {
  t.equal(
    wrong({ namespaces: [{ type: "pid" }, { type: "ipc" }, { type: "pid", path: "/a" }] }),
    "linux.namespaces[2]: pid is there twice",
  );
});

t.test("User namespace mappings: need a user namespace, and a new one needs them", async (t) => {
  t.same(read({ namespaces: [{ type: "user" }], ...both }).uidMappings, maps);
  t.match(wrong(both), /^linux.uidMappings: needs a user namespace.*; linux.gidMappings: needs a user namespace/);
  t.match(wrong({ namespaces: [{ type: "user" }] }), /^linux.uidMappings: is missing.*; linux.gidMappings: is missing/);
  t.match(wrong({ namespaces: [{ type: "user" }], uidMappings: maps }), /^linux.gidMappings: is missing/);
  t.equal(wrong({ namespaces: [{ type: "user", path: "/proc/1/ns/user" }] }), "", "a joined one has its own");
});

t.test("User namespace mappings: containerID, hostID, size REQUIRED, 32 bits", async (t) => {
  const one = (mapping: object) => wrong({ namespaces: [{ type: "user" }], uidMappings: [mapping], gidMappings: maps });
  t.equal(
    one({}),
    "linux.uidMappings[0].containerID: is missing; linux.uidMappings[0].hostID: is missing; linux.uidMappings[0].size: is missing; linux.uidMappings: is missing, and the new user namespace needs it",
  );
  t.match(one({ containerID: 0, hostID: 0, size: 0 }), /size: 0 is not from 1/);
  t.match(one({ containerID: -1, hostID: 0, size: 1 }), /containerID: -1 is not from 0/);
  t.match(one({ containerID: 0, hostID: 2 ** 32, size: 1 }), /hostID: 4294967296 is not from 0/);
  t.match(one({ containerID: 0, hostID: 2 ** 32 - 2, size: 2 }), /goes beyond the last id/);
  const many = Array.from({ length: 341 }, (_, at) => ({ containerID: at, hostID: at, size: 1 }));
  t.match(wrong({ namespaces: [{ type: "user" }], uidMappings: many, gidMappings: maps }), /341 mappings, the kernel takes 340/);
});

t.test("Offset for Time Namespace", async (t) => {
  const namespaces = [{ type: "time" }];
  const timeOffsets = { monotonic: { secs: 172_800, nanosecs: 5 }, boottime: { secs: -7 } };
  t.same(read({ namespaces, timeOffsets }).timeOffsets, { monotonic: { secs: 172_800, nanosecs: 5 }, boottime: { secs: -7, nanosecs: 0 } });
  t.match(wrong({ timeOffsets }), /^linux.timeOffsets: needs a time namespace/);
  t.match(wrong({ namespaces, timeOffsets: { realtime: { secs: 1 } } }), /timeOffsets\["realtime"\]: is no clock of a time namespace/);
  t.match(wrong({ namespaces, timeOffsets: { boottime: { secs: "1" } } }), /secs: is not a whole number/);
  t.match(wrong({ namespaces, timeOffsets: { boottime: { nanosecs: 1e9 } } }), /nanosecs: 1000000000 is not from 0 to 999999999/);
});
