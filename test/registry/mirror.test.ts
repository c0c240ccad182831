// Mirrors: asked first for what is read, passed over when they fail, never pushed to.
import t from "tap";
import { type Answer, clientOf, startFake } from "../fixture/fake-registry.ts";

const type = "application/vnd.oci.image.manifest.v1+json";
const manifest = Buffer.from('{"schemaVersion":2}');
const digest = "sha256:3ad3ba99b9f7b2f9d1d1d3f4ae1d8a6f3ad3ba99b9f7b2f9d1d1d3f4ae1d8a6f";

const serving: Answer = ({ method }, response) => {
  if (method === "PUT") response.writeHead(201).end();
  else response.writeHead(200, { "content-type": type, "content-length": manifest.length }).end(manifest);
};

t.test("a mirror that has it is enough", async (t) => {
  const [mirror, origin] = [await startFake(t, serving), await startFake(t, serving)];
  const settings = { mirrors: { [origin.host]: [`http://${mirror.host}`] } };
  const registry = clientOf(t, origin.host, { settings, credential: { username: "me", password: "x" } });
  t.equal((await registry.getManifest("1")).mediaType, type);
  t.equal(mirror.asked.length, 1);
  t.same(origin.asked, []);
  await registry.putManifest("1", type, manifest);
  t.same([mirror.asked.length, origin.asked.map(({ method }) => method)], [1, ["PUT"]], "what is pushed goes to the registry itself");
});

const wrong: Readonly<Record<string, Answer>> = {
  "does not have it": (_, response) => response.writeHead(404).end(),
  "wants a login": (_, response) => response.writeHead(401, { "www-authenticate": "Basic" }).end(),
  "is broken": (_, response) => response.writeHead(500).end(),
  "is a web page": (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"),
  "breaks off": (_, __, request) => request.socket.destroy(),
};

for (const [what, answer] of Object.entries(wrong)) {
  t.test(`a mirror that ${what}`, async (t) => {
    const [mirror, origin] = [await startFake(t, answer), await startFake(t, serving)];
    const registry = clientOf(t, origin.host, {
      settings: { mirrors: { [origin.host]: ["http://127.0.0.1:1", `http://${mirror.host}`] } },
    });
    t.equal((await registry.getManifest("1")).mediaType, type, "the registry itself is asked, past one that is down as well");
    t.ok(mirror.asked.length > 0);
    t.match(await registry.headManifest("1"), { mediaType: type, sizeBytes: manifest.length }, "and for the head");
  });
}

t.test("what the mirror sends must have the digest that is asked for", async (t) => {
  const [mirror, origin] = [await startFake(t, serving), await startFake(t, serving)];
  const registry = clientOf(t, origin.host, { settings: { mirrors: { [origin.host]: [`http://${mirror.host}`] } } });
  await t.rejects(registry.getManifest(digest), { kind: "invalid", code: "manifest-digest-mismatch" });
  t.equal(origin.asked.length, 1, "the registry was given its chance");
});

t.test("the registry's own failure is the one that is told", async (t) => {
  const [mirror, origin] = [await startFake(t, serving), await startFake(t, (_, response) => response.writeHead(404).end())];
  const settings = { mirrors: { [origin.host]: ["http://127.0.0.1:1"] } };
  await t.rejects(clientOf(t, origin.host, { settings }).getManifest("1"), { code: "manifest-not-found" });
  t.same(mirror.asked, []);
});
