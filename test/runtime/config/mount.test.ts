// config.md of the runtime specification: Mounts, Linux mount options, POSIX-platform Mounts, as far as the document tells.
import t from "tap";
import { configOf, warningsOf, wrongWith } from "../../fixture/oci-config.ts";

const one = (mount: object) => configOf({ mounts: [mount] }).mounts[0];
const wrong = (mount: object, linux = {}) => wrongWith({ mounts: [mount], linux });
const maps = [{ containerID: 0, hostID: 1000, size: 10 }];

t.test("Mounts: in the listed order", async (t) => {
  const mounts = ["/b", "/a", "/b"].map((destination) => ({ destination, type: "tmpfs", source: "tmpfs" }));
  t.same(
    configOf({ mounts }).mounts.map(({ destination }) => destination),
    ["/b", "/a", "/b"],
  );
  t.same(configOf().mounts, []);
  t.equal(wrongWith({ mounts: {} }), "mounts: is not a list");
  t.equal(wrongWith({ mounts: [7] }), "mounts[0]: is not an object");
});

t.test("Mounts: destination REQUIRED; a relative one MUST be interpreted as relative to /", async (t) => {
  t.equal(wrong({ type: "tmpfs" }), "mounts[0].destination: is missing");
  t.equal(wrong({ type: "tmpfs", destination: "" }), "mounts[0].destination: is empty");
  t.equal(one({ type: "tmpfs", destination: "a/b" })?.destination, "/a/b");
  t.match(warningsOf({ mounts: [{ type: "tmpfs", destination: "a/b" }] }), [/^mounts\[0\].destination: .*deprecated/]);
});

t.test("Mounts: a destination is one path, however it is written", async (t) => {
  for (const destination of ["/dev", "/dev/", "/dev/.", "//dev", "/a/../dev", "/../dev", "dev/", "./dev"])
    t.equal(one({ type: "tmpfs", destination })?.destination, "/dev", destination);
  t.equal(one({ type: "tmpfs", destination: "/" })?.destination, "/");
  t.match(
    warningsOf({ mounts: [{ type: "tmpfs", destination: "./a/" }] }),
    [/"\.\/a\/" is relative.* taken as "\/a"$/],
    "told as it is written",
  );
  t.same(warningsOf({ mounts: [{ type: "tmpfs", destination: "/dev/" }] }), []);
});

t.test("Mounts: sources of bind mounts are absolute or relative to the bundle", async (t) => {
  for (const options of [["bind"], ["rbind", "ro"]]) {
    t.equal(one({ destination: "/a", source: "data/x", options })?.source, "/bundle/data/x");
    t.equal(one({ destination: "/a", source: "/data", options })?.source, "/data");
    t.equal(one({ destination: "/a", source: "../x", options })?.source, "/x");
    t.match(wrong({ destination: "/a", options }), /^mounts\[0\].source: is missing/);
  }
  t.equal(one({ destination: "/a", source: "x", type: "bind" })?.source, "/bundle/x", "as some engines write it");
  t.equal(one({ destination: "/a", source: "tmpfs", type: "tmpfs" })?.source, "tmpfs", "of others it is a name");
});

t.test("POSIX-platform Mounts: type OPTIONAL for what is no file system of its own", async (t) => {
  t.match(wrong({ destination: "/a" }), /^mounts\[0\].type: is missing/);
  for (const word of ["bind", "rbind", "remount", "rslave", "private"])
    t.equal(wrong({ destination: "/a", source: "/s", options: [word] }), "");
});

t.test("Linux mount options: any word, as it is written", async (t) => {
  const options = ["nosuid", "strictatime", "mode=755", "size=65536k", "of-the-file-system"];
  t.same(one({ destination: "/a", type: "tmpfs", source: "tmpfs", options })?.options, options);
  t.equal(wrong({ destination: "/a", type: "tmpfs", options: [1] }), "mounts[0].options[0]: is not a string");
});

t.test("Linux mount options: idmap without mappings and without a user namespace MUST be an error", async (t) => {
  for (const word of ["idmap", "ridmap"]) {
    const mount = { destination: "/a", source: "/s", options: ["bind", word] };
    t.match(wrong(mount), new RegExp(`^mounts\\[0\\].options: ${word} needs`));
    t.equal(wrong({ ...mount, uidMappings: maps, gidMappings: maps }), "");
    t.equal(wrong(mount, { namespaces: [{ type: "user" }], uidMappings: maps, gidMappings: maps }), "", "those of the namespace");
  }
});

t.test("POSIX-platform Mounts: uidMappings MUST be specified along with gidMappings", async (t) => {
  const mount = { destination: "/a", source: "/s", options: ["bind", "idmap"] };
  t.match(wrong({ ...mount, uidMappings: maps }), /needs uidMappings and gidMappings, or neither/);
  t.match(wrong({ ...mount, gidMappings: maps }), /needs uidMappings and gidMappings, or neither/);
  t.same(one({ ...mount, uidMappings: maps, gidMappings: maps })?.uidMappings, maps);
  t.match(
    wrong({ ...mount, uidMappings: [{ hostID: 0, size: 1 }], gidMappings: maps }),
    /mounts\[0\].uidMappings\[0\].containerID: is missing/,
  );
});

t.test("Mounts: uidMappings of what is no bind mount are refused, not ignored", async (t) => {
  const mapped = { uidMappings: maps, gidMappings: maps };
  const only = "mounts[0]: cannot have its IDs mapped: that is for bind mounts";
  t.equal(wrong({ destination: "/a", type: "tmpfs", source: "tmpfs", ...mapped }), only);
  t.equal(wrong({ destination: "/a", type: "tmpfs", source: "tmpfs", options: ["idmap"], ...mapped }), only);
  t.equal(wrong({ destination: "/a", source: "/s", options: ["bind"], ...mapped }), "");
});
