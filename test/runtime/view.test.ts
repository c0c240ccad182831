import t from "tap";
import { encodeView, renderView, viewOf } from "../../src/runtime/view.ts";

const hooks = { prestart: [], createRuntime: [], createContainer: [], startContainer: [], poststart: [], poststop: [] };
// What a caller may write into a configuration does not look like what is put in later.
const annotations = { 'a"b': '0,\n  "status": "stopped"' };
const state = { ociVersion: "1.2.0", id: "box", status: "running", pid: 12, bundle: "/b\n", annotations } as const;
const record = { id: "box", bundle: "/b\n", rootfs: "/b/r", createdMs: 0, owner: "root", groups: {}, annotations, hooks };

t.test("what the native runtime prints is what `state` prints", async (t) => {
  const view = viewOf(state, record);
  const [head, tail, file, ...more] = encodeView(view, {}).split("\0");
  t.equal(`${head}12,\n  "status": "running"${tail}`, renderView(view));
  t.same([file, more], ["", [""]]);
  t.match(JSON.parse(renderView(view)), { ...state, rootfs: "/b/r", created: "1970-01-01T00:00:00.000Z", owner: "root" });
});

t.test("what is read to see whether it is paused", async (t) => {
  const fileOf = (groups: Readonly<Record<string, string>>) => encodeView(viewOf(state, record), groups).split("\0")[2];
  t.equal(fileOf({ memory: "/m", freezer: "/f" }), "/f/freezer.state");
  t.equal(fileOf({ unified: "/u" }), "/u/cgroup.events");
  t.equal(fileOf({ memory: "/m" }), "");
});
