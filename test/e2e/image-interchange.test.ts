// Archives of images between tsns, docker, podman, skopeo and umoci: each loads what the others saved, to the same ids and the same files.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { type ArchiveEntry, makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { makeDockerArchive, renderTestConfig, sha256 } from "../fixture/docker-archive.ts";
import { startDocker } from "../fixture/dockerd.ts";
import { needRoot } from "../fixture/root.ts";
import { treeOfTar } from "../fixture/tree-of-tar.ts";

const times = { mtimeSeconds: 1_234_567_890 };
const long = `${"directory-with-a-long-name/".repeat(5)}${"file".repeat(40)}`;
const longDirectories = [1, 2, 3, 4, 5].map((depth) => "directory-with-a-long-name/".repeat(depth));
const rich: readonly ArchiveEntry[] = [
  { path: "data", type: "directory", mode: 0o2750, uid: 1000, gid: 1001, ...times },
  { path: "data/own", type: "file", data: "owned", uid: 70_000, gid: 2_097_152, mode: 0o640, ...times },
  { path: "data/hard", type: "link", linkPath: "data/own", uid: 70_000, gid: 2_097_152, mode: 0o640, ...times },
  { path: "data/set-user", type: "file", data: "x", mode: 0o4755, ...times },
  {
    path: "data/capable",
    type: "file",
    data: "ping",
    mode: 0o755,
    xattrs: new Map([["security.capability", Buffer.from("0100000200200000000000000000000000000000", "hex")]]),
    ...times,
  },
  { path: "data/sparse", type: "file", data: Buffer.alloc(300_000), ...times },
  { path: "data/null", type: "char", major: 1, minor: 3, mode: 0o666, ...times },
  { path: "data/disk", type: "block", major: 7, minor: 200, mode: 0o660, ...times },
  { path: "data/pipe", type: "fifo", mode: 0o600, ...times },
  { path: "data/dangling", type: "symlink", linkPath: "/nowhere/at/all", ...times },
  { path: "data/gone", type: "file", data: "will be deleted", ...times },
  { path: "data/old", type: "directory", ...times },
  { path: "data/old/inner", type: "file", data: "will be hidden", ...times },
  { path: Buffer.from("data/Grüße").toString("latin1"), type: "file", data: "a name of UTF-8", ...times },
  ...longDirectories.map((path): ArchiveEntry => ({ path, type: "directory", ...times })),
  { path: long, type: "file", data: "long", ...times },
];
const layers = [
  makeBusyboxTar(rich),
  makeTar([
    { path: "data", type: "directory", mode: 0o2750, uid: 1000, gid: 1001, ...times },
    { path: "data/.wh.gone", type: "file", ...times },
    { path: "data/old", type: "directory", mode: 0o755, ...times },
    { path: "data/old/.wh..wh..opq", type: "file", ...times },
    { path: "data/old/new", type: "file", data: "in its place", ...times },
  ]),
];
const image = { layers, tags: ["localhost/rich:1"], config: { Cmd: ["sh"], Healthcheck: { Test: ["NONE"] } } };
const id = `sha256:${sha256(renderTestConfig(image))}`;

/** What engines put into a container beside its image, and what of the image that changes. */
const stubs = new Set(
  ".dockerenv dev dev/console dev/pts dev/shm dev/mqueue etc etc/hosts etc/hostname etc/resolv.conf etc/mtab proc sys run run/.containerenv".split(
    " ",
  ),
);

const run = (...argv: readonly [string, ...string[]]) =>
  execFileSync(argv[0], argv.slice(1), { maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, TZ: "UTC" } });

function makeDirectory(t: Test): string {
  const directory = mkdtempSync("/tmp/tsns-interchange-");
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function openScene(t: Test) {
  const [root, directory] = [makeRoot(t), makeDirectory(t)];
  writeFileSync(`${directory}/made.tar`, makeDockerArchive([image]));
  await root.ok(["load", "-i", `${directory}/made.tar`]);
  await root.ok(["save", "-o", `${directory}/tsns.tar`, "localhost/rich:1"]);
  const treeOf = async (name: string) => {
    const container = await root.ok(["create", name]);
    const { bytes } = await root.tsns(["export", container]);
    return treeOfTar(bytes, stubs);
  };
  return { root, directory, treeOf, tree: await treeOf("localhost/rich:1") };
}

t.test("docker", needRoot, async (t) => {
  const { root, directory, tree, treeOf } = await openScene(t);
  const docker = await startDocker(t);
  t.equal(Object.keys(tree).filter((path) => path.startsWith("data/")).length, 12);
  t.match(tree["data/old/new"], { type: "file" });
  t.notOk(tree["data/gone"] ?? tree["data/old/inner"], "whiteouts hold");
  t.equal(await docker.ok(["load", "-i", `${directory}/tsns.tar`]), "Loaded image: localhost/rich:1");
  t.equal(await docker.ok(["images", "-q", "--no-trunc"]), id, "the same id");
  const container = await docker.ok(["create", "localhost/rich:1"]);
  t.same(treeOfTar((await docker.docker(["export", container])).bytes, stubs), tree, "the same files");

  await docker.ok(["tag", "localhost/rich:1", "other:2"]);
  await docker.ok(["save", "-o", `${directory}/docker.tar`, "localhost/rich:1", "other:2"]);
  await root.ok(["rm", await root.ok(["ps", "-aq"])]);
  await root.ok(["rmi", "localhost/rich:1"]);
  t.equal(await root.ok(["load", "-i", `${directory}/docker.tar`]), "Loaded image: localhost/rich:1\nLoaded image: other:2");
  t.equal(await root.ok(["images", "-q", "--no-trunc", "other"]), id);
  t.same(await treeOf("other:2"), tree, "and back");

  const changed = await docker.ok(["commit", "-c", "ENV A=b", container, "committed"]);
  t.equal(await root.ok(["load", "-q"], { input: (await docker.docker(["save", "committed"])).bytes }), "Loaded image: committed:latest");
  t.equal(await root.ok(["images", "-q", "--no-trunc", "committed"]), changed);
});

t.test("podman", needRoot, async (t) => {
  const { root, directory, tree, treeOf } = await openScene(t);
  const own = [
    `--root=${directory}/podman`,
    `--runroot=${directory}/podman-run`,
    `--tmpdir=${directory}/podman-tmp`,
    `--network-config-dir=${directory}/networks`,
  ];
  const podman = (...args: string[]) => run("podman", ...own, "--storage-driver=vfs", "--cgroup-manager=cgroupfs", ...args);
  const idIn = () => podman("images", "-q", "--no-trunc").toString().trim();
  podman("load", "-i", `${directory}/tsns.tar`);
  t.equal(idIn(), id);
  const container = podman("create", "localhost/rich:1").toString().trim();
  podman("export", "-o", `${directory}/export.tar`, container);
  t.same(treeOfTar(readFileSync(`${directory}/export.tar`), stubs), tree, "the same files");
  for (const format of ["docker-archive", "oci-archive"]) {
    podman("save", "--format", format, "-o", `${directory}/${format}.tar`, "localhost/rich:1");
    const other = makeRoot(t);
    t.match(await other.ok(["load", "-i", `${directory}/${format}.tar`]), /^Loaded image: localhost\/rich:1$/, format);
    t.equal(await other.ok(["images", "-q", "--no-trunc", "localhost/rich"]), id);
  }
  podman("rm", container);
  podman("rmi", "localhost/rich:1");
  await root.ok(["save", "--format", "oci", "-o", `${directory}/oci.tar`, "localhost/rich:1"]);
  podman("load", "-i", `${directory}/oci.tar`);
  t.equal(idIn(), id, "an OCI layout alone");
  t.same(await treeOf("localhost/rich:1"), tree);
});

t.test("skopeo and umoci", needRoot, async (t) => {
  const { root, directory, tree, treeOf } = await openScene(t);
  const digestIn = (source: string) => `sha256:${sha256(run("skopeo", "inspect", "--raw", source))}`;
  t.equal(`sha256:${sha256(run("skopeo", "inspect", "--config", "--raw", `docker-archive:${directory}/tsns.tar:localhost/rich:1`))}`, id);
  t.equal(`sha256:${sha256(run("skopeo", "inspect", "--config", "--raw", `oci-archive:${directory}/tsns.tar`))}`, id);

  run(
    "skopeo",
    "copy",
    "--dest-compress-format=gzip",
    "--dest-compress",
    `oci-archive:${directory}/tsns.tar`,
    `oci:${directory}/layout:app:9`,
  );
  run("tar", "-C", `${directory}/layout`, "-cf", `${directory}/layout.tar`, ".");
  const digest = digestIn(`oci:${directory}/layout:app:9`);
  const other = makeRoot(t);
  t.equal(await other.ok(["load", "-i", `${directory}/layout.tar`]), "Loaded image: app:9");
  for (const format of ["docker", "oci"]) {
    await other.ok(["save", "--format", format, "-o", `${directory}/again-${format}.tar`, "app:9"]);
    t.equal(digestIn(`oci-archive:${directory}/again-${format}.tar`), digest, `${format}: the manifest is the one it came with`);
  }
  const zstd = `${directory}/zstd`;
  run("skopeo", "copy", "--dest-compress-format=zstd", "--dest-compress", `oci-archive:${directory}/tsns.tar`, `oci:${zstd}:app:10`);
  run("tar", "-C", zstd, "-cf", `${zstd}.tar`, ".");
  const third = makeRoot(t);
  t.equal(await third.ok(["load", "-i", `${zstd}.tar`]), "Loaded image: app:10");
  await third.ok(["save", "-o", `${directory}/zstd-again.tar`, "app:10"]);
  t.equal(digestIn(`oci-archive:${directory}/zstd-again.tar`), digestIn(`oci:${zstd}:app:10`), "also with zstd");

  await root.ok(["save", "--format", "oci", "-o", `${directory}/oci.tar`, "localhost/rich:1"]);
  run("mkdir", `${directory}/umoci`);
  run("tar", "-C", `${directory}/umoci`, "-xf", `${directory}/oci.tar`);
  run("umoci", "unpack", "--image", `${directory}/umoci:localhost/rich:1`, `${directory}/bundle`);
  const unpacked = run(
    "tar",
    "-C",
    `${directory}/bundle/rootfs`,
    "--format=posix",
    "--numeric-owner",
    "--xattrs",
    "--xattrs-include=security.*",
    "-c",
    ".",
  );
  t.same(treeOfTar(unpacked, stubs), tree, "umoci unpacks the same files");
  run("umoci", "config", "--image", `${directory}/umoci:localhost/rich:1`, "--tag", "mine:1", "--config.env", "A=b");
  run("tar", "-C", `${directory}/umoci`, "-cf", `${directory}/umoci.tar`, ".");
  t.match(await root.ok(["load", "-i", `${directory}/umoci.tar`]), /Loaded image: mine:1/);
  t.same(await treeOf("mine:1"), tree);
});

t.test("an archive is whole or not there, and the same every time", needRoot, async (t) => {
  const { root, directory } = await openScene(t);
  await root.ok(["tag", "localhost/rich:1", "localhost/rich:2"]);
  const { bytes } = await root.tsns(["save", "localhost/rich"]);
  await root.ok(["save", "-o", `${directory}/again.tar`, "localhost/rich:1", "localhost/rich:2"]);
  t.ok(readFileSync(`${directory}/again.tar`).equals(bytes), "a repository stands for its tags");
  for (const [args, said] of [
    [["save", "-o", `${directory}/none/x.tar`, "localhost/rich:1"], /no such file or directory/],
    [["save", "-o", directory, "localhost/rich:1"], /is a directory/],
    [["save", "-o", `${directory}/x.tar`, "localhost/rich:1", "no-such-image"], /No such image: no-such-image/],
    [["save", "-o", `${directory}/x.tar`, "host"], /own file system/],
  ] as const) {
    const refused = await root.tsns(args);
    t.equal(refused.code, 1, args.join(" "));
    t.match(refused.stderr, said);
  }
  t.notOk(existsSync(`${directory}/x.tar`));
  t.match(await root.ok(["save", "--dry-run", "-o", `${directory}/x.tar`, "localhost/rich:1"]), /archive\.write/);
  t.notOk(existsSync(`${directory}/x.tar`));
  const cut = readFileSync(`${directory}/again.tar`).subarray(0, 700_000);
  const damaged = await makeRoot(t).tsns(["load"], { input: cut });
  t.equal(damaged.code, 1);
  t.match(damaged.stderr, /^tsns: the archive/);
});
