// Volume rows and who uses a volume.
import t from "tap";
import { deleteContainer, insertContainer } from "../../src/store/container-record.ts";
import { deleteVolume, getVolume, insertVolume, listVolumeRecords, listVolumeUsers, usersOfVolume } from "../../src/store/volume-record.ts";
import { makeRecord, makeSpec, testId } from "../fixture/request.ts";
import { openTestStore } from "../fixture/store.ts";

const record = { name: "data", createdMs: 5, driver: "local", labels: { a: "b" }, options: {} };

t.test("rows", async (t) => {
  const store = openTestStore(t);
  t.ok(insertVolume(store, record));
  t.notOk(insertVolume(store, { ...record, driver: "far" }), "one of that name is there");
  t.same(getVolume(store, "data"), record);
  t.ok(insertVolume(store, { ...record, name: "Another" }));
  t.same(
    listVolumeRecords(store).map(({ name }) => name),
    ["Another", "data"],
  );
  t.ok(deleteVolume(store, "data"));
  t.notOk(deleteVolume(store, "data"));
  t.equal(getVolume(store, "data"), undefined);
});

t.test("users", async (t) => {
  const store = openTestStore(t);
  const mount = (name: string, target: string) => ({ type: "volume", name, anonymous: false, target, readOnly: false }) as const;
  const bind = { type: "bind", source: "data", target: "/b", readOnly: false, propagation: "rprivate" } as const;
  insertContainer(store, makeRecord({ name: "one", spec: makeSpec({ mounts: [mount("data", "/x"), mount("data", "/y"), bind] }) }));
  const id = testId.replace(/^0/, "f");
  insertContainer(store, makeRecord({ id, name: "two", spec: makeSpec({ mounts: [mount("data%", "/x")] }) }));
  t.same(usersOfVolume(store, "data"), [{ id: testId, name: "one", volume: "data" }]);
  t.same(usersOfVolume(store, "dat"), []);
  t.equal(listVolumeUsers(store).length, 2);
  deleteContainer(store, testId);
  t.same(usersOfVolume(store, "data"), []);
});
