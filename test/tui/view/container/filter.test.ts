import t from "tap";
import { parseContainerFilter } from "../../../../tui/view/container/filter.ts";
import { fleet, idOf } from "../../../fixture/fleet.ts";

const names = (filter: string): string =>
  fleet
    .filter(parseContainerFilter(filter))
    .map(({ record }) => record.name)
    .join(" ");

t.test("words, all of which must be in what is shown", async (t) => {
  t.equal(names(""), "job web db cache");
  t.equal(names("  WE "), "web");
  t.equal(names("busybox !web"), "job db cache");
  t.equal(names("busybox web db"), "");
  t.equal(names("!"), "job web db cache", "not written to its end");
});

t.test("properties", async (t) => {
  const cases: readonly (readonly [string, string])[] = [
    ["state:running", "web db"],
    ["state:pau", "cache"],
    ["state:stopped", "job"],
    ["!state:exited", "web db cache"],
    ["status:exited", "job"],
    ["health:unhealthy", "db"],
    ["health:none", "job cache"],
    ["network:back", "web db"],
    ["network:front network:back", "web"],
    ["port:8080", "web"],
    ["port:80", "web"],
    ["port:8", ""],
    ["name:c", "cache"],
    ["image:BUSY", "job web db cache"],
    [`id:${idOf("db").slice(0, 8)}`, "db"],
    ["label:tier", "web"],
    ["label:com.docker", "web db"],
    ["label:com.docker.compose.project=SHO", "web db"],
    ["label:tier=back", ""],
    ["label:toString", ""],
    ["state:", "job web db cache"],
    ["constructor:x", ""],
  ];
  for (const [filter, found] of cases) t.equal(names(filter), found, filter);
});
