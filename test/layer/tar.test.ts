// Overlay's marks as entries of a layer tar.
import t from "tap";
import { compareMetadata, describeMarks, isOpaque, isWhiteout, type LayerEntry } from "../../src/layer/entry.ts";
import { layoutTar } from "../../src/layer/tar.ts";

const entry = (path: string, fields: Partial<LayerEntry> = {}): LayerEntry => ({
  path,
  type: "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  sizeBytes: 0,
  allocatedBytes: 0,
  mtimeNanos: 1_500_000_000_123_456_789n,
  inode: BigInt(path.length + 1000),
  links: 1,
  major: 0,
  minor: 0,
  xattrs: new Map(),
  ...fields,
});
const xattrs = (...pairs: [string, string][]) => new Map(pairs.map(([name, value]) => [name, Buffer.from(value)]));

t.test("marks", async (t) => {
  t.ok(isWhiteout(entry("a", { type: "char" })));
  t.notOk(isWhiteout(entry("a", { type: "char", major: 1, minor: 3 })));
  t.ok(isWhiteout(entry("a", { xattrs: xattrs(["trusted.overlay.whiteout", ""]) })), "since Linux 6.7");
  t.notOk(isWhiteout(entry("a", { sizeBytes: 1, xattrs: xattrs(["trusted.overlay.whiteout", ""]) })));
  t.ok(isOpaque(entry("d", { type: "directory", xattrs: xattrs(["user.overlay.opaque", "y"]) })));
  t.notOk(isOpaque(entry("d", { type: "directory", xattrs: xattrs(["trusted.overlay.opaque", "x"]) })), "it holds marked whiteouts");
  const copy = entry("f", { xattrs: xattrs(["trusted.overlay.metacopy", ""], ["trusted.overlay.redirect", "/old"]) });
  t.same(describeMarks(copy), ["renamed from /old", "metadata only"]);
});

t.test("whiteouts, opaque directories, links and sockets", async (t) => {
  const layout = layoutTar([
    entry("", { type: "directory" }),
    entry("d", { type: "directory", xattrs: xattrs(["trusted.overlay.opaque", "y"], ["user.k", "v"], ["security.selinux", "s"]) }),
    entry("d/gone", { type: "char" }),
    entry("d/one", { inode: 7n, links: 2, sizeBytes: 3 }),
    entry("d/two", { inode: 7n, links: 2, sizeBytes: 3 }),
    entry("s", { type: "socket" }),
  ]);
  t.same(
    layout.members.map(({ header, dataOf }) => [header.path, header.type, header.linkPath ?? "", dataOf?.path ?? ""]),
    [
      ["./", "directory", "", ""],
      ["d/", "directory", "", ""],
      ["d/.wh..wh..opq", "file", "", ""],
      ["d/.wh.gone", "file", "", ""],
      ["d/one", "file", "", "d/one"],
      ["d/two", "link", "d/one", ""],
    ],
  );
  t.same([...(layout.members[1]?.header.xattrs?.keys() ?? [])], ["user.k"], "neither overlay's marks nor security labels");
  t.same(layout.warnings, ["/s: a socket, left out"]);
});

t.test("times", async (t) => {
  t.equal(layoutTar([entry("a")]).members[0]?.header.mtimeSeconds, 1_500_000_000.123457);
  t.equal(layoutTar([entry("a")], 1_600_000_000).members[0]?.header.mtimeSeconds, 1_500_000_000, "earlier ones stay, without fraction");
  t.equal(layoutTar([entry("a", { mtimeNanos: -31_536_000_000_000_000n })]).members[0]?.header.mtimeSeconds, -31_536_000);
  t.equal(layoutTar([entry("a", { mtimeNanos: -1_500_000_000n })], 0).members[0]?.header.mtimeSeconds, -2, "downwards before 1970 too");
  t.equal(layoutTar([entry("a")], 1_000).members[0]?.header.mtimeSeconds, 1_000);
  t.equal(layoutTar([entry("a", { type: "char" })]).members[0]?.header.mtimeSeconds, undefined, "a whiteout has none");
});

t.test("what no layer can hold", async (t) => {
  const renamed = entry("d", { type: "directory", xattrs: xattrs(["trusted.overlay.redirect", "old"]) });
  t.throws(() => layoutTar([renamed]), { code: "renamed-directory" });
  t.throws(() => layoutTar([entry("x/.wh.y")]), { code: "reserved-name" });
});

t.test("what differs besides the data", async (t) => {
  const other = entry("a", { mode: 0o600, uid: 1, mtimeNanos: 0n, xattrs: xattrs(["user.k", "v"]) });
  t.same(compareMetadata(entry("a"), other), ["mode", "owner", "time", "attributes"]);
  t.same(compareMetadata(entry("a"), entry("a", { xattrs: xattrs(["security.selinux", "s"]) })), []);
});
