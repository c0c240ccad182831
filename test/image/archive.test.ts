// Indexes of image archives.
import t from "tap";
import { blobMember, cleanMember, namesOfDescriptor, parseDockerManifest, parseIndex, parseManifest } from "../../src/image/archive.ts";

const digest = `sha256:${"12".repeat(32)}`;

t.test("docker's manifest.json", async (t) => {
  const text = JSON.stringify([
    { Config: "c.json", RepoTags: ["a:1", "b:2"], Layers: ["x/layer.tar", "./y//layer.tar"] },
    { Config: "d.json", RepoTags: null, Layers: [] },
  ]);
  t.same(parseDockerManifest(text), [
    { configPath: "c.json", layerPaths: ["x/layer.tar", "y/layer.tar"], names: ["a:1", "b:2"] },
    { configPath: "d.json", layerPaths: [], names: [] },
  ]);
  for (const bad of [
    "",
    "{}",
    "[]",
    "[1]",
    '[{"Config": 1}]',
    '[{"Config": "c", "Layers": "x"}]',
    '[{"Config": "c", "Layers": [], "RepoTags": 1}]',
  ]) {
    t.throws(() => parseDockerManifest(bad), { code: "bad-archive" }, bad);
  }
});

t.test("the OCI layout", async (t) => {
  const annotations = { "org.opencontainers.image.ref.name": "latest", "io.containerd.image.name": "docker.io/library/x:1" };
  const [first, second] = parseIndex(
    JSON.stringify({
      manifests: [
        { digest, mediaType: "m", annotations },
        { digest, platform: { os: "linux", architecture: "arm64" } },
      ],
    }),
    "index.json",
  );
  t.ok(first && second);
  if (!first || !second) return;
  t.same(namesOfDescriptor(first), ["docker.io/library/x:1"]);
  t.same(second.platform, { os: "linux", architecture: "arm64" });
  t.same(
    namesOfDescriptor({ ...second, annotations: { "org.opencontainers.image.ref.name": "latest" } }),
    [],
    "a bare tag names no repository",
  );
  t.same(namesOfDescriptor({ ...second, annotations: { "org.opencontainers.image.ref.name": "app:2" } }), ["app:2"]);
  t.same(parseManifest(JSON.stringify({ config: { digest }, layers: [{ digest }, { digest, mediaType: "t" }] }), "m"), {
    config: digest,
    layers: [digest, digest],
    layerTypes: ["", "t"],
  });
  t.equal(blobMember(digest), `blobs/sha256/${"12".repeat(32)}`);
  for (const bad of ["", "[]", "{}", '{"manifests": [{}]}', '{"manifests": [{"digest": "sha256:../../x"}]}']) {
    t.throws(() => parseIndex(bad, "index.json"), { code: "bad-archive", message: /index\.json/ }, bad);
  }
  for (const bad of ["{}", '{"layers": []}', `{"config": {"digest": "${digest}"}, "layers": [1]}`]) {
    t.throws(() => parseManifest(bad, "m"), { code: "bad-archive" }, bad);
  }
});

t.test("member names stay inside", async (t) => {
  t.equal(cleanMember("./a//b/../c"), "a/c");
  t.equal(cleanMember("../../etc/passwd"), "etc/passwd");
});
