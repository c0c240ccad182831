// The small members of an archive, and the lists and configurations made here.
import t from "tap";
import { namesOfDescriptor, parseDockerManifest, parseIndex } from "../../src/image/archive.ts";
import { type RenderedImage, renderDockerManifest, renderLayoutIndex, renderRepositories } from "../../src/image/archive-render.ts";
import { renderCommittedConfig } from "../../src/image/committed.ts";
import { emptyConfig, parseImageConfig } from "../../src/image/config.ts";
import { fileNameOf, type ListEntry, renderList } from "../../src/image/manifest-list.ts";
import { parseReference } from "../../src/image/reference.ts";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: digest("2"), sizeBytes: 10 };
const image: RenderedImage = {
  id: digest("1"),
  manifest: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: digest("3"), sizeBytes: 5 },
  layers: [{ diffId: digest("4"), descriptor: layer }],
  references: ["app:1", "localhost:5000/x/app:2"].map(parseReference),
};
const nameless: RenderedImage = { ...image, references: [] };

t.test("docker's members", async (t) => {
  t.same(parseDockerManifest(renderDockerManifest([image, nameless])), [
    {
      configPath: `blobs/sha256/${"1".repeat(64)}`,
      layerPaths: [`blobs/sha256/${"2".repeat(64)}`],
      names: ["app:1", "localhost:5000/x/app:2"],
    },
    { configPath: `blobs/sha256/${"1".repeat(64)}`, layerPaths: [`blobs/sha256/${"2".repeat(64)}`], names: [] },
  ]);
  t.same(JSON.parse(renderRepositories([image]) ?? ""), { app: { 1: "2".repeat(64) }, "localhost:5000/x/app": { 2: "2".repeat(64) } });
  t.equal(renderRepositories([nameless]), undefined);
});

t.test("the layout's index", async (t) => {
  for (const names of ["tag", "full"] as const) {
    const entries = parseIndex(renderLayoutIndex([image, nameless], names), "index.json");
    t.same(entries.map(namesOfDescriptor), [["docker.io/library/app:1"], ["localhost:5000/x/app:2"], []], names);
  }
});

t.test("a committed configuration keeps what it does not know", async (t) => {
  const parent = {
    architecture: "arm64",
    variant: "v8",
    config: { Healthcheck: { Test: ["NONE"] }, Env: ["A=1"] },
    container: "x",
    rootfs: { diff_ids: [digest("5")] },
  };
  const committed = {
    config: { ...emptyConfig, cmd: ["sh"] },
    createdMs: 0,
    diffId: digest("6"),
    createdBy: "sh",
    author: "",
    comment: "c",
  };
  const text = renderCommittedConfig(parent, committed);
  t.match(JSON.parse(text), { architecture: "arm64", variant: "v8", config: { Healthcheck: { Test: ["NONE"] }, Cmd: ["sh"] } });
  t.notMatch(text, /"container"|A=1/);
  t.same(parseImageConfig(text).diffIds, [digest("5"), digest("6")]);
  t.match(parseImageConfig(renderCommittedConfig(parent, { ...committed, diffId: undefined })), {
    diffIds: [digest("5")],
    history: [{ empty_layer: true, comment: "c" }],
  });
});

t.test("manifest lists", async (t) => {
  const platform = { architecture: "arm", os: "linux", variant: "v7", osVersion: "", osFeatures: [] };
  const docker: ListEntry = {
    reference: "localhost/a:1",
    mediaType: "application/vnd.docker.distribution.manifest.v2+json",
    digest: digest("7"),
    bytes: Buffer.from("{}"),
    platform,
  };
  t.equal(fileNameOf("docker.io/library/a:1"), "docker.io_library_a-1");
  const list = JSON.parse(renderList([docker]).bytes.toString());
  t.same(list.manifests, [
    { mediaType: docker.mediaType, size: 2, digest: digest("7"), platform: { architecture: "arm", os: "linux", variant: "v7" } },
  ]);
  t.match(list.mediaType, /manifest\.list\.v2/);
  const oci = { ...docker, mediaType: "application/vnd.oci.image.manifest.v1+json" };
  t.match(renderList([docker, oci]).mediaType, /image\.index/, "docker's list holds docker's manifests alone");
});
