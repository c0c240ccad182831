// Blobs on their way up, to registries that break, refuse one long request, or have the blob already.
import t from "tap";
import { type Answer, clientOf, startFake } from "../fixture/fake-registry.ts";

const blob = Buffer.from("0123456789");
const digest = `sha256:${"a".repeat(64)}`;
const start = "/v2/app/blobs/uploads/";

/** An upload session that is kept in `got`; `put` may answer instead. */
function uploading(got: { bytes: Buffer }, before: Answer = () => {}): Answer {
  return (asked, response, request) => {
    before(asked, response, request);
    const { method, url, body } = asked;
    if (url === "/v2/" || response.writableEnded || response.destroyed || request.socket.destroyed) return;
    if (method === "POST") return void response.writeHead(202, { location: "/up?state=1" }).end();
    if (method === "GET") return void response.writeHead(204, { location: "/up?state=2", range: `0-${got.bytes.length - 1}` }).end();
    got.bytes = Buffer.concat([got.bytes, body]);
    if (method === "PATCH") response.writeHead(202, { location: "/up?state=3", range: `0-${got.bytes.length - 1}` }).end();
    else response.writeHead(201).end();
  };
}

t.test("in one piece, its session and digest in the address", async (t) => {
  const got = { bytes: Buffer.alloc(0) };
  const fake = await startFake(t, uploading(got));
  await clientOf(t, fake.host, { scopes: ["pull", "push"] }).putBlob(digest, 10, () => [blob.subarray(0, 4), blob.subarray(4)]);
  t.same(
    fake.asked.map(({ method, url }) => `${method} ${url}`),
    [`POST ${start}`, `PUT /up?state=1&digest=${encodeURIComponent(digest)}`],
  );
  t.same([got.bytes, fake.asked[1]?.headers["content-length"]], [blob, "10"]);
});

t.test("a break begins a new session", async (t) => {
  const got = { bytes: Buffer.alloc(0) };
  let puts = 0;
  const fake = await startFake(
    t,
    uploading(got, ({ method }, _, request) => {
      if (method === "PUT" && ++puts < 3) request.socket.destroy();
    }),
  );
  let opened = 0;
  await clientOf(t, fake.host).putBlob(digest, 10, () => {
    opened += 1;
    return [blob];
  });
  t.same([opened, puts, got.bytes], [3, 3, blob]);
  await t.rejects(
    clientOf(
      t,
      (
        await startFake(
          t,
          uploading(got, ({ method }, response) => method === "PUT" && response.writeHead(500).end()),
        )
      ).host,
    ).putBlob(digest, 10, () => [blob]),
    { code: "registry-failed" },
  );
});

t.test("in chunks where that is set; one that breaks goes on where it was", async (t) => {
  const got = { bytes: Buffer.alloc(0) };
  let patches = 0;
  const fake = await startFake(
    t,
    uploading(got, ({ method, body }, _, request) => {
      if (method !== "PATCH" || ++patches !== 2) return;
      got.bytes = Buffer.concat([got.bytes, body.subarray(0, 1)]);
      request.socket.destroy();
    }),
  );
  await clientOf(t, fake.host, { settings: { chunkBytes: 4 } }).putBlob(digest, 10, () => [blob.subarray(0, 5), blob.subarray(5)]);
  t.same(got.bytes, blob);
  const ranges = fake.asked.filter(({ method }) => method === "PATCH").map(({ headers }) => headers["content-range"]);
  t.same(ranges, ["0-3", "4-7", "5-7", "8-9"]);
});

t.test("in chunks where one long request is refused", async (t) => {
  const got = { bytes: Buffer.alloc(0) };
  const fake = await startFake(
    t,
    uploading(got, ({ method, body }, response) => method === "PUT" && body.length > 0 && response.writeHead(413).end()),
  );
  await clientOf(t, fake.host).putBlob(digest, 10, () => [blob]);
  t.same(got.bytes, blob);
  t.same(
    fake.asked.map(({ method }) => method),
    ["POST", "PUT", "POST", "PATCH", "PUT"],
  );
});

t.test("mounted, or the session that was opened instead is used", async (t) => {
  const fake = await startFake(t, ({ url, method }, response) => {
    if (url === "/v2/") return;
    if (url.includes("mount=")) response.writeHead(url.includes("from=has") ? 201 : 202, { location: "/open" }).end();
    else response.writeHead(method === "PUT" ? 201 : 500).end();
  });
  const registry = clientOf(t, fake.host);
  t.equal(await registry.mountBlob(digest, "has/it"), true);
  t.equal(await registry.mountBlob(digest, "other"), false);
  await registry.putBlob(digest, 10, () => [blob]);
  t.match(fake.asked.at(-1), { method: "PUT", url: /^\/open\?digest=/ });
});

t.test("refused, and without a place to send to", async (t) => {
  const refused = await startFake(t, (_, response) => {
    response.writeHead(403).end('{"errors":[{"code":"DENIED","message":"requested access to the resource is denied"}]}');
  });
  await t.rejects(
    clientOf(t, refused.host).putBlob(digest, 10, () => [blob]),
    {
      kind: "denied",
      code: "registry-denied",
      message: `push access denied for ${refused.host}/app: denied: requested access to the resource is denied`,
    },
  );
  const mute = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(202).end());
  await t.rejects(
    clientOf(t, mute.host).putBlob(digest, 10, () => [blob]),
    { code: "registry-refused", message: /without saying where/ },
  );
});

t.test("refusals that mean one thing only say it", async (t) => {
  for (const [status, hint] of [
    [405, /read-only/],
    [413, /upload-chunk-bytes/],
    [404, /address of a registry/],
  ] as const) {
    const fake = await startFake(t, ({ url, method }, response) => {
      if (url === "/v2/") return;
      if (method === "POST" && status === 413) response.writeHead(202, { location: "/up" }).end();
      else response.writeHead(status).end();
    });
    await t.rejects(
      clientOf(t, fake.host).putBlob(digest, 10, () => [blob]),
      { code: "registry-refused", message: `${fake.host}/app@${digest}: registry ${fake.host} answered ${status}`, hint },
    );
  }
});

t.test("a registry that fails is named once while it is waited for", async (t) => {
  const fake = await startFake(t, ({ url, method }, response) => {
    if (url === "/v2/") return;
    if (method === "POST") response.writeHead(202, { location: "/up" }).end();
    else response.writeHead(500).end();
  });
  const reasons: string[] = [];
  const registry = clientOf(t, fake.host, { onRetry: ({ reason }) => reasons.push(reason) });
  await t.rejects(
    registry.putBlob(digest, 10, () => [blob]),
    { code: "registry-failed" },
  );
  t.same(reasons, [`registry ${fake.host} answered 500`, `registry ${fake.host} answered 500`]);
});

t.test("a source of another length, or one that fails", async (t) => {
  const fake = await startFake(t, uploading({ bytes: Buffer.alloc(0) }));
  const registry = clientOf(t, fake.host);
  for (const size of [9, 11])
    await t.rejects(
      registry.putBlob(digest, size, () => [blob]),
      { kind: "invalid", code: "blob-size" },
    );
  await t.rejects(
    registry.putBlob(digest, 10, function* () {
      yield blob.subarray(0, 1);
      throw new Error("the disk");
    }),
    { message: "the disk" },
  );
});

t.test("a manifest that the registry took for another", async (t) => {
  const other = `sha256:${"1".repeat(64)}`;
  const fake = await startFake(
    t,
    ({ url }, response) => url !== "/v2/" && response.writeHead(201, { "docker-content-digest": other }).end(),
  );
  await t.rejects(clientOf(t, fake.host).putManifest("1", "a/b", blob), { kind: "invalid", code: "manifest-digest-mismatch" });
});
