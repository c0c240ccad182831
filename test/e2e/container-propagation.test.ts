// What a bind's propagation promises: mounts made on one side are seen on the other, or they are not.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";

const scenario = sharingRoot();

/** A mount of its own with a directory `sub`, and with that propagation. */
function makeSource(t: Test, propagation: "shared" | "private"): string {
  const path = mkdtempSync(join(tmpdir(), "tsns-propagation-"));
  const mount = (...words: string[]) => t.equal(spawnSync("mount", words, { stdio: "inherit" }).status, 0);
  mount("-t", "tmpfs", "tmpfs", path);
  mount(`--make-${propagation}`, path);
  mkdirSync(`${path}/sub`);
  t.teardown(() => {
    spawnSync("umount", ["-R", path]);
    rmSync(path, { recursive: true });
  });
  return path;
}

/** Mounts below a path as the host sees them. */
const below = (path: string) =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .filter((target) => target.startsWith(`${path}/`));

const bind = (source: string, propagation: string) => ["--mount", `type=bind,src=${source},dst=/at,bind-propagation=${propagation}`];
const run = (root: DataRoot, ...words: string[]) => root.tsns(["run", "--rm", "--network", "none", "--privileged", ...words]);

scenario("mounts made inside are the host's too where it is shared, and only there", async (t, root) => {
  const source = makeSource(t, "shared");
  const inside = ["sh", "-c", "mount -t tmpfs inner /at/sub && grep -c ' /at/sub ' /proc/self/mountinfo"];
  for (const [propagation, seen] of [
    ["rshared", [`${source}/sub`]],
    ["shared", [`${source}/sub`]],
    ["rslave", []],
    ["rprivate", []],
  ] as const) {
    t.match(await run(root, ...bind(source, propagation), image, ...inside), { code: 0, stdout: "1\n", stderr: "" }, propagation);
    t.same(below(source), seen, propagation);
    spawnSync("umount", [`${source}/sub`]);
  }
  t.match(await run(root, "-v", `${source}:/at:rshared`, image, ...inside), { code: 0 }, "-v");
  t.same(below(source), [`${source}/sub`]);
});

scenario("mounts made by the host are the container's too where it is a slave or shared", async (t, root) => {
  const source = makeSource(t, "shared");
  for (const propagation of ["rshared", "rslave", "rprivate"]) {
    await root.ok(["run", "-d", "--name", "looks", "--network", "none", ...bind(source, propagation), image, "sleep", "1000"]);
    t.equal(spawnSync("mount", ["-t", "tmpfs", "outer", `${source}/sub`]).status, 0);
    const count = await root.tsns(["exec", "looks", "grep", "-c", " /at/sub ", "/proc/self/mountinfo"]);
    t.equal(count.stdout, propagation === "rprivate" ? "0\n" : "1\n", propagation);
    spawnSync("umount", [`${source}/sub`]);
    await root.ok(["rm", "-f", "looks"]);
  }
});

scenario("a source whose mount shares nothing is refused", async (t, root) => {
  const source = makeSource(t, "private");
  for (const [propagation, word] of [
    ["rshared", "shared"],
    ["slave", "shared or slave"],
  ] as const) {
    t.match(await run(root, ...bind(`${source}/sub`, propagation), image, "true"), {
      code: 125,
      stderr: new RegExp(
        `^tsns: path ${source}/sub is mounted on ${source} but it is not a ${word} mount \\(mount --make-rshared ${source}, .*\n$`,
      ),
    });
  }
  t.match(await run(root, ...bind(source, "rprivate"), image, "true"), { code: 0, stderr: "" });
  t.equal(await root.ok(["ps", "-aq"]), "", "nothing is left");
});
