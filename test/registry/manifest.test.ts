// Manifests, tags and referrers from registries that answer wrongly, or in several pages.
import { createHash } from "node:crypto";
import t from "tap";
import { manifestMaxBytes } from "../../src/registry/manifest.ts";
import { clientOf, startFake } from "../fixture/fake-registry.ts";

const type = "application/vnd.docker.distribution.manifest.v2+json";
const manifest = Buffer.from('{"schemaVersion":2}');
const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;

t.test("by tag and by digest, as it came", async (t) => {
  const headers = { "content-type": `${type}; charset=utf-8`, "docker-content-digest": digest, "content-length": manifest.length };
  const fake = await startFake(t, (_, response) => response.writeHead(200, headers).end(manifest));
  const registry = clientOf(t, fake.host);
  t.same(await registry.getManifest("1"), { bytes: manifest, mediaType: type, digest });
  t.equal((await registry.getManifest(digest)).digest, digest);
  t.same(await registry.headManifest("1"), { digest, mediaType: type, sizeBytes: manifest.length });
  const long = `sha512:${createHash("sha512").update(manifest).digest("hex")}`;
  t.equal((await registry.getManifest(long)).digest, long, "by another algorithm");
  t.match(fake.asked[0]?.headers.accept, /oci\.image\.index.*manifest\.list.*oci\.image\.manifest.*manifest\.v2/);
});

t.test("a head without digest is made up for", async (t) => {
  const fake = await startFake(t, (_, response) => response.writeHead(200, { "content-type": type }).end(manifest));
  t.same(await clientOf(t, fake.host).headManifest("1"), { digest, mediaType: type, sizeBytes: manifest.length });
});

t.test("not what was asked for", async (t) => {
  const wanted = `sha256:${"0".repeat(64)}`;
  const fake = await startFake(t, (_, response) => response.writeHead(200, { "content-type": type }).end(manifest));
  await t.rejects(clientOf(t, fake.host).getManifest(wanted), {
    kind: "invalid",
    code: "manifest-digest-mismatch",
    message: `${fake.host}/app@${wanted}: the registry sent a manifest with the digest ${digest}, not ${wanted}`,
  });
  const liar = await startFake(t, (_, response) =>
    response.writeHead(200, { "content-type": type, "docker-content-digest": wanted }).end(manifest),
  );
  await t.rejects(clientOf(t, liar.host).getManifest("1"), { code: "manifest-digest-mismatch" });
});

t.test("a web page", async (t) => {
  const fake = await startFake(t, (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"));
  await t.rejects(clientOf(t, fake.host).getManifest("1"), {
    kind: "invalid",
    code: "wrong-media-type",
    message: `${fake.host}/app:1: the registry sent text/html, not a manifest`,
  });
});

t.test("too large, announced or not", async (t) => {
  const fake = await startFake(t, ({ url }, response) => {
    if (url === "/v2/") return;
    const large = Buffer.alloc(manifestMaxBytes + 1, " ");
    response.writeHead(200, { "content-type": type, ...(url.endsWith("/1") ? { "content-length": large.length } : {}) }).end(large);
  });
  const registry = clientOf(t, fake.host);
  for (const tag of ["1", "2"]) {
    await t.rejects(registry.getManifest(tag), {
      kind: "invalid",
      code: "manifest-too-large",
      message: `${fake.host}/app:${tag}: its manifest is larger than 4 MiB`,
    });
  }
});

t.test("not there, in docker's words", async (t) => {
  const body = JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown", detail: { Tag: "1" } }] });
  const fake = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(404).end(body));
  const registry = clientOf(t, fake.host);
  await t.rejects(registry.getManifest("1"), {
    kind: "not-found",
    code: "manifest-not-found",
    message: `manifest for ${fake.host}/app:1 not found: manifest unknown`,
  });
  t.equal(await registry.headManifest("1"), undefined);
  await t.rejects(registry.listTags(), { kind: "not-found", code: "registry-no-repository" });
});

t.test("not there because nothing of the name is, or because it is no registry", async (t) => {
  const body = JSON.stringify({ errors: [{ code: "NAME_UNKNOWN", message: "repository name not known to registry" }] });
  const fake = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(404).end(body));
  await t.rejects(clientOf(t, fake.host).getManifest("1"), {
    code: "manifest-not-found",
    message: `manifest for ${fake.host}/app:1 not found: name unknown: repository name not known to registry`,
  });
  const page = await startFake(
    t,
    ({ url }, response) => url !== "/v2/" && response.writeHead(404, { "content-type": "text/html; charset=utf-8" }).end("<html>"),
  );
  await t.rejects(clientOf(t, page.host).getManifest("1"), {
    message: `manifest for ${page.host}/app:1 not found: the answer is a web page`,
    hint: "is this the address of a registry?",
  });
});

t.test("what a registry says stays one line without control characters", async (t) => {
  const body = JSON.stringify({ errors: [{ code: "DENIED", message: `no\n\u001b[31mway${"x".repeat(500)}` }] });
  const fake = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(418).end(body));
  const error = await clientOf(t, fake.host)
    .getManifest("1")
    .catch((error: Error) => error);
  t.match(error, { message: /answered 418: denied: no \[31mwayx+\.\.\.$/ });
});

t.test("tags over several pages", async (t) => {
  const fake = await startFake(t, ({ url }, response) => {
    if (url === "/v2/") return;
    const isLast = url.includes("last=b");
    if (!isLast) response.setHeader("link", '</v2/app/tags/list?n=2&last=b>; rel="next"');
    response.end(JSON.stringify({ name: "app", tags: isLast ? ["c"] : ["a", "b"] }));
  });
  t.same(await clientOf(t, fake.host).listTags(), ["a", "b", "c"]);
  const empty = await startFake(t, ({ url }, response) => url !== "/v2/" && response.end('{"tags":null}'));
  t.same(await clientOf(t, empty.host).listTags(), []);
  const page = await startFake(t, ({ url }, response) => url !== "/v2/" && response.end("<html>"));
  await t.rejects(clientOf(t, page.host).listTags(), { code: "wrong-media-type" });
});

t.test("referrers from the API, and from the tag of older registries", async (t) => {
  const index = { manifests: [{ digest, mediaType: type, size: 9, artifactType: "a/b" }, { size: 1 }] };
  const expected = [{ digest, mediaType: type, sizeBytes: 9, artifactType: "a/b" }];
  const fresh = await startFake(t, ({ url }, response) => url.includes("/referrers/") && response.end(JSON.stringify(index)));
  t.same(await clientOf(t, fresh.host).listReferrers(digest), expected);
  const old = await startFake(t, ({ url }, response) => {
    if (url === `/v2/app/manifests/${digest.replace(":", "-")}`) {
      response.writeHead(200, { "content-type": "application/vnd.oci.image.index.v1+json" }).end(JSON.stringify(index));
    } else if (url !== "/v2/") response.writeHead(404).end();
  });
  t.same(await clientOf(t, old.host).listReferrers(digest), expected);
  t.same(await clientOf(t, old.host).listReferrers(`sha256:${"0".repeat(64)}`), []);
});

t.test("deleting where that is not allowed", async (t) => {
  const fake = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(405).end());
  await t.rejects(clientOf(t, fake.host).deleteManifest(digest), { kind: "unsupported", code: "registry-no-delete" });
});

t.test("search where there is one", async (t) => {
  const found = { results: [{ name: "x/y", description: "a\nb", star_count: 3, is_official: true }] };
  const fake = await startFake(t, ({ url }, response) => url.startsWith("/v1/search?q=x+y&n=7") && response.end(JSON.stringify(found)));
  t.same(await clientOf(t, fake.host).search("x y", 7), [
    { name: "x/y", description: "a b", starCount: 3, isOfficial: true, isAutomated: false },
  ]);
  const none = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(404).end());
  await t.rejects(clientOf(t, none.host).search("x", 1), { kind: "unsupported", code: "registry-no-search" });
});
