// -v and --tmpfs.
import t from "tap";
import { parseTmpfs, parseVolume } from "../../../cmds/option/mount.ts";

t.test("paths of the host", async (t) => {
  const bind = { type: "bind", readOnly: false, propagation: "rprivate", origin: "volume" };
  const cases: [string, object][] = [
    ["/a:/b", { ...bind, source: "/a", target: "/b" }],
    ["/a:/b:ro", { ...bind, source: "/a", target: "/b", readOnly: true }],
    ["/a:/b:ro,rslave", { ...bind, source: "/a", target: "/b", readOnly: true, propagation: "rslave" }],
    ["/a:/b:z,cached", { ...bind, source: "/a", target: "/b", relabel: "shared" }],
    [".:/b", { ...bind, source: "/work/here", target: "/b" }],
    ["./x:/b", { ...bind, source: "/work/here/x", target: "/b" }],
    ["../x:/b", { ...bind, source: "/work/x", target: "/b" }],
    ["/a/../c:/b//d/", { ...bind, source: "/c", target: "/b/d" }],
    ["/.hidden/:/b", { ...bind, source: "/.hidden", target: "/b" }],
    ["/:/b", { ...bind, source: "/", target: "/b" }],
  ];
  for (const [text, expected] of cases) t.same(parseVolume(text, "/work/here"), expected, text);
});

t.test("volumes", async (t) => {
  const volume = { type: "volume", name: "data", anonymous: false, target: "/b", readOnly: false, origin: "volume" };
  const cases: [string, object][] = [
    ["data:/b", volume],
    ["data:/b:ro,nocopy", { ...volume, readOnly: true, noCopy: true }],
    ["data:/b:rw,Z", { ...volume, relabel: "private" }],
    ["/b", { ...volume, name: "", anonymous: true }],
    ["/b//c/", { ...volume, name: "", anonymous: true, target: "/b/c" }],
  ];
  for (const [text, expected] of cases) t.same(parseVolume(text, "/"), expected, text);
  t.match(parseVolume("data:/b", "/", "plug"), { driver: "plug" });
  t.match(parseVolume("/b", "/", "plug"), { driver: "plug" });
});

t.test("no volumes", async (t) => {
  for (const text of [
    "",
    ":",
    "a",
    "a/b:/b",
    ".x:/b",
    "x:/b",
    ":/b",
    "/a:",
    "/a:/b:",
    "/a:ro",
    "/",
    "/a:b",
    "/a:/",
    "/a:/x/..",
    "/a:/b:nocopy",
    "/a:/b:ro:rw",
    "/a:/b:,",
    "/a:/b:ro,rw",
    "/a:/b:z,Z",
    "/a:/b:slave,shared",
    "data:/b:rslave",
    "data:/b:nocopy,nocopy",
    "da\nta:/b",
    `${"n".repeat(256)}:/b`,
  ])
    t.throws(() => parseVolume(text, "/"), { kind: "invalid", code: "bad-volume", hint: /./ }, text);
});

t.test("tmpfs", async (t) => {
  const tmpfs = { type: "tmpfs", target: "/t", origin: "tmpfs" };
  t.same(parseTmpfs("/t"), { ...tmpfs, options: [] });
  t.same(parseTmpfs("/t/:size=64m,mode=1777,exec"), { ...tmpfs, options: ["size=64m", "mode=1777", "exec"] });
  for (const text of ["", "t", "/", "/t:size", "/t:size=x", "/t:mode=8", "/t:upperdir=/x", "/t:a:b", "/t:ro,", "/t:size=1m\n"])
    t.throws(() => parseTmpfs(text), { code: "bad-volume" }, JSON.stringify(text));
});
