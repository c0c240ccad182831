import t from "tap";
import { groupOperations } from "../../../src/runtime/plan/plan.ts";

t.test("how a first process gets into its groups", async (t) => {
  t.same(groupOperations({ joins: ["/c/memory/a/tasks"] }), [["cgroup-join", "/c/memory/a/tasks"]]);
  t.same(groupOperations({ joins: [], into: "/c/a" }), [["cgroup-fd", "/c/a"]]);
  t.same(groupOperations({ joins: [], into: "/c/a", moves: true }), [["cgroup-join", "/c/a/cgroup.procs"]]);
  const devices = { directory: "/c/a", programHex: "00" };
  t.same(groupOperations({ joins: [], into: "/c/a", devices })[0], ["cgroup-devices", "/c/a", "00"]);
});
