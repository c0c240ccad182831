// The same image unpacked by tsns, by docker (overlay2, layer by layer) and by umoci: the trees are the same to the nanosecond.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import t from "tap";
import { walkLayer } from "../../src/kernel/layer/walk.ts";
import { isOpaque, isWhiteout } from "../../src/layer/entry.ts";
import { type ArchiveEntry, makeTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { makeDockerArchive } from "../fixture/docker-archive.ts";
import { startDocker } from "../fixture/dockerd.ts";
import { needRoot } from "../fixture/root.ts";

const dir = (path: string, more: Partial<ArchiveEntry> = {}): ArchiveEntry => ({
  path,
  type: "directory",
  mtimeSeconds: 1_500_000_000,
  ...more,
});
const file = (path: string, data = "", more: Partial<ArchiveEntry> = {}): ArchiveEntry => ({
  path,
  type: "file",
  data,
  mtimeSeconds: 1_400_000_000,
  ...more,
});
const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
const long = `${"long-".repeat(40)}name`;

const lower = makeTar([
  dir("./", { mode: 0o755 }),
  dir("etc", { mode: 0o750, uid: 3, gid: 4 }),
  file("etc/gone", "1"),
  file("etc/kept", "1", { mode: 0o4711, uid: 1000, gid: 1001, mtimeSeconds: 1_600_000_000.25, mtimeNanoseconds: 250_000_000 }),
  dir("opaque"),
  file("opaque/old", "1"),
  dir("tree/a", { mode: 0o1777 }),
  file("tree/a/b", "1"),
  file("early", "", { mtimeSeconds: -86_400 }),
  file("before", "", { mtimeSeconds: -86_400.5, mtimeNanoseconds: 500_000_000 }),
  file("ping", "x", { xattrs: new Map([["security.capability", capability]]) }),
  file(long, "a long name"),
  file(`${"d/".repeat(60)}deep`, "a long path"),
  // docker takes what the link says of the file, umoci and tsns what the file says: writers say the same in both
  { path: "hard", type: "link", linkPath: "etc/kept", mode: 0o4711, uid: 1000, gid: 1001, mtimeSeconds: 1_600_000_000.25 },
  { path: "soft", type: "symlink", linkPath: "/etc/../etc/kept", uid: 5, gid: 6, mtimeSeconds: 1_300_000_000 },
  { path: "dev", type: "directory", mtimeSeconds: 1_500_000_000 },
  { path: "dev/null", type: "char", major: 1, minor: 3, mode: 0o666, mtimeSeconds: 1_200_000_000 },
  { path: "dev/disk", type: "block", major: 259, minor: 300, mode: 0o660, gid: 6, mtimeSeconds: 1_200_000_000 },
  { path: "pipe", type: "fifo", mode: 0o600, uid: 7, mtimeSeconds: 1_100_000_000 },
]);
const upper = makeTar([
  dir("etc", { mode: 0o750, uid: 3, gid: 4 }),
  file("etc/.wh.gone"),
  file("etc/new", "2"),
  dir("opaque"),
  file("opaque/.wh..wh..opq"),
  file("opaque/new", "2"),
  file(".wh.early"),
]);

/** Everything that can be seen of a tree. The access path of a layer that docker or umoci make themselves is theirs: `without`. */
function look(directory: string, without: readonly string[] = []): Record<string, unknown> {
  const entries = walkLayer(directory).filter(({ path }) => !without.includes(path));
  return Object.fromEntries(
    entries.map((entry) => {
      const { path, type, mode, uid, gid, mtimeNanos, links, major, minor, xattrs, inode } = entry;
      const kept = Object.fromEntries(
        [...xattrs].filter(([name]) => !name.startsWith("trusted.overlay.")).map(([name, value]) => [name, value.toString("hex")]),
      );
      if (isWhiteout(entry)) return [path, "whiteout"];
      const content =
        type === "file" ? readFileSync(`${directory}/${path}`, "utf8") : type === "symlink" ? readlinkSync(`${directory}/${path}`) : "";
      const names = type === "file" && links > 1 ? entries.filter((other) => other.inode === inode).map((other) => other.path) : [];
      return [
        path,
        { type, mode, uid, gid, mtime: String(mtimeNanos), device: `${major}:${minor}`, kept, content, names, opaque: isOpaque(entry) },
      ];
    }),
  );
}

t.test("trees beside docker's and umoci's", needRoot, async (t) => {
  const root = makeRoot(t);
  const base = mkdtempSync(`${tmpdir()}/tsns-peer-`);
  t.teardown(() => rmSync(base, { recursive: true, force: true }));
  const archive = makeDockerArchive([{ layers: [lower, upper], tags: ["peer:1"] }]);
  writeFileSync(`${base}/peer.tar`, archive);
  await root.ok(["load", "-q"], { input: archive });
  const [image] = JSON.parse(await root.ok(["image", "inspect", "peer:1"]));
  const directory = (at: number) => `${root.path}/layers/${image.RootFS.Layers[at].slice("sha256:".length, "sha256:".length + 32)}`;

  const docker = await startDocker(t, { storage: "overlay2" });
  await docker.ok(["load", "-q", "-i", `${base}/peer.tar`]);
  const [theirs] = JSON.parse(await docker.ok(["image", "inspect", "peer:1"]));
  const { UpperDir, LowerDir } = theirs.GraphDriver.Data;
  // a directory that the archive does not describe has the time it was made; docker knows no time before 1970
  const implied = ["", "tree", ...Array.from({ length: 60 }, (_, at) => "d/".repeat(at + 1).slice(0, -1))];
  const withoutEarly = [...implied, "early", "before"];
  t.same(look(directory(0), withoutEarly), look(LowerDir, withoutEarly), "the lower layer is docker's");
  t.same(look(directory(1), [""]), look(UpperDir, [""]), "the upper layer is docker's, whiteouts and opaque directory too");

  for (const [program, ...args] of [
    ["skopeo", "copy", "-q", `docker-archive:${base}/peer.tar`, `oci:${base}/oci:peer`],
    ["umoci", "unpack", "--image", `${base}/oci:peer`, `${base}/bundle`],
  ] as const) {
    const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
    t.equal(status, 0, `${program}: ${stderr}`);
  }
  const target = await root.ok(["image", "mount", "peer:1"]);
  const [merged, unpacked] = [look(target, implied), look(`${base}/bundle/rootfs`, implied)];
  await root.ok(["image", "unmount", "peer:1"]);
  const plain = (tree: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(tree).map(([path, entry]) => [path, { ...Object(entry), opaque: false }]));
  t.same(plain(merged), plain(unpacked), "the merged tree is umoci's");
});
