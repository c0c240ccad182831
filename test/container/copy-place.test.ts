// docker's rules on where a copy lands, and how its arguments are read.
import t from "tap";
import { copyBase, meansDirectory, parseCopySide, placeCopy } from "../../src/container/copy-place.ts";

t.test("arguments", async (t) => {
  t.same(parseCopySide("c:/x:y"), { kind: "container", container: "c", path: "/x:y" });
  t.same(parseCopySide("c:"), { kind: "container", container: "c", path: "" });
  t.same(parseCopySide("/a:b"), { kind: "host", path: "/a:b" });
  t.same(parseCopySide("./a:b"), { kind: "host", path: "./a:b" });
  t.same(parseCopySide("-"), { kind: "stream" });
  for (const [path, base] of [
    ["/a/b", "b"],
    ["a/b/", "b"],
    ["a/b/.", "."],
    [".", "."],
    ["/", ""],
    ["/a/..", ""],
    ["a/b/..", "a"],
  ] as const)
    t.equal(copyBase(path), base, path);
  for (const [path, means] of [
    ["a", false],
    ["a/", true],
    ["a/.", true],
    [".", true],
    ["a/b.", false],
    ["", true],
  ] as const)
    t.equal(meansDirectory(path), means, path);
});

t.test("places", async (t) => {
  const file = { base: "f", isDirectory: false };
  const directory = { base: "d", isDirectory: true };
  const contents = { base: ".", isDirectory: true };
  const [none, isFile, isDirectory] = [undefined, false, true].map((kind) => ({ isDirectory: kind, meansDirectory: false }));
  if (!none || !isFile || !isDirectory) throw new Error("three targets");
  t.equal(placeCopy(file, none), "as");
  t.equal(placeCopy(file, isFile), "as");
  t.same(placeCopy(file, isDirectory), { into: "f" });
  t.equal(placeCopy(directory, none), "as");
  t.equal(placeCopy(contents, none), "as");
  t.same(placeCopy(directory, isDirectory), { into: "d" });
  t.same(placeCopy(contents, isDirectory), { into: "" });
  t.throws(() => placeCopy(directory, isFile), { message: "cannot copy directory" });
  t.throws(() => placeCopy(file, { isDirectory: undefined, meansDirectory: true }), { message: "no such directory" });
});
