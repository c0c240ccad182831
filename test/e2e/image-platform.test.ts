// Images for other platforms, and signatures nobody verifies: what is fetched, what is refused and in which words.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import t from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { addImage, addManifest, emptyContent, serveContent, types } from "../fixture/registry-content.ts";
import { needRoot } from "../fixture/root.ts";

const own = process.arch === "arm64" ? "arm64" : "amd64";
const other = own === "amd64" ? "arm64" : "amd64";
const busybox = makeBusyboxTar();

function makeIndex() {
  const content = emptyContent();
  const entries = [own, other].map((architecture) => {
    const { mediaType, size, digest } = addImage(content, undefined, {
      tars: [busybox],
      pack: gzipSync,
      layerType: `${types.ociLayer}+gzip`,
      manifestType: types.ociManifest,
      configType: types.ociConfig,
      config: { architecture, config: { Cmd: ["echo", architecture] } },
    });
    return { mediaType, size, digest, platform: { os: "linux", architecture } };
  });
  addManifest(content, "1", { schemaVersion: 2, mediaType: types.ociIndex, manifests: entries }, types.ociIndex);
  return content;
}

t.test("run and create: from an index, and an image that is here for another platform is none", needRoot, async (t) => {
  const root = makeRoot(t);
  const { host, requests } = await serveContent(t, makeIndex());
  const name = `${host}/a/b:1`;
  const architecture = () => root.ok(["image", "inspect", "-f", "{{.Architecture}}", name]);
  const run = (...options: string[]) => root.tsns(["run", "--rm", "--network", "none", ...options, name, "true"]);
  const create = (...options: string[]) => root.tsns(["create", "--network", "none", ...options, name]);
  const mismatch = (wanted: string, actual: string) =>
    `image with reference ${name} was found but does not match the specified platform: wanted linux/${wanted}, actual: linux/${actual}`;

  t.match(await create("--platform", `linux/${other}`), { code: 0, stderr: /^Unable to find image .* locally\n/ });
  t.equal(await architecture(), other);
  const ofOther = await create();
  t.equal(
    ofOther.stderr,
    `WARNING: The requested image's platform (linux/${other}) does not match the detected host platform (linux/${own}) and no specific platform was requested\n`,
  );
  t.equal(ofOther.code, 0, "it is taken nevertheless");
  t.match(await create("--platform", other), { code: 0, stderr: "" }, "asked for: no warning");

  requests();
  const never = await run("--platform", `linux/${own}`, "--pull", "never");
  t.equal(never.code, 125);
  t.match(never.stderr, mismatch(own, other));
  t.equal((await create("--platform", own, "--pull", "never")).code, 1);
  t.same(requests(), []);
  t.match(await run("--platform", `linux/${own}`), { code: 0, stderr: /^Unable to find image .* locally\n/ });
  t.equal(await architecture(), own, "the name stands for it now");
  t.match(await run("--platform", `linux/${own}`), { code: 0, stderr: "" });
  t.match(await run(), { code: 0, stderr: "" });
  t.match(await create("--platform", "a/b/c/d"), { code: 1, stderr: /invalid platform "a\/b\/c\/d"/ });
  t.match(await run("--platform", "nonsense"), { code: 125, stderr: /invalid platform "nonsense"/ });

  const id = (await root.ok(["images", "-q", "--no-trunc", name])).slice("sha256:".length);
  t.match(
    await root.tsns(["run", "--rm", "--platform", other, id]),
    { code: 125, stderr: /was found but does not match/ },
    "an id is not pulled",
  );
  const env = { DOCKER_DEFAULT_PLATFORM: `linux/${other}` };
  t.match(await root.tsns(["create", "--pull", "never", name], { env }), { code: 1, stderr: /was found but does not match/ });
  t.match(await root.tsns(["create", "--platform", own, name], { env }), { code: 0, stderr: "" }, "the option wins");
  await root.ok(["pull", "-q", name], { env });
  t.equal(await architecture(), other);
});

t.test("an image that is here for another platform, and a registry that is not", needRoot, async (t) => {
  const root = makeRoot(t);
  const name = "127.0.0.1:1/a/b:1";
  await root.ok(["import", "-", name], { input: busybox });
  const missing = await root.tsns(["run", "--rm", "--platform", other, name, "true"]);
  t.equal(missing.code, 125);
  t.match(missing.stderr, /was found but does not match the specified platform: wanted .*\(it cannot be pulled: .*refused/);
});

t.test("commands on images that are here take --platform as a condition", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["import", "--platform", `linux/${other}`, "-", "x:1"], { input: busybox });
  t.equal(await root.ok(["image", "inspect", "-f", "{{.Architecture}}", "x:1"]), other);
  await root.ok(["import", "--platform", "linux/arm/v6", "-", "arm:6"], { input: busybox });
  t.equal(await root.ok(["image", "inspect", "-f", "{{.Architecture}}{{.Variant}}", "arm:6"]), "armv6");
  const file = `${root.path}/saved.tar`;
  const commands = [["history"], ["image", "inspect"], ["save", "-o", file], ["push"], ["rmi"]];
  for (const words of commands) {
    t.match(
      await root.tsns([...words, "--platform", `linux/${own}`, "x:1"]),
      { code: 1, stderr: /^tsns: image with reference x:1 was found but does not match the specified platform: wanted .*\n$/ },
      words.join(" "),
    );
    t.match(await root.tsns([...words, "--platform", "a/b/c/d", "x:1"]), { code: 1, stderr: /invalid platform/ });
  }
  t.throws(() => readFileSync(file), { code: "ENOENT" });
  await root.ok(["history", "--platform", other, "x:1"]);
  await root.ok(["save", "--platform", other, "-o", file, "x:1"]);
  t.match(await root.ok(["rmi", "--platform", `linux/${own},linux/${other}`, "x:1"]), /^Untagged: x:1\nDeleted: /);
  t.match(await root.tsns(["import", "--platform", "windows/amd64", "-", "w:1"], { input: busybox }), { code: 1, stderr: /windows/ });
});

t.test("signatures are asked for: refused, for tags", needRoot, async (t) => {
  const root = makeRoot(t);
  await root.ok(["import", "-", "x:1"], { input: busybox });
  const env = { DOCKER_CONTENT_TRUST: "1" };
  const refused = /^tsns: \S+ cannot be verified: (--disable-content-trust=false|DOCKER_CONTENT_TRUST=1) asks for signatures/;
  const commands = [["run", "--rm", "--network", "none"], ["create"], ["pull"], ["push"]];
  for (const [word = "", ...options] of commands) {
    const code = word === "run" ? 125 : 1;
    t.match(await root.tsns([word, ...options, "--disable-content-trust=false", "x:1"]), { code, stderr: refused }, word);
    t.match(await root.tsns([word, ...options, "x:1"], { env }), { code, stderr: refused }, word);
  }
  const run = ["run", "--rm", "--network", "none"];
  t.match(await root.tsns([...run, "--disable-content-trust", "x:1", "true"], { env }), { code: 0, stderr: "" });
  t.match(await root.tsns([...run, "x:1", "true"], { env: { DOCKER_CONTENT_TRUST: "0" } }), { code: 0, stderr: "" });
  const id = await root.ok(["images", "-q", "--no-trunc", "x:1"]);
  t.match(await root.tsns([...run, id, "true"], { env }), { code: 0, stderr: "" }, "an id says what it is");
});

t.test("images --tree", needRoot, async (t) => {
  const root = makeRoot(t);
  const id = (await root.ok(["import", "-", "x:1"], { input: busybox })).slice(7, 19);
  await root.ok(["tag", "x:1", "x:2"]);
  await root.ok(["create", "x:1", "true"]);
  const lines = (await root.ok(["images", "--tree", "x"])).split("\n");
  t.match(lines[0], /^IMAGE +ID +DISK USAGE +CONTENT SIZE +EXTRA$/);
  t.match(lines[1], new RegExp(`^x:1 +${id} +\\d\\.\\d+MB +0B +U$`));
  t.match(lines[2], /^x:2 *$/);
  t.match(lines[3], new RegExp(`^└─ linux/${own} +${id} +\\d\\.\\d+MB +0B +U$`));
  t.equal(lines.length, 4);
  for (const option of ["-q", "--no-trunc", "--digests", "--format={{.ID}}"])
    t.match(await root.tsns(["images", "--tree", option]), { code: 125, stderr: /is not yet supported with --tree/ });
});
