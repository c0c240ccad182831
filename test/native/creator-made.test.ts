// What `create` writes down of a container, and what happens when it cannot.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { needRoot } from "../fixture/root.ts";
import { create, createPlan, gatePath, start } from "./creator.ts";
import { alive, gone, makeBox } from "./sandbox.ts";

t.test("process, pid file, lock", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const made = join(box.dir, "made");
  mkdirSync(made);
  writeFileSync(join(made, "lock.1"), "1 1\n");
  const long = join(box.dir, "p".repeat(200));
  const { code, report, pid } = create(t, box, createPlan(box, ["true"]), ["--made", made, "--pid-file", long]);
  t.equal(code, 0);
  t.equal(report, `created ${pid} ${alive(pid)}\n`);
  t.equal(readFileSync(join(made, "process"), "utf8"), `${pid} ${alive(pid)}\n`);
  t.equal(readFileSync(long, "utf8"), `${pid}`);
  t.notOk(existsSync(join(made, "lock.1")));
  t.equal(await start(t, gatePath(box)), "exec\n");
  t.ok(await gone(pid));
});

t.test("a file that cannot be written", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const file = join(box.dir, "file");
  writeFileSync(file, "");
  const wrong: [string[], string][] = [
    [["--made", "/no/such"], "open ENOENT /no/such"],
    [["--pid-file", join(file, "pid")], `open ENOTDIR ${join(file, "pid")}`],
    [["--pid-file", "/proc/pid"], "open ENOENT /proc/pid"],
  ];
  for (const [args, said] of wrong) {
    const { code, report, pid } = create(t, box, createPlan(box, ["sleep", "1000"]), args);
    t.equal(code, 125);
    t.match(report, new RegExp(`^error \\d+ plan ${said}\n$`));
    t.equal(pid, 0);
  }
});
