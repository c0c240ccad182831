// Paths inside another root: links are that root's, nothing leads out.
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import t from "tap";
import { parseXattrs } from "../../../src/kernel/layer/xattr.ts";
import { resolveInside } from "../../../src/kernel/mount/resolve.ts";
import { parseMappedPaths } from "../../../src/kernel/mount/user.ts";

const root = realpathSync(t.testdir({ inside: { etc: { file: "x" } }, outside: { secret: "x" } }));
const top = `${root}/inside`;
symlinkSync("/etc", `${top}/absolute`);
symlinkSync("../../outside", `${top}/up`);
symlinkSync("loop", `${top}/loop`);
symlinkSync("/new/place", `${top}/dangling`);
mkdirSync(`${top}/a/b`, { recursive: true });
writeFileSync(`${top}/a/b/c`, "");

t.test("links", async (t) => {
  t.same(resolveInside(top, "/absolute/file"), { path: "/etc/file", missing: [], type: "file" });
  t.same(resolveInside(top, "/a/../absolute/."), { path: "/etc", missing: [], type: "directory" });
  t.same(resolveInside(top, "/up/secret"), { path: "/outside/secret", missing: ["outside", "secret"] }, "the root is its own parent");
  t.same(resolveInside(top, "/../../.."), { path: "/", missing: [], type: "directory" });
  t.throws(() => resolveInside(top, "/loop/x"), { code: "kernel-eloop" });
});

t.test("what is missing", async (t) => {
  t.same(resolveInside(top, "/a/x/y"), { path: "/a/x/y", missing: ["x", "y"] });
  t.same(resolveInside(top, "/dangling/deep"), { path: "/new/place/deep", missing: ["new", "place", "deep"] });
  t.throws(() => resolveInside(top, "/a/x/../y"), { code: "kernel-enoent" }, "the way back leads through nothing");
  t.throws(() => resolveInside(top, "/a/b/c/d"), { code: "kernel-enotdir" });
});

t.test("mapped files", async (t) => {
  const maps = [
    "55d0c0a00000-55d0c0a28000 r--p 00000000 fe:00 1048 /usr/bin/with space (deleted)",
    "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 ",
    "7f0000001000-7f0000002000 rw-p 00000000 00:00 0                          [heap]",
    "7f0000002000-7f0000003000 r--p 00000000 fe:00 7 /lib/x\\012y",
    "7f0000003000-7f0000004000 r-xp 00001000 fe:00 7 /lib/x\\012y",
  ];
  t.same(parseMappedPaths(maps.join("\n")), ["/usr/bin/with space (deleted)", "/lib/x\ny"]);
});

t.test("attributes", async (t) => {
  const found = parseXattrs(Buffer.from("0\0user.a\0\x30\x30\x000\0user.b\0ff\x30a\x003\0trusted.c\0\0"));
  t.same(
    [...(found.get(0) ?? [])],
    [
      ["user.a", Buffer.from([0])],
      ["user.b", Buffer.from([255, 10])],
    ],
  );
  t.same([...(found.get(3) ?? [])], [["trusted.c", Buffer.alloc(0)]]);
  t.equal(parseXattrs(Buffer.from("x\0user.a\x0000\0")).size, 0);
});
