import t from "tap";
import { digestOf, serveHere } from "../../fixture/registry-serve.ts";

const bytes = Buffer.from("0123456789");

t.test("a blob is read whole, in ranges, by HEAD, and not at all when it is known", async (t) => {
  const { ask, push } = await serveHere(t);
  const digest = await push("a/b", bytes);
  const path = `/v2/a/b/blobs/${digest}`;
  const whole = await ask("GET", path);
  t.equal(whole.status, 200);
  t.equal(whole.body.toString(), "0123456789");
  t.match(whole.headers, { "docker-content-digest": digest, etag: `"${digest}"`, "accept-ranges": "bytes", "content-length": "10" });
  const head = await ask("HEAD", path);
  t.match(head, { status: 200, headers: { "content-length": "10", "docker-content-digest": digest } });
  t.equal(head.body.length, 0);

  const part = await ask("GET", path, { headers: { Range: "bytes=2-4" } });
  t.match(part, { status: 206, headers: { "content-range": "bytes 2-4/10", "content-length": "3" } });
  t.equal(part.body.toString(), "234");
  t.equal((await ask("GET", path, { headers: { Range: "bytes=-2" } })).body.toString(), "89");
  const beyond = await ask("GET", path, { headers: { Range: "bytes=10-" } });
  t.match(beyond, { status: 416, headers: { "content-range": "bytes */10" } });
  const same = { Range: "bytes=2-4", "If-Range": `"${digest}"` };
  t.equal((await ask("GET", path, { headers: same })).status, 206);
  t.equal((await ask("GET", path, { headers: { ...same, "If-Range": '"sha256:other"' } })).status, 200);

  for (const known of [`"${digest}"`, digest, `W/"${digest}", "x"`, "*"]) {
    t.equal((await ask("GET", path, { headers: { "If-None-Match": known } })).status, 304, known);
  }
  t.equal((await ask("GET", path, { headers: { "If-None-Match": '"x"' } })).status, 200);
});

t.test("an empty blob", async (t) => {
  const { ask, push } = await serveHere(t);
  const digest = await push("a", "");
  t.match(await ask("GET", `/v2/a/blobs/${digest}`), { status: 200, headers: { "content-length": "0" } });
  t.equal((await ask("GET", `/v2/a/blobs/${digest}`, { headers: { Range: "bytes=0-" } })).status, 416);
});

t.test("what is not there, and what is no name", async (t) => {
  const { ask, push } = await serveHere(t);
  const digest = await push("a", bytes);
  const cases = [
    [`/v2/b/blobs/${digest}`, 404, "BLOB_UNKNOWN"],
    [`/v2/a/blobs/${digestOf("x")}`, 404, "BLOB_UNKNOWN"],
    ["/v2/a/blobs/sha256:12", 400, "DIGEST_INVALID"],
    [`/v2/a/blobs/sha512:${"0".repeat(128)}`, 400, "DIGEST_INVALID"],
    [`/v2/A/blobs/${digest}`, 400, "NAME_INVALID"],
    [`/v2/a/../b/blobs/${digest}`.replace("..", "%2e%2e"), 400, "NAME_INVALID"],
    [`/v2/${"a".repeat(256)}/blobs/${digest}`, 400, "NAME_INVALID"],
  ] as const;
  for (const [path, status, code] of cases) t.match(await ask("GET", path), { status, codes: [code] }, path);
  t.equal((await ask("GET", `/v2/a/blobs/${digest.replace(":", "%3A")}`)).status, 200, "an escaped colon");
});

t.test("a blob is taken away, but not from under a manifest", async (t) => {
  const { ask, push } = await serveHere(t);
  const digest = await push("a", bytes);
  t.equal((await ask("DELETE", `/v2/a/blobs/${digest}`)).status, 202);
  t.match(await ask("DELETE", `/v2/a/blobs/${digest}`), { status: 404, codes: ["BLOB_UNKNOWN"] });
  t.match(await ask("HEAD", `/v2/a/blobs/${digest}`), { status: 404 });
});
