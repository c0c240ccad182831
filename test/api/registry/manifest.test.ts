import t from "tap";
import { digestOf, indexType, makeManifest, manifestType, type ServedHere, serveHere } from "../../fixture/registry-serve.ts";

const [config, layer] = ["{}", "layer"];
const text = makeManifest(config, [layer]);
const digest = digestOf(text);
const typed = { "Content-Type": manifestType };

/** An image in a repository. */
async function pushImage({ ask, push }: ServedHere, name: string, tag: string, body = text) {
  for (const blob of [config, layer]) await push(name, blob);
  return await ask("PUT", `/v2/${name}/manifests/${tag}`, { body, headers: typed });
}

t.test("a manifest is pushed, and fetched byte for byte by tag and digest", async (t) => {
  const served = await serveHere(t);
  const { ask } = served;
  const put = await pushImage(served, "a/b", "1");
  t.match(put, { status: 201, headers: { "docker-content-digest": digest, location: `/v2/a/b/manifests/${digest}` } });
  for (const reference of ["1", digest]) {
    const got = await ask("GET", `/v2/a/b/manifests/${reference}`);
    t.match(got, { status: 200, headers: { "content-type": manifestType, "docker-content-digest": digest } });
    t.equal(got.body.toString(), text);
    t.match(await ask("HEAD", `/v2/a/b/manifests/${reference}`), { status: 200, headers: { "content-length": `${text.length}` } });
    t.equal((await ask("GET", `/v2/a/b/manifests/${reference}`, { headers: { "If-None-Match": `"${digest}"` } })).status, 304);
  }
  t.match(await ask("GET", "/v2/other/manifests/1"), { status: 404, codes: ["MANIFEST_UNKNOWN"] });
  t.match(await ask("GET", `/v2/other/manifests/${digest}`), { status: 404, codes: ["MANIFEST_UNKNOWN"] });
});

t.test("what is refused, with nothing left of it", async (t) => {
  const served = await serveHere(t);
  const { ask, push } = served;
  const put = (body: string | Buffer, reference = "1", headers: Record<string, string> = typed) =>
    ask("PUT", `/v2/a/manifests/${reference}`, { body, headers });
  const missing = await put(text);
  t.match(missing, { status: 400, codes: ["MANIFEST_BLOB_UNKNOWN", "MANIFEST_BLOB_UNKNOWN"] });
  t.match(missing.body.toString(), digestOf(layer), "each missing blob is named");
  for (const blob of [config, layer]) await push("a", blob);
  const cases = [
    [await put("no json"), "MANIFEST_INVALID"],
    [await put('{"schemaVersion":1}'), "MANIFEST_INVALID"],
    [await put(text, "1", { "Content-Type": indexType }), "MANIFEST_INVALID"],
    [await put(text, "1", { "Content-Type": "application/vnd.other" }), "MANIFEST_INVALID"],
    [await put(text, digestOf("x")), "DIGEST_INVALID"],
    [await put(text, "sha256:1"), "DIGEST_INVALID"],
    [await put(text, ".tag"), "TAG_INVALID"],
    [await put(makeManifest(config, [layer]).replace(`"size":${layer.length}`, '"size":4')), "SIZE_INVALID"],
  ] as const;
  for (const [reply, code] of cases) t.match(reply, { status: 400, codes: [code] }, code);
  const large = await put(Buffer.alloc((4 << 20) + 1, " "));
  t.match(large, { status: 413, codes: ["MANIFEST_INVALID"] });
  t.match(await ask("GET", "/v2/b/tags/list"), { status: 404, codes: ["NAME_UNKNOWN"] });
});

t.test("an index needs its manifests", async (t) => {
  const served = await serveHere(t);
  const { ask } = served;
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: indexType,
    manifests: [{ mediaType: manifestType, digest, size: text.length, platform: { os: "linux", architecture: "amd64" } }],
  });
  const put = () => ask("PUT", "/v2/a/manifests/multi", { body: index, headers: { "Content-Type": indexType } });
  t.match(await put(), { status: 400, codes: ["MANIFEST_BLOB_UNKNOWN"] });
  await pushImage(served, "a", "1");
  t.equal((await put()).status, 201);
  t.match(await ask("GET", "/v2/a/manifests/multi"), { status: 200, headers: { "content-type": indexType } });
});

t.test("layers from elsewhere need not be here", async (t) => {
  const { ask, push } = await serveHere(t);
  await push("a", config);
  const foreign = { mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", digest: digestOf("w"), size: 1 };
  const body = (urls: readonly string[]) => JSON.stringify({ ...JSON.parse(text), layers: [{ ...foreign, urls }] });
  t.equal((await ask("PUT", "/v2/a/manifests/1", { body: body(["https://example.com/w"]), headers: typed })).status, 201);
  t.match(await ask("PUT", "/v2/a/manifests/2", { body: body([]), headers: typed }), { status: 400, codes: ["MANIFEST_BLOB_UNKNOWN"] });
});

t.test("tags and manifests are deleted", async (t) => {
  const served = await serveHere(t);
  const { ask } = served;
  for (const tag of ["1", "2"]) await pushImage(served, "a", tag);
  t.match(await ask("DELETE", `/v2/a/blobs/${digestOf(layer)}`), { status: 405, codes: ["UNSUPPORTED"] }, "the manifest needs it");
  t.equal((await ask("DELETE", "/v2/a/manifests/1")).status, 202);
  t.match(await ask("DELETE", "/v2/a/manifests/1"), { status: 404, codes: ["MANIFEST_UNKNOWN"] });
  t.equal((await ask("GET", "/v2/a/manifests/2")).status, 200, "a tag only");
  t.equal((await ask("DELETE", `/v2/a/manifests/${digest}`)).status, 202);
  for (const reference of ["2", digest]) t.equal((await ask("GET", `/v2/a/manifests/${reference}`)).status, 404);
  t.match(await ask("GET", "/v2/_catalog"), { body: Buffer.from('{"repositories":[]}\n') });
});

t.test("a tag moves", async (t) => {
  const served = await serveHere(t);
  await pushImage(served, "a", "1");
  const second = makeManifest(config, [layer], { annotations: { version: "2" } });
  await pushImage(served, "a", "1", second);
  t.equal((await served.ask("GET", "/v2/a/manifests/1")).body.toString(), second);
  t.equal((await served.ask("GET", `/v2/a/manifests/${digest}`)).body.toString(), text, "the old one stays, by its digest");
});

t.test("referrers", async (t) => {
  const served = await serveHere(t);
  const { ask } = served;
  await pushImage(served, "a", "1");
  const subject = { mediaType: manifestType, digest, size: text.length };
  const signature = makeManifest(config, [layer], { subject, artifactType: "application/x.signature", annotations: { by: "ann" } });
  const report = makeManifest(config, [], { subject });
  const put = await pushImage(served, "a", digestOf(signature), signature);
  t.match(put, { status: 201, headers: { "oci-subject": digest } });
  await pushImage(served, "a", digestOf(report), report);
  const list = async (query = "") => {
    const reply = await ask("GET", `/v2/a/referrers/${digest}${query}`);
    t.match(reply, { status: 200, headers: { "content-type": indexType } });
    return { reply, manifests: JSON.parse(reply.body.toString()).manifests as { digest: string; artifactType: string }[] };
  };
  const all = await list();
  t.match(
    all.manifests.sort((a, b) => a.artifactType.localeCompare(b.artifactType)),
    [
      { digest: digestOf(report), artifactType: "application/vnd.oci.image.config.v1+json", size: report.length },
      { digest: digestOf(signature), artifactType: "application/x.signature", annotations: { by: "ann" } },
    ],
  );
  const filtered = await list("?artifactType=application/x.signature");
  t.equal(filtered.manifests.length, 1);
  t.equal(filtered.reply.headers["oci-filters-applied"], "artifactType");
  const none = await ask("GET", `/v2/a/referrers/${digestOf("none")}`);
  t.match(JSON.parse(none.body.toString()), { schemaVersion: 2, mediaType: indexType, manifests: [] });
  t.equal((await ask("DELETE", `/v2/a/manifests/${digestOf(signature)}`)).status, 202);
  t.equal((await list()).manifests.length, 1);
});
