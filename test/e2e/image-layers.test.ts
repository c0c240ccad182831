// Looking into images: blame, du, tree, diff, mount, and images of 500 layers.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type ArchiveEntry, makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { makeDockerArchive } from "../fixture/docker-archive.ts";
import { needRoot } from "../fixture/root.ts";

const file = (path: string, data: string): ArchiveEntry => ({ path, type: "file", data });
const base = makeTar([file("etc/motd", "first\n"), file("big", "x".repeat(5000)), file("dir/old", "old"), file("same", "same")]);
const second = makeTar([file("etc/motd", "second\n"), file(".wh.big", ""), file("dir/.wh..wh..opq", ""), file("dir/new", "new")]);
const third = makeTar([file("other", "third")]);

async function loadFamily(t: Test): Promise<DataRoot> {
  const root = makeRoot(t);
  const archive = makeDockerArchive([
    { layers: [base], tags: ["base:1"] },
    { layers: [base, second], tags: ["child:1"] },
    { layers: [base, third], tags: ["other:1"] },
  ]);
  await root.ok(["load", "-q"], { input: archive });
  return root;
}

t.test("image blame, du, tree, diff", needRoot, async (t) => {
  const root = await loadFamily(t);
  const blame = JSON.parse(await root.ok(["image", "blame", "child:1", "/etc/motd", "--json"]));
  t.match(blame, [
    { layer: 2, role: "provides", createdBy: "layer 1", path: "/etc/motd" },
    { layer: 1, role: "hidden", createdBy: "layer 0", hiddenBy: { layer: 2, how: "replaced" } },
  ]);
  t.match(
    await root.ok(["image", "blame", "child:1", "big", "--format", "{{.Layer}} {{.Role}}"]),
    /^2\/2 deletes\n1\/2 deleted in layer 2$/,
  );
  const usage = JSON.parse(await root.ok(["image", "du", "child:1", "--json"]));
  t.match(usage, { sizeBytes: 5023, sharedBytes: 5013, uniqueBytes: 10, hiddenBytes: 5009 });
  t.same(usage.layers[0].sharedWith.sort(), ["base:1", "other:1"]);
  t.match(
    usage.hidden.map(({ path, how, hiddenBy }: { path: string; how: string; hiddenBy: number }) => [path, how, hiddenBy]),
    [
      ["/big", "deleted", 2],
      ["/etc/motd", "replaced", 2],
      ["/dir/old", "opaque", 2],
    ],
  );
  t.match(await root.ok(["image", "tree"]), /^IMAGE.*\nbase:1 .*\n[├└]─\w+:1 .*2 \(\+1\).*\n└─\w+:1 /);
  const changes = await root.ok(["image", "diff", "base:1", "child:1", "--format", "{{.Kind}} {{.Path}} {{.Differs}}"]);
  t.equal(changes, ["D /big -", "A /dir/new -", "D /dir/old -", "C /etc/motd data"].join("\n"));
  t.equal(await root.ok(["image", "diff", "base:1", "base:1", "-q"]), "");
  for (const [args, said] of [
    [["image", "blame", "child:1", "/nothing"], /no layer of the image "child:1" has \/nothing/],
    [["image", "blame", "host", "/etc"], /is this machine itself/],
    [["image", "du", "absent"], /No such image/],
    [["image", "unmount", "child:1"], /is not mounted/],
  ] as const) {
    const { code, stderr } = await root.tsns(args);
    t.equal(code, 1);
    t.match(stderr, said);
    t.match(stderr, /^tsns: [^\n]*\n$/, "one line");
  }
});

t.test("image mount, unmount", needRoot, async (t) => {
  const root = await loadFamily(t);
  const target = await root.ok(["image", "mount", "child:1"]);
  t.same(readdirSync(target).sort(), ["dir", "etc", "same"]);
  t.throws(() => writeFileSync(`${target}/new`, ""), { code: "EROFS" });
  t.equal(await root.ok(["image", "mount", "child:1"]), target, "once more is no second mount");
  const single = `${root.path}-single`;
  mkdirSync(single);
  t.teardown(() => void spawnSync("rmdir", [single]));
  await root.ok(["image", "mount", "base:1", single]);
  t.equal(readFileSync(`${single}/etc/motd`, "utf8"), "first\n", "an image of one layer");
  t.equal(await root.ok(["image", "mount", "--format", "{{.Image}} {{.Target}}"]).then((text) => text.split("\n").length), 2);
  t.match(await root.tsns(["rmi", "child:1"]), { code: 1, stderr: /is mounted on/ });
  t.match(await root.ok(["image", "unmount", "child:1", "--dry-run"]), /mount\.remove/);
  await root.ok(["image", "unmount", "child:1", single]);
  t.notOk(existsSync(target), "a mount point that was made goes as well");
  t.same(readdirSync(single), []);
  t.match(await root.ok(["doctor"]), /nothing is left over/);
});

t.test("500 layers", needRoot, async (t) => {
  const root = makeRoot(t);
  const layers = Array.from({ length: 499 }, (_, at) => makeTar([file(`l/f${at}`, ""), file("l/last", String(at))]));
  await root.ok(["load", "-q"], { input: makeDockerArchive([{ layers: [makeBusyboxTar(), ...layers], tags: ["deep:1"] }]) });
  const run = ["run", "--rm", "--network", "none", "deep:1", "sh", "-c", "ls /l | wc -l; cat /l/last"];
  t.equal(await root.ok(run), "500\n498");
  const target = await root.ok(["image", "mount", "deep:1"]);
  t.equal(readdirSync(`${target}/l`).length, 500);
  await root.ok(["image", "unmount", "deep:1"]);
  const point = `${root.path}/point`;
  mkdirSync(point);
  const directories = readdirSync(`${root.path}/layers`).filter((name) => /^[0-9a-f]+$/.test(name));
  const lower = directories.map((name) => `${root.path}/layers/${name}`);
  const script = await root.ok(["layer", "stack", "--dry-run", "--explain=sh", ...lower, point]);
  const { status, stdout, stderr } = spawnSync("unshare", ["-m", "sh", "-c", `${script}\nls ${point}/l | wc -l`], { encoding: "utf8" });
  t.match({ status, stdout, stderr }, { status: 0, stdout: /500\n$/ }, "the script makes the same mount");
  await root.ok(["layer", "stack", ...lower, point]);
  t.equal(readdirSync(`${point}/l`).length, 500);
  await root.ok(["layer", "unstack", point]);
});

t.test("the first image mounted in a data root may have one layer", needRoot, async (t) => {
  const root = await loadFamily(t);
  const target = await root.ok(["image", "mount", "base:1"]);
  t.equal(readFileSync(`${target}/etc/motd`, "utf8"), "first\n");
  await root.ok(["image", "unmount", "base:1"]);
  t.notOk(existsSync(target));
});
