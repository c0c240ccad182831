// Run last, by `npm test`: after all tests the host is what it was before them.
import { readFileSync } from "node:fs";
import t from "tap";
import { differencesThatStay } from "../entry/snapshot.mjs";

const path = process.env.TSNS_HOST_BEFORE;

t.test("links, routes, rules, mounts, cgroups and processes are what they were before", async (t) => {
  if (path === undefined) throw new Error("no snapshot to compare with: this file is run by npm test");
  t.same(await differencesThatStay(JSON.parse(readFileSync(path, "utf8")), 60_000), []);
});
