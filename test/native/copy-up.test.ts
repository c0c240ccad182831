// A tmpfs that begins with the content of what it hides.
import { spawnSync } from "node:child_process";
import {
  chownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import t from "tap";
import { MS, type Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { type Box, errorLine, makeBox, makePlan, outputOf, runAttached } from "./sandbox.ts";

const asRoot = { ...needRoot, buffered: true };
const then = new Date("2020-02-03T04:05:06Z");

/** A directory with all that can be in one. */
function makeContent(box: Box): void {
  const at = (name: string) => join(box.root, "data", name);
  mkdirSync(at("deep/er"), { recursive: true, mode: 0o750 });
  writeFileSync(at("set"), "content\n", { mode: 0o755 });
  chownSync(at("set"), 5, 6);
  // Node's mode knows no set-user-ID bit
  outputOf(box, "chmod 4751 /data/set; mkfifo -m 640 /data/queue; mknod -m 604 /data/node c 1 3; chmod 1777 /data/deep/er");
  writeFileSync(at("one"), "twice\n");
  linkSync(at("one"), at("deep/two"));
  symlinkSync("/nowhere/at/all", at("link"));
  writeFileSync(at("holes"), "");
  truncateSync(at("holes"), 100_000);
  for (let i = 0; i < 60; i++) writeFileSync(at(`deep/${"many".repeat(20)}${i}`), `${i}`);
  chownSync(at(""), 7, 8);
  for (const name of ["set", "deep/two", "deep"]) utimesSync(at(name), then, then);
  lutimesSync(at("link"), then, then);
}

const copyUp = (flags = 0, data = ""): Operation => ["copy-up-at", "/data", `${flags}`, data];
/** Everything but the numbers that differ between file systems. */
const told =
  "cd /data; find . | sort | while read f; do stat -c '%n %F %a %u %g %h %s %t,%T %Y' \"$f\" | sed 's/^\\(.* directory .* \\)[0-9]* 0,0 .*/\\1/'; done; cat set deep/two; readlink link; cat deep/m* | md5sum";

t.test("a copy of everything", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  makeContent(box);
  const before = outputOf(box, told);
  t.match(before, /\n\.\/set regular file 4751 5 6 1 8 0,0 1580702706\n/);
  t.equal(outputOf(box, told, { inside: [copyUp()] }), before);
  const script = "grep ' /data ' /proc/mounts | cut -d' ' -f3,4; echo more >> /data/one; cat /data/deep/two; echo > /data/new";
  t.match(outputOf(box, script, { inside: [copyUp(MS.NOSUID, "size=2m")] }), /^tmpfs rw,nosuid,relatime,size=2048k\ntwice\nmore\n$/);
  t.equal(outputOf(box, told), before, "what lies below stays as it is");
  t.match(outputOf(box, "cat /data/set; echo > /data/new", { inside: [copyUp(MS.RDONLY)] }), /^content\n.*Read-only file system\n/);
  const mode = "stat -c '%a %u %g' /data";
  t.equal(outputOf(box, mode, { inside: [copyUp(0, "mode=700")] }), "700 7 8\n");
  t.equal(outputOf(box, mode, { inside: [copyUp(0, "size=2m,uid=1,gid=2")] }), "750 1 2\n");
});

t.test("what is mounted below is not copied; what does not fit is an error", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  mkdirSync(join(box.root, "data/sub"), { recursive: true });
  writeFileSync(join(box.root, "data/large"), Buffer.alloc(100_000));
  const under: Operation[] = [
    ["mount-at", "tmpfs", "/data/sub", "tmpfs", "0", "mode=711"],
    ["touch-at", "/data/sub/file", "644"],
  ];
  t.equal(
    outputOf(box, "ls -A /data /data/sub; stat -c %a /data/sub", { inside: [...under, copyUp()] }),
    "/data:\nlarge\nsub\n\n/data/sub:\n711\n",
  );
  const failure = (inside: Operation[]) =>
    errorLine(runAttached(box, makePlan(box, ["true"], { inside })).report).replace(/^error \d+ /, "");
  t.equal(failure([copyUp(0, "size=64k")]), "copy-up-at copy ENOSPC large");
  t.equal(failure([copyUp(0, "no-such-option=1")]), "copy-up-at mount EINVAL /data");
  rmSync(join(box.root, "data"), { recursive: true });
  t.equal(failure([copyUp()]), "copy-up-at openat2 ENOENT /data");
  t.equal(outputOf(box, "ls -A /data", { inside: [["mkdir-at", "/data", "755"], copyUp()] }), "", "nothing below");
});

t.test("a plain tmpfs has the mode of what it hides", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const at = (path: string, data = ""): Operation => ["tmpfs-at", "source", path, `${MS.NOSUID}`, data];
  mkdirSync(join(box.root, "data"));
  outputOf(box, "chmod 3751 /data");
  const mode = (path: string, data?: string) =>
    outputOf(box, `stat -c %a ${path}; grep -c ' ${path} .* source ' /proc/self/mountinfo`, { inside: [at(path, data)] });
  t.equal(mode("/data"), "3751\n1\n");
  t.equal(mode("/data", "size=1m"), "3751\n1\n");
  t.equal(mode("/data", "size=1m,mode=700"), "700\n1\n", "unless it is told another one");
  t.equal(mode("/new/deep"), "1777\n1\n", "where nothing was, the kernel's own");
  const failure = (operation: Operation) => errorLine(runAttached(box, makePlan(box, ["true"], { inside: [operation] })).report);
  t.match(failure(at("/data", "no-such-option=1")), / tmpfs-at mount EINVAL \/data$/);
  t.match(failure(at("/data", `mode=700,${"x".repeat(5000)}`)), / tmpfs-at mount EINVAL \/data$/, "more than a page");
  writeFileSync(join(box.root, "file"), "");
  t.match(failure(at("/file")), / tmpfs-at openat2 ENOTDIR \/file$/);
});

t.test("two names of a file are one file again, unless they are of two file systems with the same numbers", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const [image = "", volume = ""] = ["image", "volume"].map((name) => {
    const path = join(box.dir, name);
    mkdirSync(path);
    t.equal(spawnSync("mount", ["-t", "tmpfs", "tmpfs", path]).status, 0);
    t.teardown(() => void spawnSync("umount", [path]));
    writeFileSync(join(path, "one"), `${name}\n`);
    linkSync(join(path, "one"), join(path, "two"));
    return path;
  });
  t.equal(statSync(join(image, "one")).ino, statSync(join(volume, "one")).ino);
  writeFileSync(join(image, "zed"), "");
  mkdirSync(join(box.root, "data"));
  const inside: Operation[] = [
    ["bind-at", image, "/data", "0", "0", "0"],
    ["bind-at", join(volume, "one"), "/data/zed", "0", "0", "0"],
    copyUp(),
  ];
  t.equal(
    outputOf(box, "cat /data/*; stat -c '%n %h' /data/*", { inside }),
    "image\nimage\nvolume\n/data/one 2\n/data/two 2\n/data/zed 1\n",
  );
});
