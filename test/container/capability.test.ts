// How --cap-add, --cap-drop and --privileged combine, against docker's rules.
import t from "tap";
import {
  type CapabilityRequest,
  capabilityMask,
  capabilityNames,
  chooseCapabilities,
  defaultCapabilities,
  parseCapability,
} from "../../src/container/capability.ts";

const everything = capabilityMask(capabilityNames);
const none: CapabilityRequest = { add: [], drop: [], privileged: false };

t.test("names", async (t) => {
  for (const text of ["net_admin", "NET_ADMIN", "CAP_NET_ADMIN", "cap_net_admin"]) t.equal(parseCapability(text), "NET_ADMIN");
  t.equal(parseCapability("all"), "ALL");
  for (const text of ["", "CAP_", "NET", "CAP_CAP_CHOWN"]) t.throws(() => parseCapability(text), { code: "unknown-capability" }, text);
});

t.test("numbers are those of capability.h", async (t) => {
  t.equal(capabilityNames.length, 41);
  for (const [name, bit] of [
    ["CHOWN", 0],
    ["NET_ADMIN", 12],
    ["SYS_ADMIN", 21],
    ["MKNOD", 27],
    ["SETFCAP", 31],
    ["CHECKPOINT_RESTORE", 40],
  ] as const)
    t.equal(capabilityMask([name]), 1n << BigInt(bit), name);
  t.equal(capabilityMask(defaultCapabilities), 0xa80425fbn, "docker's default set");
});

t.test("choice", async (t) => {
  const choose = (request: Partial<CapabilityRequest>, available = everything) => chooseCapabilities({ ...none, ...request }, available);
  const sorted = [...defaultCapabilities].sort();
  t.same([...choose({})].sort(), sorted);
  const add = (...names: string[]) => ({ add: names });
  const drop = (...names: string[]) => ({ drop: names });
  t.same([...choose(add("sys_admin"))].sort(), [...sorted, "SYS_ADMIN"].sort());
  t.same(
    [...choose(drop("CAP_MKNOD"))].sort(),
    sorted.filter((name) => name !== "MKNOD"),
  );
  t.same(choose(drop("ALL")), []);
  t.same(choose({ ...drop("ALL"), ...add("CHOWN", "KILL") }), ["CHOWN", "KILL"]);
  t.same(
    choose({ ...add("ALL"), ...drop("SYS_ADMIN") }),
    capabilityNames.filter((name) => name !== "SYS_ADMIN"),
  );
  t.same([...choose({ ...add("MKNOD"), ...drop("MKNOD") })].sort(), sorted, "what is added wins over what is dropped");
  t.throws(() => choose(drop("NOTHING")), { code: "unknown-capability" });
});

t.test("a host that lacks some", async (t) => {
  const available = everything & ~capabilityMask(["SYS_RESOURCE", "MKNOD"]);
  t.same(
    chooseCapabilities({ ...none, privileged: true }, available),
    capabilityNames.filter((name) => name !== "SYS_RESOURCE" && name !== "MKNOD"),
  );
  t.notOk(chooseCapabilities(none, available).includes("MKNOD"), "a default that is not there is left out");
  t.notOk(chooseCapabilities({ ...none, add: ["ALL"] }, available).includes("SYS_RESOURCE"));
  t.throws(() => chooseCapabilities({ ...none, add: ["SYS_RESOURCE"] }, available), {
    code: "capability-missing",
    message: /SYS_RESOURCE/,
  });
});
