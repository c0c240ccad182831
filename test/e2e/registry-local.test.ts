// Images of this machine are pulled from `tsns registry serve` though nobody pushed them.
import { gzipSync } from "node:zlib";
import t from "tap";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { makeDockerArchive, makeOciArchive, renderTestConfig, sha256 } from "../fixture/docker-archive.ts";
import { ask, digestOf, serveCommand } from "../fixture/registry-serve.ts";

const layers = [makeTar([{ path: "a", type: "file", data: "a\n" }]), makeTar([{ path: "b", type: "file", data: "b\n" }])];

interface Manifest {
  readonly mediaType?: string;
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

/** Reads an image as a client does, verifying each digest; the manifest. */
async function read(url: string, name: string, tag: string): Promise<{ digest: string; manifest: Manifest }> {
  const got = await ask(url, "GET", `/v2/${name}/manifests/${tag}`);
  if (got.status !== 200) throw new Error(`${name}:${tag}: ${got.status} ${got.body}`);
  const digest = digestOf(got.body);
  if (digest !== got.headers["docker-content-digest"]) throw new Error(`${name}:${tag} is ${digest}`);
  const manifest: Manifest = JSON.parse(got.body.toString());
  for (const blob of [manifest.config, ...manifest.layers]) {
    const { body } = await ask(url, "GET", `/v2/${name}/blobs/${blob.digest}`);
    if (digestOf(body) !== blob.digest) throw new Error(`${blob.digest} is another`);
  }
  return { digest, manifest };
}

t.test("with the manifest it came with, or one that is made", async (t) => {
  const root = makeRoot(t);
  const kept = { layers, tags: ["kept:1"] };
  await root.ok(["load"], { input: makeOciArchive(kept, { pack: (layer) => gzipSync(layer) }) });
  await root.ok(["load"], { input: makeOciArchive({ layers: [makeBusyboxTar()], tags: ["quay.io/plain/app:1"] }) });
  await root.ok(["load"], { input: makeDockerArchive([{ layers, tags: ["made:1"], config: { Cmd: ["b"] } }]) });
  const { url, address } = await serveCommand(root, ["--quiet"]);
  await root.ok(["tag", "made:1", `${address}/own:2`]);
  await root.ok(["tag", "made:1", "other.example:5000/unreachable:1"]);

  const first = await read(url, "kept", "1");
  t.equal(first.manifest.config.digest, `sha256:${sha256(renderTestConfig(kept))}`);
  t.same(
    first.manifest.layers.map(({ digest }) => digest),
    layers.map((layer) => digestOf(gzipSync(layer))),
    "as it was loaded",
  );
  const plain = await read(url, "quay.io/plain/app", "1");
  t.equal(plain.manifest.layers[0]?.digest, digestOf(makeBusyboxTar()), "a layer that came plain stays plain");
  const made = await read(url, "made", "1");
  t.equal((await read(url, "made", "1")).digest, made.digest, "the same the next time");
  t.equal((await read(url, "library/made", made.digest)).digest, made.digest);
  t.equal((await read(url, "own", "2")).digest, made.digest, "tagged for this registry");

  const list = async (path: string) => JSON.parse((await ask(url, "GET", path)).body.toString());
  t.same(await list("/v2/_catalog"), { repositories: ["kept", "made", "own", "quay.io/plain/app"] });
  t.same(await list("/v2/own/tags/list"), { name: "own", tags: ["2"] });
  t.match(await ask(url, "DELETE", "/v2/made/manifests/1"), { status: 405, codes: ["UNSUPPORTED"] });
  t.match(await ask(url, "DELETE", `/v2/made/manifests/${made.digest}`), { status: 405, codes: ["UNSUPPORTED"] });
  t.match(await ask(url, "GET", `/v2/kept/manifests/${made.digest}`), { status: 404 }, "it is in another repository");
  t.match(await ask(url, "GET", "/v2/host/manifests/latest"), { status: 404 }, "this machine itself is no image of layers");

  await root.ok(["rmi", "kept:1"]);
  t.match(await ask(url, "GET", "/v2/kept/manifests/1"), { status: 404, codes: ["MANIFEST_UNKNOWN"] }, "what is removed is gone");
});

t.test("many that ask for an image at once get the same", async (t) => {
  const root = makeRoot(t);
  await root.ok(["load"], { input: makeDockerArchive([{ layers: [makeBusyboxTar()], tags: ["app:1"] }]) });
  const { url } = await serveCommand(root, ["--quiet", "--read-only"]);
  const all = await Promise.all(Array.from({ length: 5 }, () => read(url, "app", "1")));
  t.equal(new Set(all.map(({ digest }) => digest)).size, 1);
});
