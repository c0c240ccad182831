// `tsns registry ls` and `rm`: what was pushed, and what goes with the last tag.
import { existsSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { makeRoot } from "../fixture/data-root.ts";
import { ask, digestOf, indexType, makeManifest, manifestType, serveCommand } from "../fixture/registry-serve.ts";

t.test("listed and removed, beside the running server", async (t) => {
  const root = makeRoot(t);
  t.equal(await root.ok(["registry", "ls"]), "REPOSITORY   TAG       DIGEST    PUSHED    SIZE");
  const { url } = await serveCommand(root, ["--quiet"]);
  const push = async (name: string, reference: string, body: string, blobs: readonly string[], type = manifestType) => {
    for (const blob of blobs) await ask(url, "POST", `/v2/${name}/blobs/uploads/?digest=${digestOf(blob)}`, { body: blob });
    const { status } = await ask(url, "PUT", `/v2/${name}/manifests/${reference}`, { body, headers: { "Content-Type": type } });
    t.equal(status, 201, `${name} ${reference}`);
    return digestOf(body);
  };
  const image = makeManifest("{}", ["layer"]);
  const other = makeManifest("{}", ["other layer"]);
  for (const tag of ["1", "latest"]) await push("team/app", tag, image, ["{}", "layer"]);
  await push("b", "1", other, ["{}", "other layer"]);
  const described = (body: string) => ({ mediaType: manifestType, digest: digestOf(body), size: body.length });
  const signature = makeManifest("{}", ["signature"], { subject: described(image), artifactType: "application/x.signature" });
  await push("team/app", digestOf(signature), signature, ["signature"]);
  const index = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [described(image)] });
  await push("team/app", "multi", index, [], indexType);

  const rows = JSON.parse(await root.ok(["registry", "ls", "--json"]));
  t.match(rows, [
    { repository: "b", tag: "1", digest: digestOf(other), sizeBytes: other.length + "{}other layer".length },
    { repository: "team/app", tag: "1", digest: digestOf(image), mediaType: manifestType },
    { tag: "latest" },
    { tag: "<none>", digest: digestOf(signature), artifactType: "application/x.signature" },
    { tag: "multi", digest: digestOf(index), sizeBytes: index.length + image.length + "{}layer".length },
  ]);
  t.equal(await root.ok(["registry", "ls", "-q", "b"]), "b:1");
  t.equal(await root.ok(["registry", "ls", "--format", "{{.Tag}} {{.Digest}}", "--no-trunc", "b"]), `1 ${digestOf(other)}`);

  const file = (bytes: string) => existsSync(join(root.path, "blobs/sha256", digestOf(bytes).slice(7)));
  t.match(await root.ok(["registry", "rm", "--dry-run", "b"]), /repository\.remove/);
  t.equal(await root.ok(["registry", "rm", "team/app:1"]), "Untagged: team/app:1", "another tag leads to it");
  t.equal(await root.ok(["registry", "rm", "team/app:latest"]), "Untagged: team/app:latest", "the index has it");
  t.ok(file("layer") && file(image));
  const last = (await root.ok(["registry", "rm", "team/app:multi"])).split("\n");
  t.same(last[0], "Untagged: team/app:multi");
  t.same(
    last.slice(1).sort(),
    [index, image, signature].map((body) => `Deleted: team/app@${digestOf(body)}`).sort(),
    "with what only it led to",
  );
  t.same([image, index, signature, "layer", "signature"].filter(file), [], "all of it is off the disk");
  t.ok(file("{}") && file("other layer"), "b has them");
  t.equal((await ask(url, "GET", "/v2/team/app/manifests/multi")).status, 404);
  t.equal((await ask(url, "GET", "/v2/b/manifests/1")).status, 200);

  const wrong = await root.tsns(["registry", "rm", "none", "b:9", `b@${digestOf("x")}`, "B", "b:.", "b"]);
  t.equal(wrong.code, 1);
  t.match(wrong.stderr, /none.*registry ls.*\n.*no tag 9.*\n.*b has no sha256.*\n.*"B".*\n.*"\."/);
  t.equal(wrong.stdout, `Untagged: b:1\nDeleted: b@${digestOf(other)}\n`);
  t.same(JSON.parse((await ask(url, "GET", "/v2/_catalog")).body.toString()), { repositories: [] });
  const none = await root.tsns(["registry", "ls", "b"]);
  t.match(none, { code: 1, stderr: /nothing was pushed/ });
});
