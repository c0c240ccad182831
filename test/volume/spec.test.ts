// Names, options and conflicts of volumes; what a device's words mean for mount(2).
import t from "tap";
import { deviceOf, hostOfDevice, parseDeviceMount, withAddress } from "../../src/volume/device.ts";
import { conflictOf, isAnonymous, keepsLabels, localOptionFaults, nameFault, validateVolume } from "../../src/volume/spec.ts";
import { volumeView } from "../../src/volume/view.ts";

t.test("names", async (t) => {
  for (const name of ["ab", "a.b_c-d", "0x", "n".repeat(255)]) t.equal(nameFault(name), undefined, name);
  for (const name of ["", "a", "-a", ".a", "a b", "a/b", "a\n", "aé", "n".repeat(256)])
    t.type(nameFault(name), "string", JSON.stringify(name));
});

t.test("options of the driver local", async (t) => {
  const cases: [Record<string, string>, string[]][] = [
    [{}, []],
    [{ type: "tmpfs", device: "tmpfs" }, []],
    [{ type: "none", device: "/x", o: "bind" }, []],
    [{ foo: "1", bar: "2" }, ['invalid option: "foo"', 'invalid option: "bar"']],
    [{ constructor: "1" }, ['invalid option: "constructor"']],
    [{ type: "tmpfs" }, ['missing required option: "device"']],
    [{ o: "x" }, ['missing required option: "device"', 'missing required option: "type"']],
    [{ type: "tmpfs", device: "" }, ['missing required option: "device"']],
    [{ size: "1m" }, ["quota size requested but no quota support"]],
  ];
  for (const [options, faults] of cases) t.same(localOptionFaults(options), faults, JSON.stringify(options));
  t.throws(() => validateVolume({ name: "a", driver: "local", labels: {}, options: { foo: "" } }), {
    code: "bad-volume",
    problems: [/^create a: volume name is too short/, 'create a: invalid option: "foo"'],
  });
  t.doesNotThrow(() => validateVolume({ name: "ab", driver: "other", labels: {}, options: { foo: "" } }), "a plug-in's are its own");
});

t.test("one that is there already", async (t) => {
  const record = { name: "ab", createdMs: 0, driver: "local", labels: { a: "1", b: "2" }, options: {} };
  const request = { name: "ab", driver: "local", labels: {}, options: {} };
  t.equal(conflictOf(record, request), undefined);
  t.equal(conflictOf(record, { ...request, labels: { b: "2", a: "1" } }), undefined);
  const otherLabels = { ...request, labels: { a: "1" } };
  t.equal(conflictOf(record, otherLabels), undefined);
  t.ok(keepsLabels(record, otherLabels));
  t.notOk(keepsLabels(record, { ...request, labels: { b: "2", a: "1" } }));
  t.notOk(keepsLabels(record, request));
  t.equal(conflictOf(record, { ...request, options: { type: "x", device: "y" } }), "it has other options");
  t.equal(conflictOf(record, { ...request, driver: "far" }), "it has the driver local");
  t.notOk(isAnonymous(record));
  t.match(volumeView(record, "/m"), { Labels: { a: "1" }, Options: null, Mountpoint: "/m", CreatedAt: "0001-01-01T00:00:00Z" });
});

t.test("devices", async (t) => {
  const local = (options: Record<string, string>) => deviceOf({ driver: "local", options });
  t.equal(local({}), undefined);
  t.equal(deviceOf({ driver: "far", options: { type: "a", device: "b" } }), undefined);
  t.same(local({ type: "tmpfs", device: "tmpfs", o: "size=1m" }), { type: "tmpfs", device: "tmpfs", options: "size=1m" });
  const cases: [string, object][] = [
    ["", { flags: 0, data: "", remountFlags: 0, propagation: 0 }],
    ["defaults,async", { flags: 0, data: "" }],
    ["ro,nosuid,sync,size=1m,mode=700", { flags: 1 | 2 | 16, data: "size=1m,mode=700", remountFlags: 0 }],
    ["bind", { flags: 4096, remountFlags: 0 }],
    ["rbind,ro,rslave", { flags: 4096 | 16_384, remountFlags: 1 | 32 | 4096, propagation: (1 << 19) | 16_384 }],
    ["addr=1.2.3.4,rw,nolock", { flags: 0, data: "addr=1.2.3.4,nolock" }],
  ];
  for (const [options, expected] of cases) t.match(parseDeviceMount({ options }), expected, options);
  const nfs = (options: string) => hostOfDevice({ type: "nfs", device: ":/x", options });
  t.equal(nfs("rw,addr=server,x"), "server");
  for (const options of ["rw", "addr=10.0.0.1", "addr=fe80::1", "addr="]) t.equal(nfs(options), undefined, options);
  t.equal(hostOfDevice({ type: "tmpfs", device: "x", options: "addr=server" }), undefined);
  t.equal(withAddress("rw,addr=server,x", "server", "10.0.0.1"), "rw,addr=10.0.0.1,x");
});
