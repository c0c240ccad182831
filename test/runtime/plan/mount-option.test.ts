import t from "tap";
import { MOUNT_ATTR, MS } from "../../../src/plan/operation.ts";
import { knownMountOptions, parseRuntimeMountOptions } from "../../../src/runtime/plan/mount-option.ts";

t.test("words become flags for a new mount and attributes for a bind", async (t) => {
  const { flags, attributes, data } = parseRuntimeMountOptions(["nosuid", "ro", "size=64k", "mode=755"]);
  t.equal(flags, MS.NOSUID | MS.RDONLY);
  t.same(attributes, { set: MOUNT_ATTR.NOSUID | MOUNT_ATTR.RDONLY, clear: 0 });
  t.equal(data, "size=64k,mode=755");
});

t.test("the later word holds", async (t) => {
  t.same(parseRuntimeMountOptions(["ro", "rw"]).attributes, { set: 0, clear: MOUNT_ATTR.RDONLY });
  t.same(parseRuntimeMountOptions(["rw", "ro"]).attributes, { set: MOUNT_ATTR.RDONLY, clear: 0 });
  t.equal(parseRuntimeMountOptions(["noexec", "exec"]).flags, 0);
});

t.test("an r in front is for all mounts below, except in words that begin with one", async (t) => {
  const rro = parseRuntimeMountOptions(["rbind", "rro"]);
  t.same(rro.attributesBelow, { set: MOUNT_ATTR.RDONLY, clear: 0 });
  t.same(rro.attributes, { set: 0, clear: 0 });
  t.match(rro, { bind: true, recursive: true });
  t.same(parseRuntimeMountOptions(["rsuid"]).attributesBelow, { set: 0, clear: MOUNT_ATTR.NOSUID });
  t.equal(parseRuntimeMountOptions(["relatime"]).flags, MS.RELATIME);
  t.same(parseRuntimeMountOptions(["relatime"]).attributesBelow, { set: 0, clear: 0 });
  t.same(parseRuntimeMountOptions(["rrelatime"]).attributesBelow, { set: 0, clear: MOUNT_ATTR.ATIME });
});

t.test("access times are one value: a change takes all of its bits away", async (t) => {
  t.same(parseRuntimeMountOptions(["noatime"]).attributes, { set: MOUNT_ATTR.NOATIME, clear: MOUNT_ATTR.ATIME });
  t.same(parseRuntimeMountOptions(["noatime", "strictatime"]).attributes, { set: MOUNT_ATTR.STRICTATIME, clear: MOUNT_ATTR.ATIME });
  t.same(parseRuntimeMountOptions(["noatime", "ro"]).attributes, { set: MOUNT_ATTR.NOATIME | MOUNT_ATTR.RDONLY, clear: MOUNT_ATTR.ATIME });
});

t.test("propagation, copies of what is below, maps of ids", async (t) => {
  t.equal(parseRuntimeMountOptions(["rshared"]).propagation, MS.SHARED | MS.REC);
  t.equal(parseRuntimeMountOptions(["rshared", "private"]).propagation, MS.PRIVATE);
  t.equal(parseRuntimeMountOptions(["tmpcopyup"]).copiesUp, true);
  t.equal(parseRuntimeMountOptions(["idmap"]).idMap, "one");
  t.equal(parseRuntimeMountOptions(["ridmap"]).idMap, "all");
});

t.test("no known word reaches the file system", async (t) => {
  for (const word of knownMountOptions) t.equal(parseRuntimeMountOptions([word]).data, "", word);
  t.equal(parseRuntimeMountOptions(["toString"]).data, "toString");
});
