import { mkdirSync } from "node:fs";
import t from "tap";
import { forsakenRoots } from "./leftover.mjs";

t.test("data roots whose test is no more, and nothing else", async (t) => {
  const directory = t.testdir();
  const names = [
    "tsns-test-70-abcDEF",
    "tsns-test-71-ghiJKL",
    "tsns-test-72",
    "tsns-test-0-abcdef",
    "tsns-test-image-0",
    "other-70-abcdef",
  ];
  for (const name of names) mkdirSync(`${directory}/${name}`);
  t.same(
    forsakenRoots(directory, (pid) => pid === 71),
    [`${directory}/tsns-test-70-abcDEF`],
  );
});
