// Which mounts a container gets, and which of several on one path.
import t from "tap";
import { mergeMounts } from "../../src/container/mount-merge.ts";
import type { MountSpec } from "../../src/container/spec/storage.ts";

const bind = (target: string): MountSpec => ({
  type: "bind",
  source: "/host",
  target,
  readOnly: false,
  propagation: "rprivate",
  origin: "volume",
});
const volume = (target: string, name = ""): MountSpec => ({
  type: "volume",
  name,
  anonymous: name === "",
  target,
  readOnly: false,
  origin: "volume",
});
const none = { asked: [], inherited: [], declared: [] };

t.test("precedence", async (t) => {
  let count = 0;
  const merge = (given: Partial<Parameters<typeof mergeMounts>[0]>) => mergeMounts({ ...none, newName: () => `new${++count}`, ...given });
  const other = {
    mounts: [volume("/a", "first"), bind("/b"), { type: "tmpfs", target: "/c", options: [] } satisfies MountSpec],
    readOnly: false,
  };
  t.same(merge({}), []);
  t.match(merge({ declared: ["data/", "/", "/data"] }), [{ target: "/data", name: "new1", anonymous: true, origin: "image" }]);
  t.equal(merge({ declared: ["/x"], asked: [bind("/x")] }).length, 1, "an image's volume yields to what is asked for");
  t.match(merge({ declared: ["/a"], inherited: [other] }), [
    { target: "/a", name: "first", noCopy: true, origin: "volumes-from" },
    { target: "/b", type: "bind" },
  ]);
  t.match(merge({ asked: [volume("/a", "own")], inherited: [other] })[0], { name: "own", origin: "volume" });
  t.match(
    merge({ asked: [volume("/a")], inherited: [other] }).map(({ target }) => target),
    ["/a", "/b"],
    "so does one of -v",
  );
  const later = { mounts: [volume("/a", "second")], readOnly: true };
  t.match(merge({ inherited: [other, later] })[0], { name: "second", readOnly: true }, "the last container counts");
  t.match(merge({ inherited: [{ ...other, readOnly: true }] }), [{ readOnly: true }, { readOnly: true }]);
});
