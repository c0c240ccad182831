// Mount options split into flags, propagation and data; the later one wins.
import t from "tap";
import { parseMountOptions } from "../../src/container/mount-option.ts";
import { MS } from "../../src/plan/operation.ts";

t.test("flags, propagation, data", async (t) => {
  const plain = { flags: 0, bind: false, recursive: false, readOnlyBelow: false, propagation: 0, data: "" };
  const cases: [string[], Partial<typeof plain>][] = [
    [[], {}],
    [["nosuid", "noexec", "nodev", "ro"], { flags: MS.NOSUID | MS.NOEXEC | MS.NODEV | MS.RDONLY }],
    [["ro", "rw"], {}],
    [["rw", "ro"], { flags: MS.RDONLY }],
    [["noexec", "nosuid", "exec"], { flags: MS.NOSUID }],
    [["noatime", "atime", "strictatime"], { flags: MS.STRICTATIME }],
    [["rbind", "rro"], { bind: true, recursive: true, flags: MS.RDONLY, readOnlyBelow: true }],
    [["bind"], { bind: true }],
    [["rbind", "rprivate"], { bind: true, recursive: true, propagation: MS.PRIVATE | MS.REC }],
    [["rslave", "shared"], { propagation: MS.SHARED }],
    [["mode=755", "nosuid", "size=64k"], { flags: MS.NOSUID, data: "mode=755,size=64k" }],
    [["constructor"], { data: "constructor" }],
  ];
  for (const [options, expected] of cases) t.same(parseMountOptions(options), { ...plain, ...expected }, options.join(","));
});
