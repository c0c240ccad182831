// Images out of Debian's registry: docker's words, what is fetched and what is not, platforms, and every form layers come in.
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { promisify } from "node:util";
import { gzipSync, zstdCompressSync } from "node:zlib";
import t from "tap";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { makeDockerArchive } from "../fixture/docker-archive.ts";
import { startRegistry } from "../fixture/registry.ts";
import { addImage, addManifest, emptyContent, putContent, serveContent, types } from "../fixture/registry-content.ts";
import { needRoot } from "../fixture/root.ts";

const busybox = makeBusyboxTar();
const note = (text: string) => makeTar([{ path: "etc/note", type: "file", data: `${text}\n` }]);
const arch = process.arch === "arm64" ? "arm64" : "amd64";
const otherArch = arch === "amd64" ? "arm64" : "amd64";

t.test("what skopeo pushed is pulled in docker's words", needRoot, async (t) => {
  const { host } = await startRegistry(t);
  const root = makeRoot(t);
  const folder = mkdtempSync(`${tmpdir()}/tsns-pull-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const push = (name: string, layers: readonly Buffer[]) => {
    writeFileSync(`${folder}/image.tar`, makeDockerArchive([{ layers, tags: ["a:1"] }]));
    const [from, to] = [`docker-archive:${folder}/image.tar`, `docker://${host}/${name}`];
    execFileSync("skopeo", ["copy", "-q", "--insecure-policy", "--dest-tls-verify=false", "--digestfile", `${folder}/digest`, from, to]);
    return execFileSync("cat", [`${folder}/digest`], { encoding: "utf8" }).trim();
  };
  const digest = push("team/app:latest", [busybox, note("first")]);
  const head = ["Using default tag: latest", "latest: Pulling from team/app"];
  const tail = (status: string) => [`Digest: ${digest}`, `Status: ${status} for ${host}/team/app:latest`, `${host}/team/app:latest`];

  const lines = (await root.ok(["pull", `${host}/team/app`])).split("\n");
  t.same(lines.slice(0, 2), head);
  t.same(lines.slice(-3), tail("Downloaded newer image"));
  const layers = lines.slice(2, -3);
  const ids = layers.slice(0, 2).map((line) => line.slice(0, 12));
  for (const id of ids) {
    t.same(
      layers.filter((line) => line.startsWith(id)).map((line) => line.slice(12)),
      [": Pulling fs layer", ": Verifying Checksum", ": Download complete", ": Pull complete"],
    );
  }
  t.same(
    layers.slice(-2),
    ids.map((id) => `${id}: Pull complete`),
    "from the lowest up",
  );
  t.equal(await root.ok(["run", "--rm", "--network", "none", `${host}/team/app`, "cat", "/etc/note"]), "first");

  t.same((await root.ok(["pull", `${host}/team/app`])).split("\n"), [...head, ...tail("Image is up to date")]);
  t.equal(await root.ok(["pull", "-q", `${host}/team/app:latest`]), `${host}/team/app:latest`);

  push("team/app:2", [busybox, note("first"), note("second")]);
  const newer = (await root.ok(["pull", `${host}/team/app:2`])).split("\n");
  t.equal(newer.filter((line) => line.endsWith(": Already exists")).length, 2);
  t.equal(newer.filter((line) => line.endsWith(": Pull complete")).length, 1);

  t.same((await root.ok(["pull", `${host}/team/app@${digest}`])).split("\n"), [
    `${host}/team/app@${digest}: Pulling from team/app`,
    `Digest: ${digest}`,
    `Status: Image is up to date for ${host}/team/app@${digest}`,
    `${host}/team/app@${digest}`,
  ]);
  const all = (await root.ok(["pull", "--all-tags", `${host}/team/app`])).split("\n");
  t.same(all.filter((line) => / Pulling from /.test(line)).sort(), ["2: Pulling from team/app", "latest: Pulling from team/app"]);
  t.same(all.slice(-2), [`Status: Image is up to date for ${host}/team/app`, `${host}/team/app`]);
  t.match(await root.tsns(["pull", "-a", `${host}/team/app:2`]), { code: 1, stderr: /--all-tags/ });

  const shown = await root.ok(["pull", "--dry-run", "--explain=sh", `${host}/team/other`], {}).catch((error: Error) => error.message);
  t.match(shown, /not found/, "a dry run asks the registry");
});

t.test("run and create pull what is missing, always or never", needRoot, async (t) => {
  const root = makeRoot(t);
  const content = emptyContent();
  addImage(content, "1", { tars: [busybox, note("one")], pack: gzipSync });
  const { host, requests } = await serveContent(t, content);
  const image = `${host}/a/b:1`;
  const run = (...options: string[]) => root.tsns(["run", "--rm", "--network", "none", ...options, image, "cat", "/etc/note"]);
  t.match(await run("--pull", "never"), { code: 125, stderr: /No such image/ });
  t.same(requests(), []);
  const first = await run();
  t.match(first, { code: 0, stdout: "one\n" });
  const said = first.stderr.split("\n");
  t.same(said.slice(0, 2), [`Unable to find image '${image}' locally`, "1: Pulling from a/b"]);
  t.equal(said.at(-2), `Status: Downloaded newer image for ${image}`);
  t.equal(requests().length, 4, "manifest, configuration, two layers");
  t.match(await run(), { code: 0, stderr: "" });
  t.same(requests(), [], "what is here is not asked for");
  t.match(await run("--pull=always"), { code: 0, stderr: /Image is up to date/ });
  t.same(requests(), ["GET /v2/a/b/manifests/1"], "only the manifest moves");
  t.match(await run("--pull=always", "-q"), { code: 0, stdout: "one\n", stderr: "" });
  requests();
  await root.ok(["rmi", image]);
  t.match(await root.tsns(["create", "--name", "made", image]), { code: 0, stderr: /^Unable to find image .* locally\n/ });
  t.match(await root.tsns(["run", "--rm", "127.0.0.1:1/x/y", "true"]), {
    code: 125,
    stderr: /No such image: .*refused.*tsns image bootstrap/,
  });
  t.match(await root.tsns(["run", "--rm", `${host}/a/b:nosuch`, "true"]), { code: 125, stderr: /not found/ });
});

t.test("an index: by platform, and nothing twice", needRoot, async (t) => {
  const { host } = await startRegistry(t);
  const root = makeRoot(t);
  const content = emptyContent();
  const make = (architecture: string) => {
    const { layers: _, ...manifest } = addImage(content, undefined, {
      tars: [busybox, note(architecture)],
      pack: gzipSync,
      layerType: `${types.ociLayer}+gzip`,
      manifestType: types.ociManifest,
      configType: types.ociConfig,
      config: { architecture },
    });
    return { ...manifest, platform: { os: "linux", architecture } };
  };
  const index = { schemaVersion: 2, mediaType: types.ociIndex, manifests: [make("s390x"), make(otherArch), make(arch)] };
  const { digest } = addManifest(content, "multi", index, types.ociIndex);
  await putContent(host, "p", content);
  const name = `${host}/p:multi`;
  const noteOf = (image: string) => root.ok(["run", "--rm", "--network", "none", image, "cat", "/etc/note"]);
  t.match(await root.ok(["pull", name]), new RegExp(`Digest: ${digest}\nStatus: Downloaded newer image`));
  t.equal(await noteOf(name), arch);
  t.equal(await noteOf(`${host}/p@${digest}`), arch, "the index's digest is a name as well");
  const format = "{{.Architecture}} {{index .RepoDigests 0}}";
  t.equal(await root.ok(["image", "inspect", "-f", format, name]), `${arch} ${host}/p@${digest}`);
  t.match(await root.ok(["pull", "--platform", `linux/${otherArch}`, name]), /Already exists[\s\S]*Downloaded newer image/);
  t.equal(await root.ok(["image", "inspect", "-f", "{{.Architecture}}", name]), otherArch);
  t.match(await root.ok(["pull", name]), /Downloaded newer image/, "the name moves back");
  t.match(await root.tsns(["pull", "--platform", "windows/amd64", name]), {
    code: 1,
    stderr: /no matching manifest for windows.*linux\/s390x/,
  });
  t.match(await root.tsns(["pull", "--platform", "linux/pdp/11/x", name]), { code: 1, stderr: /invalid platform/ });
});

t.test("layers packed by gzip, by zstd and not at all; the same one twice", needRoot, async (t) => {
  const root = makeRoot(t);
  const forms = { gzip: ["+gzip", gzipSync], zstd: ["+zstd", zstdCompressSync], plain: ["", (tar: Buffer) => tar] } as const;
  const content = emptyContent();
  for (const [name, [suffix, pack]] of Object.entries(forms)) {
    const layerType = `${types.ociLayer}${suffix}`;
    const oci = { layerType, manifestType: types.ociManifest, configType: types.ociConfig };
    addImage(content, name, { tars: [busybox, note(name), busybox], pack, ...oci });
  }
  const { host } = await serveContent(t, content);
  for (const name of Object.keys(forms)) {
    t.match(await root.tsns(["pull", `${host}/f:${name}`]), { code: 0, stderr: "" }, name);
    t.equal(await root.ok(["run", "--rm", "--network", "none", `${host}/f:${name}`, "cat", "/etc/note"]), name);
  }
  for (const hex of readdirSync(`${root.path}/blobs/sha256`)) {
    const known = content.blobs.has(`sha256:${hex}`) || content.manifests.has(`sha256:${hex}`);
    t.ok(known, "blobs are kept as they came");
  }
});

t.test("what a dry run shows does the same", needRoot, async (t) => {
  const root = makeRoot(t);
  const content = emptyContent();
  addImage(content, "1", { tars: [note("shown")], pack: gzipSync });
  const { host, requests } = await serveContent(t, content);
  const plan = await root.ok(["pull", "--dry-run", `${host}/d:1`]);
  for (const kind of ["manifest.fetch", "blob.fetch", "layer.unpack", "image.put"]) t.match(plan, kind);
  t.same(readdirSync(root.path), [], "nothing is made");
  const script = await root.ok(["pull", "--dry-run", "--explain=sh", `${host}/d:1`]);
  // this process has to answer meanwhile
  await promisify(execFile)("sh", ["-e", "-c", script]);
  const blobs = new Set([...content.blobs, ...content.manifests].map(([digest]) => digest.replace("sha256:", "")));
  t.same(readdirSync(`${root.path}/blobs/sha256`).sort(), [...blobs].filter((name) => name !== "1").sort());
  requests();
  await root.ok(["pull", `${host}/d:1`]);
  t.same(requests(), ["GET /v2/d/manifests/1"], "blobs that are there are not fetched again");
});
