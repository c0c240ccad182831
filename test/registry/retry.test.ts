// Registries that are busy or failing for a while, and how long they are waited for.
import t from "tap";
import { backoffMs, parseRetryAfter, renderRetry } from "../../src/registry/retry.ts";
import { clientOf, startFake } from "../fixture/fake-registry.ts";

const manifest = JSON.stringify({ schemaVersion: 2 });
const type = "application/vnd.oci.image.manifest.v1+json";

t.test("429 with Retry-After and 503 are tried again", async (t) => {
  let at = 0;
  const fake = await startFake(t, ({ url }, response) => {
    if (url === "/v2/") return;
    at += 1;
    if (at === 1) response.writeHead(429, { "retry-after": "0" }).end();
    else if (at === 2) response.writeHead(503).end();
    else response.writeHead(200, { "content-type": type }).end(manifest);
  });
  const seen: string[] = [];
  const registry = clientOf(t, fake.host, { onRetry: ({ reason, waitMs }) => seen.push(`${reason} ${waitMs > 0}`) });
  t.equal((await registry.getManifest("1")).bytes.toString(), manifest);
  t.same(seen, ["answered 429 false", "answered 503 true"]);
});

t.test("a registry that wants more patience than is bearable, and one that stays broken", async (t) => {
  const busy = await startFake(t, (_, response) => {
    response.writeHead(429, { "retry-after": "3600" }).end('{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}');
  });
  await t.rejects(clientOf(t, busy.host).listTags(), {
    kind: "unavailable",
    code: "registry-busy",
    message: `${busy.host}/app: registry ${busy.host}: too many requests: toomanyrequests: slow down`,
  });
  t.equal(busy.asked.length, 1);
  const broken = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(500).end("<html>"));
  await t.rejects(clientOf(t, broken.host).listTags(), { kind: "unavailable", code: "registry-failed", message: /answered 500$/ });
  t.equal(broken.asked.length, 3, "as often as the settings say");
});

t.test("a connection that breaks before the answer", async (t) => {
  let at = 0;
  const fake = await startFake(t, ({ url }, response, request) => {
    if (url === "/v2/") return;
    at += 1;
    if (at < 3) request.socket.destroy();
    else response.writeHead(200, { "content-type": type }).end(manifest);
  });
  t.equal((await clientOf(t, fake.host).getManifest("1")).mediaType, type);
});

t.test("a manifest that breaks off is fetched again", async (t) => {
  let at = 0;
  const fake = await startFake(t, ({ url }, response) => {
    if (url === "/v2/") return;
    at += 1;
    response.writeHead(200, { "content-type": type, "content-length": manifest.length });
    if (at === 1) response.write(manifest.slice(0, 5), () => response.destroy());
    else response.end(manifest);
  });
  t.equal((await clientOf(t, fake.host).getManifest("1")).bytes.toString(), manifest);
});

t.test("waiting for the next try ends with the signal", async (t) => {
  const stop = new AbortController();
  const fake = await startFake(t, ({ url }, response) => url !== "/v2/" && response.writeHead(503).end());
  const registry = clientOf(t, fake.host, { signal: stop.signal, settings: { backoffMs: 60_000 }, onRetry: () => stop.abort() });
  await t.rejects(registry.listTags(), { code: "interrupted" });
});

t.test("how long", async (t) => {
  const patience = { tries: 5, backoffMs: 500 };
  const waits = [2, 3, 4, 5, 9].map((attempt) => backoffMs(patience, attempt, () => 0));
  t.same(waits, [500, 1000, 2000, 4000, 10_000]);
  t.equal(
    backoffMs(patience, 2, () => 1),
    625,
  );
  t.equal(parseRetryAfter("7", 0), 7000);
  t.equal(parseRetryAfter("Thu, 01 Jan 1970 00:00:09 GMT", 4000), 5000);
  t.equal(parseRetryAfter("Thu, 01 Jan 1970 00:00:09 GMT", 40_000), 0);
  t.equal(parseRetryAfter("soon", 0), undefined);
  t.equal(parseRetryAfter(undefined, 0), undefined);
  t.equal(renderRetry({ name: "a/b:1", attempt: 2, of: 5, waitMs: 500, reason: "it stalled" }), "a/b:1: it stalled; try 2 of 5 in 0.5 s");
});
