// The journal: one list of undo steps for an owner, replaced as a whole.
import t from "tap";
import type { Step } from "../../src/plan/step.ts";
import { deleteJournal, listJournalOwners, readJournal, writeJournal } from "../../src/store/journal.ts";
import { openTestStore } from "../fixture/store.ts";

const undo: Step[] = [
  { kind: "cgroup.remove", path: "/cg" },
  { kind: "rule.apply", transaction: { family: "ipv4", changes: [{ change: "chain.remove", table: "nat", chain: "C" }] } },
];

t.test("written, read, replaced, deleted", async (t) => {
  const store = openTestStore(t);
  t.equal(readJournal(store, "a"), undefined);
  writeJournal(store, "a", undo);
  writeJournal(store, "network:x", []);
  t.same(readJournal(store, "a"), undo);
  t.same(readJournal(store, "network:x"), [], "an empty one is still one");
  writeJournal(store, "a", undo.slice(1));
  t.same(readJournal(store, "a"), undo.slice(1));
  t.same(listJournalOwners(store).sort(), ["a", "network:x"]);
  deleteJournal(store, "a");
  deleteJournal(store, "a");
  t.same(listJournalOwners(store), ["network:x"]);
});

t.test("a transaction that fails leaves no entry", async (t) => {
  const store = openTestStore(t);
  t.throws(
    () =>
      store.transaction(() => {
        writeJournal(store, "a", undo);
        throw new Error("meanwhile");
      }),
    { message: "meanwhile" },
  );
  t.equal(readJournal(store, "a"), undefined);
});
