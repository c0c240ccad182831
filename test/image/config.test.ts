// Image configurations: foreign JSON in, the same out, and all that is wrong at once.
import t from "tap";
import { emptyConfig, type ImageDescription, parseImageConfig, recordOf, renderImageConfig } from "../../src/image/config.ts";
import { hostImage, platformArchitecture } from "../../src/image/host.ts";

const diffId = `sha256:${"ab".repeat(32)}`;

t.test("docker's form", async (t) => {
  const image = parseImageConfig(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      created: "2020-09-13T12:26:40.123456789Z",
      config: {
        Hostname: "ignored",
        Env: ["PATH=/bin", "A=b"],
        Cmd: ["sh", "-c", "true"],
        Entrypoint: null,
        WorkingDir: "/w",
        User: "1:2",
        ExposedPorts: { "80/tcp": {} },
        Volumes: { "/data": {} },
        Labels: { a: "b", __proto__x: "c" },
        StopSignal: "SIGINT",
      },
      rootfs: { type: "layers", diff_ids: [diffId] },
      history: [{ created_by: "x", empty_layer: true }],
    }),
  );
  t.equal(image.createdMs, Date.parse("2020-09-13T12:26:40.123Z"));
  t.same(image.diffIds, [diffId]);
  t.same(image.config, {
    env: ["PATH=/bin", "A=b"],
    cmd: ["sh", "-c", "true"],
    entrypoint: [],
    workingDirectory: "/w",
    user: "1:2",
    exposedPorts: ["80/tcp"],
    volumes: ["/data"],
    labels: { a: "b", __proto__x: "c" },
    stopSignal: "SIGINT",
  });
  t.same(parseImageConfig(renderImageConfig(image)), image, "there and back");
});

t.test("the least there can be", async (t) => {
  const image = parseImageConfig("{}");
  t.same(image.config, emptyConfig);
  t.match(image, { createdMs: 0, os: "linux", diffIds: [] });
  t.same(parseImageConfig(renderImageConfig({ ...image })), image);
});

t.test("all problems at once", async (t) => {
  const text = JSON.stringify({ created: "soon", os: 1, config: { Env: "x", Cmd: [1] }, rootfs: { diff_ids: ["md5:1"] }, history: {} });
  t.throws(() => parseImageConfig(text), { kind: "invalid", code: "bad-image-config" });
  for (const word of [/created is not a date/, /os is not a string/, /config\.Env/, /config\.Cmd/, /"md5:1"/, /history/]) {
    t.throws(() => parseImageConfig(text), word);
  }
  for (const bad of ["", "[]", "null", "1", "{"]) t.throws(() => parseImageConfig(bad), { code: "bad-image-config" }, bad);
});

t.test("records", async (t) => {
  const image: ImageDescription = { ...parseImageConfig("{}"), comment: "c" };
  t.match(recordOf("sha256:x", image, 7), { id: "sha256:x", sizeBytes: 7, source: "layers", comment: "c" });
});

t.test("the host image", async (t) => {
  t.match(hostImage, { source: "host", diffIds: [], id: /^sha256:[0-9a-f]{64}$/ });
  t.equal(platformArchitecture("x64"), "amd64");
  t.equal(platformArchitecture("arm64"), "arm64");
});
