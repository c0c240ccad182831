import t from "tap";
import { emptyContainerList } from "../../../../tui/view/container/list.ts";
import { containerRows } from "../../../../tui/view/container/row.ts";
import { fleet, idOf, makeMember } from "../../../fixture/fleet.ts";
import { makeBoard } from "../../../fixture/usage.ts";

const fed = { containers: { containers: fleet }, usage: makeBoard({ [idOf("db")]: { cpuPercent: 3 } }) };

t.test("rows are made anew only when they may be others", async (t) => {
  const first = containerRows(emptyContainerList, { fed });
  const moved = { ...emptyContainerList, chosen: idOf("db"), top: 2, marked: new Set([idOf("db")]), isFiltering: true };
  t.equal(containerRows(moved, { fed: { ...fed, usage: makeBoard({}) } }), first, "not for samples, nor for the cursor");
  const byCpu = { ...emptyContainerList, sorted: { column: "cpu", descending: true } };
  const sorted = containerRows(byCpu, { fed });
  t.not(sorted, first);
  t.not(containerRows(byCpu, { fed: { ...fed, usage: makeBoard({}) } }), sorted, "samples are their order");
});

t.test("counts", async (t) => {
  const rows = containerRows({ ...emptyContainerList, filter: "!cache", hidesStopped: true }, { fed });
  t.match(rows, { total: 4, passed: 3, hidden: 1, liveIds: [idOf("web"), idOf("db")] });
});

t.test("an empty label is a group of its own, those without it come last", async (t) => {
  const labelled = (name: string, labels: Readonly<Record<string, string>>) => makeMember(name, { spec: { labels } });
  const containers = [labelled("a", {}), labelled("b", { zone: "" }), labelled("c", { zone: "x" })];
  for (const descending of [false, true]) {
    const list = { ...emptyContainerList, grouping: "label", label: "zone", sorted: { column: "name", descending } } as const;
    const titles = containerRows(list, { fed: { containers: { containers } } }).rows.flatMap(({ title }) => title ?? []);
    t.same(titles, descending ? ["zone is empty", "x", "without zone"] : ["x", "zone is empty", "without zone"]);
  }
});
