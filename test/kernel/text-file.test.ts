// Files that need not be there: which failures are no text, which are thrown.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import { readTextIfThere, tryReadText } from "../../src/kernel/text-file.ts";

t.test("a missing file has no text, other failures are thrown unless they are named", async (t) => {
  const directory = mkdtempSync(`${tmpdir()}/tsns-text-`);
  t.teardown(() => rmSync(directory, { recursive: true }));
  writeFileSync(`${directory}/a`, "é\n");
  t.equal(readTextIfThere(`${directory}/a`), "é\n");
  t.equal(readTextIfThere(`${directory}/none`), undefined);
  t.throws(() => readTextIfThere(`${directory}/a/below`), { code: "ENOTDIR" });
  t.throws(() => readTextIfThere(directory), { code: "EISDIR" });
  t.equal(readTextIfThere(`${directory}/a/below`, "ENOENT", "ENOTDIR"), undefined);
  t.throws(() => readTextIfThere(`${directory}/none`, "ENOTDIR"), { code: "ENOENT" }, "the list stands for all of them");
  t.equal(tryReadText(directory), undefined);
  t.equal(tryReadText(`${directory}/a`), "é\n");
});
