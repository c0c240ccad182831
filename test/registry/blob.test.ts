// A blob's download against a registry that breaks: it goes on where it was, or says what is missing.
import t, { type Test } from "tap";
import { type Answer, clientOf, type FakeRegistry, readAll, startFake } from "../fixture/fake-registry.ts";

const blob = Buffer.alloc(3000, "0123456789");
const digest = `sha256:${"a".repeat(64)}`;

/** Where a request wants to begin. */
const startOf = (range: string | undefined) => Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);

/** Sends up to `perAnswer` bytes of what is asked for and then breaks the connection. */
const breaking =
  (perAnswer: number): Answer =>
  ({ url, headers }, response) => {
    if (url === "/v2/") return;
    const at = startOf(headers.range);
    const rest = blob.subarray(at);
    response.writeHead(at === 0 ? 200 : 206, {
      "content-length": rest.length,
      ...(at === 0 ? {} : { "content-range": `bytes ${at}-${blob.length - 1}/${blob.length}` }),
    });
    if (rest.length <= perAnswer) return void response.end(rest);
    response.write(rest.subarray(0, perAnswer), () => response.destroy());
  };

t.test("goes on by Range where the connection broke", async (t) => {
  const fake = await startFake(t, breaking(1000));
  const retries: string[] = [];
  const registry = clientOf(t, fake.host, { onRetry: ({ attempt, reason }) => retries.push(`${attempt} ${reason}`) });
  t.ok((await readAll(registry.getBlob(digest, { sizeBytes: blob.length }))).equals(blob));
  t.same(
    fake.asked.map(({ headers }) => startOf(headers.range)),
    [0, 1000, 2000],
  );
  t.same(retries, ["2 the connection broke", "3 the connection broke"]);
});

t.test("a registry that is started again meanwhile", async (t) => {
  const settings = { backoffMs: 20, tries: 20 };
  const first = await startFake(t, breaking(1000));
  let again: Promise<unknown> | undefined;
  const registry = clientOf(t, first.host, {
    settings,
    onRetry: ({ reason }) => {
      if (reason === "the connection broke") first.stop();
      else again ??= startFake(t, breaking(5000), undefined, first.port);
    },
  });
  t.ok((await readAll(registry.getBlob(digest, { sizeBytes: blob.length }))).equals(blob));
  t.ok(again, "it was gone in between");
});

t.test("begins where the caller is already", async (t) => {
  const fake = await startFake(t, breaking(5000));
  const got = await readAll(clientOf(t, fake.host).getBlob(digest, { sizeBytes: blob.length, from: 2990 }));
  t.equal(got.toString(), "0123456789");
  t.same(await readAll(clientOf(t, fake.host).getBlob(digest, { sizeBytes: 7, from: 7 })), Buffer.alloc(0), "nothing is left to ask for");
  t.equal(fake.asked.length, 1);
});

t.test("a server that does not know Range: what is here is skipped", async (t) => {
  const fake = await startFake(t, ({ url }, response) => url !== "/v2/" && response.end(blob));
  t.ok((await readAll(clientOf(t, fake.host).getBlob(digest, { from: 1234 }))).equals(blob.subarray(1234)));
});

t.test("too short again and again", async (t) => {
  const fake = await startFake(t, breaking(10));
  await t.rejects(readAll(clientOf(t, fake.host).getBlob(digest, { sizeBytes: blob.length })), {
    kind: "unavailable",
    code: "blob-truncated",
    message: `${fake.host}/app@${digest}: registry ${fake.host}: the connection broke (after 30 of 3000 bytes, 3 times)`,
  });
});

const shorter = (t: Test, fake: FakeRegistry, bytes: number, requests: number, more: object = {}) => {
  const retries: string[] = [];
  const registry = clientOf(t, fake.host, { onRetry: ({ reason }) => retries.push(reason), settings: { tries: 5 } });
  return t
    .rejects(readAll(registry.getBlob(digest, { sizeBytes: 3001, ...more })), {
      kind: "unavailable",
      code: "blob-truncated",
      message: `app:1 (layer): registry ${fake.host}: truncated: ${bytes} of 3001 bytes`,
      hint: /push the image there again/,
    })
    .then(() => {
      t.equal(fake.asked.length, requests, "requests");
      t.equal(retries.length, requests - 1, "waits");
    });
};
const name = "app:1 (layer)";

t.test("too short in the registry, which says so", async (t) => {
  const said = await startFake(t, breaking(5000));
  await shorter(t, said, 3000, 1, { name });
  const later = await startFake(t, breaking(5000));
  await shorter(t, later, 3000, 1, { name, from: 2999 });
});

t.test("too short in the registry, which announces all of it", async (t) => {
  const promised = await startFake(t, ({ url, headers }, response) => {
    if (url === "/v2/") return;
    const at = startOf(headers.range);
    const length = { "content-length": 3001 - at, "content-range": `bytes ${at}-3000/3001` };
    response.writeHead(at === 0 ? 200 : 206, length).flushHeaders();
    if (at === 3000) response.destroy();
    else response.write(blob.subarray(at), () => response.destroy());
  });
  await shorter(t, promised, 3000, 2, { name });
  const refused = await startFake(t, ({ url, headers }, response) => {
    if (url === "/v2/") return;
    if (headers.range) return void response.writeHead(416, { "content-range": "bytes */3000" }).end();
    response.writeHead(200, { "content-length": 3001 }).write(blob, () => response.destroy());
  });
  await shorter(t, refused, 3000, 2, { name });
});

t.test("ends before the size of the manifest, in chunks without a length", async (t) => {
  const fake = await startFake(t, ({ url, headers }, response) => {
    if (url === "/v2/") return;
    if (headers.range) return void response.writeHead(206, { "content-range": "bytes 3000-3000/*" }).end();
    response.write(blob);
    response.end();
  });
  await shorter(t, fake, 3000, 2, { name });
  const refusing = await startFake(t, ({ url, headers }, response) => {
    if (url === "/v2/") return;
    if (headers.range) return void response.writeHead(416).end();
    response.write(blob);
    response.end();
  });
  await shorter(t, refusing, 3000, 2, { name });
});

t.test("a mirror has it too short, the registry all of it", async (t) => {
  const mirror = await startFake(t, breaking(5000));
  const whole = await startFake(t, ({ url }, response) => url !== "/v2/" && response.end(Buffer.alloc(3001, 7)));
  const registry = clientOf(t, whole.host, { settings: { mirrors: { [whole.host]: [`http://${mirror.host}`] } } });
  t.equal((await readAll(registry.getBlob(digest, { sizeBytes: 3001 }))).length, 3001);
  t.equal(mirror.asked.length, 1);
});

t.test("longer than the manifest says", async (t) => {
  const fake = await startFake(t, breaking(5000));
  await t.rejects(readAll(clientOf(t, fake.host).getBlob(digest, { sizeBytes: 2999 })), { kind: "invalid", code: "blob-size" });
});

t.test("another part than was asked for", async (t) => {
  const fake = await startFake(t, ({ url }, response) => {
    if (url !== "/v2/") response.writeHead(206, { "content-range": "bytes 5-9/3000" }).end("56789");
  });
  await t.rejects(readAll(clientOf(t, fake.host).getBlob(digest, { from: 7 })), { kind: "invalid", code: "blob-range" });
});

/** The server is this process: it may stand still for a while where it is to answer. */
const longerThanAPause = 3000;

t.test("one that stalls is broken", async (t) => {
  const fake = await startFake(t, ({ url, headers }, response) => {
    if (url === "/v2/") return;
    const at = startOf(headers.range);
    response.writeHead(at === 0 ? 200 : 206, { "content-length": blob.length - at, "content-range": `bytes ${at}-2999/3000` });
    if (at === 0) response.write(blob.subarray(0, 100));
    else response.end(blob.subarray(at));
  });
  const reasons: string[] = [];
  const registry = clientOf(t, fake.host, { settings: { stallMs: longerThanAPause }, onRetry: ({ reason }) => reasons.push(reason) });
  t.ok((await readAll(registry.getBlob(digest, { sizeBytes: blob.length }))).equals(blob));
  t.same(reasons, ["it stalled"]);
});

t.test("one that never answers", async (t) => {
  const fake = await startFake(t, ({ url }, response) => {
    if (url !== "/v2/") t.teardown(() => response.destroy());
  });
  await t.rejects(clientOf(t, fake.host, { settings: { stallMs: 50, tries: 2 } }).getManifest("1"), {
    kind: "unavailable",
    code: "registry-stalled",
    message: `${fake.host}/app:1: registry ${fake.host}: it does not answer: nothing came for 0.1 s`,
  });
});

t.test("cancelled in the middle", async (t) => {
  const stop = new AbortController();
  const fake = await startFake(t, ({ url }, response) => {
    if (url !== "/v2/") response.writeHead(200, { "content-length": 3000 }).write(blob.subarray(0, 100));
  });
  const blobs = clientOf(t, fake.host, { signal: stop.signal }).getBlob(digest)[Symbol.asyncIterator]();
  t.equal((await blobs.next()).value?.length, 100);
  stop.abort();
  await t.rejects(blobs.next(), { code: "interrupted" });
  await t.rejects(clientOf(t, fake.host, { signal: stop.signal }).getManifest("1"), { code: "interrupted" }, "and nothing begins after it");
});

t.test("not there", async (t) => {
  const fake = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(404).end());
  const registry = clientOf(t, fake.host);
  await t.rejects(readAll(registry.getBlob(digest)), { kind: "not-found", code: "blob-not-found" });
  t.equal(await registry.hasBlob(digest), false);
});
