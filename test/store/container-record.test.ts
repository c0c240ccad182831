// Container rows: kept whole, found as docker finds them.
import t from "tap";
import {
  deleteContainer,
  findContainer,
  getContainer,
  insertContainer,
  listContainerRecords,
  updateContainerState,
} from "../../src/store/container-record.ts";
import { makeRecord, makeSpec } from "../fixture/request.ts";
import { openTestStore } from "../fixture/store.ts";

const id = (start: string) => start.padEnd(64, "0");

t.test("what goes in comes out", async (t) => {
  const store = openTestStore(t);
  const spec = makeSpec({
    labels: { __proto__x: "1", ü: "\n" },
    env: ["A=b c", "B="],
    mounts: [{ type: "bind", source: "/a", target: "/b", readOnly: true, propagation: "rslave" }],
    userNamespace: { uid: 1, gid: 2, size: 3 },
  });
  const record = makeRecord({ spec });
  insertContainer(store, record);
  t.same(getContainer(store, record.id), record);
  const run = { startedMs: 5, cgroups: { memory: "/cg" }, endpoints: [] };
  const exit = { exitCode: 1, signal: 0, finishedMs: 6, oomKilled: false, error: "" };
  updateContainerState(store, record.id, { run });
  t.same(getContainer(store, record.id), { ...record, run });
  updateContainerState(store, record.id, { run, exit });
  t.same(getContainer(store, record.id), { ...record, run, exit });
  t.equal(deleteContainer(store, record.id), true);
  t.equal(deleteContainer(store, record.id), false);
  t.equal(getContainer(store, record.id), undefined);
});

t.test("a name has one holder", async (t) => {
  const store = openTestStore(t);
  insertContainer(store, makeRecord({ id: id("a"), name: "twice" }));
  t.throws(() => insertContainer(store, makeRecord({ id: id("b"), name: "twice" })), {
    kind: "conflict",
    code: "name-taken",
    message: new RegExp(`"/twice".*"${id("a")}"`),
  });
});

t.test("newest first", async (t) => {
  const store = openTestStore(t);
  for (const [start, createdMs] of [
    ["a", 2],
    ["b", 3],
    ["c", 1],
    ["d", 3],
  ] as const)
    insertContainer(store, makeRecord({ id: id(start), name: start + start, createdMs }));
  t.equal(
    listContainerRecords(store)
      .map((record) => record.id[0])
      .join(""),
    "bdac",
  );
});

t.test("references", async (t) => {
  const store = openTestStore(t);
  insertContainer(store, makeRecord({ id: id("abc1"), name: "first" }));
  insertContainer(store, makeRecord({ id: id("abc2"), name: "second" }));
  insertContainer(store, makeRecord({ id: id("def"), name: "abc1" }));
  const found = (reference: string) => findContainer(store, reference).name;
  t.equal(found("first"), "first");
  t.equal(found("/first"), "first");
  t.equal(found(id("abc2")), "second");
  t.equal(found("abc2"), "second");
  t.equal(found("abc1"), "abc1", "a name wins over the start of an id");
  t.equal(found("d"), "abc1");
  t.throws(() => found("abc"), { kind: "conflict", code: "ambiguous-id", message: /abc100000000, abc200000000/ });
  for (const nothing of ["", "/", "abc3", "fir", "ABC1", "a%", "x'--", `${id("abc1")}0`])
    t.throws(() => found(nothing), { kind: "not-found", code: "no-such-container" }, nothing);
});
