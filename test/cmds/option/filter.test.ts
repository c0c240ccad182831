// The form of --filter, before anybody asks what a key means.
import t from "tap";
import { requireFilters } from "../../../cmds/option/filter.ts";

t.test("KEY=VALUE, and nothing", async (t) => {
  t.same(requireFilters("network ls", undefined), []);
  t.same(requireFilters("network ls", ["name=a", "", "label=x=y"]), ["name=a", "label=x=y"], "an empty one is none");
  t.throws(() => requireFilters("network ls", ["name=a", "b"]), {
    message: 'invalid argument "b" for "--filter" flag: bad format of filter (expected name=value)',
    exitCode: 125,
  });
});
