// mkdir -p over calls that are handed in.
import t from "tap";
import { makeDirectories } from "../../src/base/directory.ts";

const failure = (code: string) => Object.assign(new Error(code), { code });

/** Directories that are there; mkdir calls are counted. */
function calls(there: readonly string[], refuse?: string) {
  const known = new Set(there);
  const made: string[] = [];
  return {
    made,
    make(path: string) {
      if (made.push(path) > 50) throw new Error("for ever");
      if (refuse !== undefined && path.startsWith(refuse)) throw failure("ENOENT");
      if (known.has(path)) throw failure("EEXIST");
      if (path.lastIndexOf("/") > 0 && !known.has(path.slice(0, path.lastIndexOf("/")))) throw failure("ENOENT");
      known.add(path);
    },
    isDirectory: (path: string) => known.has(path),
    known,
  };
}

t.test("makes what is missing above", async (t) => {
  const one = calls(["/a"]);
  makeDirectories("/a/b/c/d", one);
  t.ok(one.known.has("/a/b/c/d"));
  const again = one.made.length;
  makeDirectories("/a/b/c/d", one);
  t.equal(one.made.length, again + 1, "what is there is asked for once");
});

t.test("a file system that has no mkdir is an error, not a loop", async (t) => {
  t.throws(() => makeDirectories("/proc/x/y", calls(["/proc"], "/proc/")), { code: "ENOENT" });
  t.throws(() => makeDirectories("x", calls([], "x")), { code: "ENOENT" });
});

t.test("a file in the way", async (t) => {
  const one = calls(["/a"]);
  t.throws(() => makeDirectories("/a", { ...one, isDirectory: () => false }), { code: "EEXIST" });
});
