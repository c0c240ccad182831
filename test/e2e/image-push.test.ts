// Pushing to a registry and what others then pull; digests that stay through save, load and push; manifest lists.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import t from "tap";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { makeDockerArchive, renderTestConfig, sha256 } from "../fixture/docker-archive.ts";
import { startDocker } from "../fixture/dockerd.ts";
import { startRegistry } from "../fixture/registry.ts";
import { needRoot } from "../fixture/root.ts";

const base = makeBusyboxTar();
const image = { layers: [base, makeTar([{ path: "etc/motd", type: "file", data: "pushed\n" }])], tags: ["app:1"] };
const id = `sha256:${sha256(renderTestConfig(image))}`;
const [lower, upper] = image.layers.map((layer) => sha256(layer).slice(0, 12));

const skopeo = (...args: string[]) => execFileSync("skopeo", args, { stdio: ["ignore", "pipe", "pipe"] });
const rawDigest = (source: string) => `sha256:${sha256(skopeo("inspect", "--raw", "--tls-verify=false", `docker://${source}`))}`;

t.test("what was pushed is there, once, and others run it", needRoot, async (t) => {
  const [root, registry] = [makeRoot(t), await startRegistry(t)];
  const { host } = registry;
  await root.ok(["load"], { input: makeDockerArchive([image]) });
  await root.ok(["tag", "app:1", `${host}/team/app:1`]);
  t.match(await root.ok(["push", "--dry-run", `${host}/team/app:1`]), /blob\.push[\s\S]*manifest\.push/);

  const first = (await root.ok(["push", `${host}/team/app:1`])).split("\n");
  t.equal(first[0], `The push refers to repository [${host}/team/app]`);
  t.same(first.slice(1, 3), [`${upper}: Preparing`, `${lower}: Preparing`], "uppermost first");
  t.same(first.slice(3, 5).sort(), [`${lower}: Pushed`, `${upper}: Pushed`].sort());
  const [, digest = "", size = ""] = /^1: digest: (sha256:[0-9a-f]{64}) size: (\d+)$/.exec(first[5] ?? "") ?? [];
  t.equal(rawDigest(`${host}/team/app:1`), digest);
  t.equal(skopeo("inspect", "--raw", "--tls-verify=false", `docker://${host}/team/app:1`).length, Number(size));
  t.equal(`sha256:${sha256(skopeo("inspect", "--config", "--raw", "--tls-verify=false", `docker://${host}/team/app:1`))}`, id);

  const again = await root.ok(["push", `${host}/team/app:1`]);
  t.match(again, new RegExp(`${lower}: Layer already exists`));
  t.match(again, digest, "the same manifest");
  await root.ok(["tag", "app:1", `${host}/other:2`]);
  await root.ok(["tag", "app:1", `${host}/other:3`]);
  const mounted = await root.ok(["push", "-a", `${host}/other`]);
  t.match(mounted, new RegExp(`${lower}: Mounted from team/app[\\s\\S]*\n2: digest: ${digest}[\\s\\S]*\n3: digest: ${digest}`));
  t.equal(await root.ok(["push", "-q", `${host}/other:3`]), `${host}/other:3`);
  t.match(await root.ok(["images", "--digests", `${host}/other`]), digest);

  const docker = await startDocker(t);
  await docker.ok(["pull", "-q", `${host}/team/app:1`]);
  t.equal(await docker.ok(["images", "-q", "--no-trunc"]), id, "docker has the same image");
  await docker.ok(["tag", `${host}/team/app:1`, `${host}/docker:1`]);
  t.match(await docker.ok(["push", `${host}/docker:1`]), "digest: sha256:");
});

t.test("digests stay through pull, save, load and push", needRoot, async (t) => {
  const [root, { host }] = [makeRoot(t), await startRegistry(t)];
  const directory = mkdtempSync("/tmp/tsns-push-");
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(`${directory}/app.tar`, makeDockerArchive([image]));
  for (const format of ["v2s2", "oci"]) {
    skopeo(
      "copy",
      "--dest-tls-verify=false",
      `--format=${format}`,
      `docker-archive:${directory}/app.tar`,
      `docker://${host}/theirs:${format}`,
    );
    const digest = rawDigest(`${host}/theirs:${format}`);
    const here = makeRoot(t);
    await here.ok(["pull", "-q", `${host}/theirs:${format}`]);
    await here.ok(["save", "-o", `${directory}/${format}.tar`, `${host}/theirs:${format}`]);
    await root.ok(["load", "-i", `${directory}/${format}.tar`]);
    await root.ok(["tag", `${host}/theirs:${format}`, `${host}/ours:${format}`]);
    t.match(await root.ok(["push", `${host}/ours:${format}`]), `digest: ${digest}`, format);
    t.equal(rawDigest(`${host}/ours:${format}`), digest);
    await root.ok(["rmi", "-f", await root.ok(["images", "-q", "--no-trunc", `${host}/ours`])]);
  }
});

t.test("what cannot be pushed", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["load"], { input: makeDockerArchive([image]) });
  await root.ok(["tag", "app:1", "127.0.0.1:1/x:1"]);
  for (const [args, said] of [
    [["push", "127.0.0.1:1/none"], /An image does not exist locally with the tag: 127\.0\.0\.1:1\/none/],
    [["push", "-a", "127.0.0.1:1/none"], /An image does not exist locally with the tag: 127\.0\.0\.1:1\/none/],
    [["push", "127.0.0.1:1/x:2"], /^tsns: tag does not exist: 127\.0\.0\.1:1\/x:2 /],
    [["push", "-a", "127.0.0.1:1/x:1"], /tag can't be used with --all-tags/],
    [["push", `127.0.0.1:1/x@sha256:${"0".repeat(64)}`], /cannot push a digest reference/],
    [["push", "Bad Name"], /invalid reference format/],
    [["push", "host"], /own file system/],
    [["push", "127.0.0.1:1/x:1"], /127\.0\.0\.1:1.*refused/],
  ] as const) {
    const refused = await root.tsns(args, { timeoutMs: 30_000 });
    t.equal(refused.code, 1, args.join(" "));
    t.match(refused.stderr, said);
    t.equal(refused.stderr.trimEnd().split("\n").length, 1, "one line");
  }
});

t.test("manifest lists", needRoot, async (t) => {
  const [root, { host }] = [makeRoot(t), await startRegistry(t)];
  const config = mkdtempSync("/tmp/tsns-push-");
  t.teardown(() => rmSync(config, { recursive: true, force: true }));
  const env = { DOCKER_CONFIG: config };
  await root.ok(["load"], { input: makeDockerArchive([image]) });
  for (const name of ["part:one", "elsewhere:two"]) {
    await root.ok(["tag", "app:1", `${host}/${name}`]);
    await root.ok(["push", "-q", `${host}/${name}`]);
  }
  const list = `${host}/part:all`;
  t.equal(await root.ok(["manifest", "create", list, `${host}/part:one`], { env }), `Created manifest list ${list}`);
  const twice = await root.tsns(["manifest", "create", list, `${host}/part:one`], { env });
  t.equal(twice.code, 1);
  t.match(twice.stderr, /refusing to amend an existing manifest list with no --amend flag/);
  await root.ok(["manifest", "create", "--amend", list, `${host}/elsewhere:two`], { env });
  await root.ok(["manifest", "annotate", "--arch", "arm", "--variant", "v7", list, `${host}/elsewhere:two`], { env });
  const local = JSON.parse(await root.ok(["manifest", "inspect", list], { env }));
  t.equal(local.mediaType, "application/vnd.docker.distribution.manifest.list.v2+json");
  t.match(local.manifests, [{ platform: { architecture: "arm", os: "linux", variant: "v7" } }, { platform: { architecture: "amd64" } }]);
  const docker = (...args: string[]) =>
    execFileSync("docker", ["manifest", ...args], { env: { ...process.env, DOCKER_CONFIG: config, DOCKER_CLI_EXPERIMENTAL: "enabled" } });
  t.same(JSON.parse(docker("inspect", list).toString()), local, "docker sees the same list");

  const said = (await root.ok(["manifest", "push", "--purge", list], { env })).split("\n");
  t.match(said[0], /^Pushed ref .*elsewhere:two with digest: sha256:/);
  t.equal(rawDigest(list), said.at(-1));
  const pushed = JSON.parse(await root.ok(["manifest", "inspect", list], { env }));
  t.same(pushed, local, "from the registry, since the local one is forgotten");
  t.equal(JSON.parse(await root.ok(["manifest", "inspect", "-v", list], { env })).length, 2);
  t.match(JSON.parse(await root.ok(["manifest", "inspect", `${host}/part:one`], { env })), { schemaVersion: 2, config: { digest: id } });
  for (const [args, wrong] of [
    [["push", list], /No such manifest/],
    [["rm", list], /No such manifest/],
    [["annotate", list, `${host}/part:one`], /No such manifest/],
    [["create", `${host}/nested:1`, list], /is a manifest list/],
    [["inspect", `${host}/none:1`], /none:1/],
  ] as const) {
    const refused = await root.tsns(["manifest", ...args], { env });
    t.equal(refused.code, 1, args.join(" "));
    t.match(refused.stderr, wrong);
  }
});
