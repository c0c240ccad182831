// The row that says which process is at work on an object.
import t from "tap";
import { lockedError, readHolder, releaseHolder, writeHolder } from "../../src/store/operation-lock.ts";
import { openTestStore } from "../fixture/store.ts";

const holder = { name: "start", pid: 7, startTime: 8 };

t.test("taken, given back by its holder only", async (t) => {
  const store = openTestStore(t);
  t.equal(readHolder(store, "a"), undefined);
  writeHolder(store, "a", holder);
  t.same(readHolder(store, "a"), holder);
  releaseHolder(store, "a", 9);
  t.same(readHolder(store, "a"), holder, "another process gives nothing back");
  writeHolder(store, "a", { ...holder, pid: 9 });
  t.equal(readHolder(store, "a")?.pid, 9);
  releaseHolder(store, "a", 9);
  t.equal(readHolder(store, "a"), undefined);
});

t.test("the error names object, command and process", async (t) => {
  t.match(lockedError("container x", holder), {
    kind: "conflict",
    code: "operation-in-progress",
    message: /^container x: .*pid 7.*"start"/,
  });
});
