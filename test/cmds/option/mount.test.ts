// -v and --tmpfs.
import t from "tap";
import { parseTmpfs, parseVolume } from "../../../cmds/option/mount.ts";

t.test("volumes", async (t) => {
  const bind = { type: "bind", readOnly: false, propagation: "rprivate" };
  const cases: [string, object][] = [
    ["/a:/b", { ...bind, source: "/a", target: "/b" }],
    ["/a:/b:ro", { ...bind, source: "/a", target: "/b", readOnly: true }],
    ["/a:/b:ro,rslave", { ...bind, source: "/a", target: "/b", readOnly: true, propagation: "rslave" }],
    [".:/b", { ...bind, source: "/work/here", target: "/b" }],
    ["./x:/b", { ...bind, source: "/work/here/x", target: "/b" }],
    ["../x:/b", { ...bind, source: "/work/x", target: "/b" }],
    ["/a/../c:/b//d/", { ...bind, source: "/c", target: "/b/d" }],
    ["/.hidden:/b:", { ...bind, source: "/.hidden", target: "/b" }],
  ];
  for (const [text, expected] of cases) t.same(parseVolume(text, "/work/here"), expected, text);
});

t.test("no volumes", async (t) => {
  for (const text of [
    "",
    ":",
    "/a",
    "name:/b",
    ".x:/b",
    ":/b",
    "/a:",
    "/a:b",
    "/a:/",
    "/a:/x/..",
    "/a:/b:z",
    "/a:/b:ro:rw",
    "/a:/b:,",
    "/a:/b:ro,rw",
    "/a:/b:slave,shared",
  ])
    t.throws(() => parseVolume(text, "/"), { kind: "invalid", code: "bad-volume", hint: /./ }, text);
});

t.test("tmpfs", async (t) => {
  t.same(parseTmpfs("/t"), { type: "tmpfs", target: "/t", options: [] });
  t.same(parseTmpfs("/t/:size=64m,mode=1777,exec"), { type: "tmpfs", target: "/t", options: ["size=64m", "mode=1777", "exec"] });
  for (const text of ["", "t", "/", "/t:size", "/t:size=x", "/t:mode=8", "/t:upperdir=/x", "/t:a:b", "/t:ro,", "/t:size=1m\n"])
    t.throws(() => parseTmpfs(text), { code: "bad-volume" }, JSON.stringify(text));
});
