// What `create` writes down of a container, and what happens when it cannot.
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
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

t.test("what somebody else has put under the name of the temporary file", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const [held, linked] = [join(box.dir, "held"), join(box.dir, "linked")];
  const victim = join(box.dir, "victim");
  writeFileSync(victim, "precious");
  const open = openSync(join(box.dir, ".held"), "w+", 0o666);
  t.teardown(() => closeSync(open));
  symlinkSync(victim, join(box.dir, ".linked"));
  for (const path of [held, linked]) {
    const { code, pid } = create(t, box, createPlan(box, ["true"]), ["--pid-file", path]);
    t.equal(code, 0);
    t.ok(lstatSync(path).isFile());
    t.equal(readFileSync(path, "utf8"), `${pid}`);
    process.kill(pid, "SIGKILL");
    t.ok(await gone(pid));
    rmSync(gatePath(box), { force: true });
  }
  t.not(statSync(held).ino, fstatSync(open).ino, "who has that open has not the pid file open");
  t.equal(readFileSync(victim, "utf8"), "precious");
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
