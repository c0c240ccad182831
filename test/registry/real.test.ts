// The client against Debian's docker-registry: everything there and back, with and without TLS and login.
import { randomBytes } from "node:crypto";
import t from "tap";
import { digestOf } from "../../src/registry/manifest.ts";
import { clientOf, readAll } from "../fixture/fake-registry.ts";
import { type RegistryChoice, startRegistry } from "../fixture/registry.ts";

const type = "application/vnd.docker.distribution.manifest.v2+json";
const layer = randomBytes(3_000_000);
const config = Buffer.from("{}");

const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: type,
    config: { mediaType: "application/vnd.docker.container.image.v1+json", size: config.length, digest: digestOf(config) },
    layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", size: layer.length, digest: digestOf(layer) }],
  }),
);

const choices: Readonly<Record<string, RegistryChoice>> = {
  "plain on loopback": {},
  "TLS, client certificates, login": { tls: true, clientCertificate: true, auth: { username: "me", password: "secret" } },
};

for (const [what, choice] of Object.entries(choices)) {
  t.test(what, async (t) => {
    const { host, certificates } = await startRegistry(t, choice);
    const settings = { certificateDirectories: certificates === "" ? [] : [certificates] };
    const scopes = ["pull", "push", "delete"] as const;
    const registry = clientOf(t, host, { scopes, settings, credential: choice.auth });
    await registry.ping();
    const digest = digestOf(layer);

    t.equal(await registry.hasBlob(digest), false);
    await registry.putBlob(digest, layer.length, () => [layer.subarray(0, 1_000_000), layer.subarray(1_000_000)]);
    await registry.putBlob(digestOf(config), config.length, () => [config]);
    t.equal(await registry.hasBlob(digest), true);
    t.ok((await readAll(registry.getBlob(digest, { sizeBytes: layer.length }))).equals(layer));
    t.ok((await readAll(registry.getBlob(digest, { from: 2_500_000 }))).equals(layer.subarray(2_500_000)), "by Range");

    t.same(await registry.putManifest("1", type, manifest), { digest: digestOf(manifest) });
    t.same(await registry.getManifest("1"), { bytes: manifest, mediaType: type, digest: digestOf(manifest) });
    t.same(await registry.headManifest("1"), { digest: digestOf(manifest), mediaType: type, sizeBytes: manifest.length });
    t.same(await registry.listTags(), ["1"]);
    t.same(await registry.listReferrers(digestOf(manifest)), []);

    const other = clientOf(t, host, {
      repository: "other/one",
      scopes,
      settings: { ...settings, chunkBytes: 700_000 },
      credential: choice.auth,
    });
    t.equal(await other.mountBlob(digest, "app"), true);
    t.equal(await other.mountBlob(digestOf(manifest), "app"), false);
    await other.putBlob(digestOf(manifest), manifest.length, () => [manifest]);
    const large = randomBytes(2_000_000);
    await other.putBlob(digestOf(large), large.length, () => [large]);
    t.ok((await readAll(other.getBlob(digestOf(large)))).equals(large), "in chunks");

    await registry.deleteManifest(digestOf(manifest));
    t.equal(await registry.headManifest("1"), undefined);
    if (!choice.auth) return;
    const stranger = clientOf(t, host, { settings, credential: { username: "me", password: "wrong" } });
    await t.rejects(stranger.ping(), {
      kind: "denied",
      code: "registry-denied",
      message: `login to ${host} refused: unauthorized: authentication required`,
    });
  });
}
