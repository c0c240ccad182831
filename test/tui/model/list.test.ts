import t from "tap";
import {
  choosePlace,
  emptyList,
  type ListState,
  passesFilter,
  placeOf,
  restoreList,
  saveList,
  settleList,
  sortRows,
  updateListByKey,
} from "../../../tui/model/list.ts";

const keys = ["a", "b", "c", "d", "e"];
const press = (list: ListState, ...names: string[]): ListState =>
  names.reduce(
    (state, name) => updateListByKey(state, { name, text: name.length === 1 ? name : "" }, keys, 3, ["name", "size"]) ?? state,
    list,
  );

t.test("a row stays chosen while others come and go", async (t) => {
  const list = choosePlace(emptyList("name"), keys, 2, 3);
  t.equal(list.chosen, "c");
  t.equal(placeOf(list, ["x", "c", "y"]), 1);
  t.equal(settleList(list, ["a", "b", "d"], 3).chosen, "d", "the one that took its place");
  t.equal(settleList(list, ["a"], 3).chosen, "a");
  t.equal(settleList(list, [], 3).chosen, undefined);
  t.equal(placeOf(list, []), -1);
});

t.test("keys", async (t) => {
  t.equal(press(emptyList("name"), "down", "j", "up").chosen, "b");
  t.equal(press(emptyList("name"), "end").top, 2);
  t.same([...press(emptyList("name"), "space", "space").marked], ["a", "b"]);
  t.same([...press(emptyList("name"), "*").marked], keys);
  t.equal(press(emptyList("name"), "/", "q", "u", "backspace", "enter").filter, "q");
  t.equal(press(emptyList("name"), "/", "q", "escape").filter, "");
  t.same(press(emptyList("name"), ">", "I").sorted, { column: "size", descending: true });
  t.equal(updateListByKey(emptyList("name"), { name: "s", text: "s" }, keys, 3, ["name"]), undefined);
});

t.test("passesFilter, sortRows", async (t) => {
  t.ok(passesFilter("WEB !db", "web server"));
  t.notOk(passesFilter("web !server", "web server"));
  const rows = [
    { name: "b", size: 1 },
    { name: "a", size: 1 },
    { name: "c", size: 2 },
  ];
  const sorted = sortRows(
    rows,
    ({ size }) => size,
    ({ name }) => name,
    true,
  );
  t.same(
    sorted.map(({ name }) => name),
    ["c", "a", "b"],
  );
});

t.test("what is kept comes back, garbage does not", async (t) => {
  const list = { ...emptyList("name"), filter: "x", sorted: { column: "size", descending: true } };
  t.same(restoreList(emptyList("name"), JSON.parse(JSON.stringify(saveList(list))), ["name", "size"]), list);
  for (const kept of [undefined, null, 3, { sorted: { column: "gone" } }, { filter: 3 }]) {
    t.same(restoreList(emptyList("name"), kept, ["name", "size"]), emptyList("name"));
  }
});
