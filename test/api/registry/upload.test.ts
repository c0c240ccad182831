// Uploads in one request and in several, resumed and refused.
import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import t from "tap";
import { digestOf, type ServedHere, serveHere } from "../../fixture/registry-serve.ts";
import { waitFor } from "../../fixture/wait.ts";

const bytes = Buffer.from("the quick brown fox jumps over the lazy dog");
const digest = digestOf(bytes);
const half = bytes.subarray(0, 20);
const rest = bytes.subarray(20);

const begin = async ({ ask }: ServedHere, name = "a/b") => {
  const reply = await ask("POST", `/v2/${name}/blobs/uploads/`);
  if (reply.status !== 202) throw new Error(`no upload: ${reply.status}`);
  return String(reply.headers.location);
};

const leftovers = ({ engine }: ServedHere) => (existsSync(`${engine.root}/tmp`) ? readdirSync(`${engine.root}/tmp`) : []);

t.test("POST then PUT, POST with the body, PATCH then PUT", async (t) => {
  const served = await serveHere(t);
  const { ask } = served;
  const location = await begin(served);
  t.match(location, /^\/v2\/a\/b\/blobs\/uploads\/[0-9a-f]{32}$/);
  const put = await ask("PUT", `${location}?digest=${digest}`, { body: bytes });
  t.match(put, { status: 201, headers: { location: `/v2/a/b/blobs/${digest}`, "docker-content-digest": digest } });
  t.equal((await ask("GET", `/v2/a/b/blobs/${digest}`)).body.toString(), bytes.toString());
  t.match(await ask("PUT", `${location}?digest=${digest}`), { status: 404, codes: ["BLOB_UPLOAD_UNKNOWN"] }, "it has ended");

  t.equal((await ask("POST", `/v2/one/blobs/uploads/?digest=${encodeURIComponent(digest)}`, { body: bytes })).status, 201);

  const streamed = await begin(served, "stream");
  t.match(await ask("PATCH", streamed, { body: bytes }), { status: 202, headers: { range: "0-42" } });
  t.equal((await ask("PUT", `${streamed}?digest=${digest}`)).status, 201);
  t.same(leftovers(served), []);
});

t.test("chunks with their places", async (t) => {
  const served = await serveHere(t);
  const { ask } = served;
  const location = await begin(served);
  t.match(await ask("GET", location), { status: 204, headers: { range: "0-0" } });
  t.match(await ask("PATCH", location, { body: half, headers: { "Content-Range": "0-19" } }), { status: 202, headers: { range: "0-19" } });
  for (const [place, body] of [
    ["0-19", half],
    ["21-43", rest],
  ] as const) {
    const refused = await ask("PATCH", location, { body, headers: { "Content-Range": place } });
    t.match(
      refused,
      { status: 416, codes: ["BLOB_UPLOAD_INVALID"], headers: { range: "0-19", location } },
      `${place} does not go on there`,
    );
  }
  t.match(await ask("PATCH", location, { body: rest, headers: { "Content-Range": "20-21" } }), { status: 400, codes: ["SIZE_INVALID"] });
  t.match(await ask("PATCH", location, { body: rest, headers: { "Content-Range": "x" } }), { status: 400, codes: ["BLOB_UPLOAD_INVALID"] });
  t.match(await ask("GET", location), { status: 204, headers: { range: "0-19" } });
  t.equal((await ask("PUT", `${location}?digest=${digest}`, { body: rest, headers: { "Content-Range": "20-42" } })).status, 201);
});

t.test("wrong digests leave nothing", async (t) => {
  const served = await serveHere(t);
  const { ask } = served;
  const other = digestOf("other");
  const location = await begin(served);
  t.match(await ask("PUT", location, { body: bytes }), { status: 400, codes: ["DIGEST_INVALID"] }, "none given");
  t.match(await ask("PUT", `${location}?digest=${other}`, { body: bytes }), { status: 400, codes: ["DIGEST_INVALID"] });
  t.match(await ask("POST", `/v2/a/b/blobs/uploads/?digest=${other}`, { body: bytes }), { status: 400, codes: ["DIGEST_INVALID"] });
  for (const name of [other, digest]) t.equal((await ask("HEAD", `/v2/a/b/blobs/${name}`)).status, 404);
  t.same(leftovers(served), []);
  t.notOk(existsSync(`${served.engine.root}/blobs/sha256/${digest.slice(7)}`));
  t.equal((await ask("POST", `/v2/a/b/blobs/uploads/?digest=${digest}`, { body: bytes })).status, 201, "again, right this time");
  t.equal((await ask("POST", `/v2/a/b/blobs/uploads/?digest=${digest}`, { body: "x" })).status, 400);
  t.equal((await ask("HEAD", `/v2/a/b/blobs/${digest}`)).status, 200, "what was there stays");
});

t.test("an upload belongs to its repository, and can be given up", async (t) => {
  const served = await serveHere(t);
  const { ask } = served;
  const location = await begin(served);
  t.match(await ask("GET", location.replace("a/b", "c")), { status: 404, codes: ["BLOB_UPLOAD_UNKNOWN"] });
  t.equal((await ask("DELETE", location)).status, 204);
  t.match(await ask("PATCH", location, { body: bytes }), { status: 404, codes: ["BLOB_UPLOAD_UNKNOWN"] });
  t.same(leftovers(served), []);
});

t.test("mounts", async (t) => {
  const { ask, push } = await serveHere(t);
  await push("a/b", bytes);
  const mount = (query: string) => ask("POST", `/v2/c/blobs/uploads/?mount=${query}`);
  t.match(await mount(`${digest}&from=x/y`), { status: 202 }, "x/y does not have it");
  t.equal((await ask("HEAD", `/v2/c/blobs/${digest}`)).status, 404);
  t.match(await mount(`${digest}&from=a/b`), { status: 201, headers: { location: `/v2/c/blobs/${digest}` } });
  t.equal((await ask("GET", `/v2/c/blobs/${digest}`)).body.toString(), bytes.toString());
  t.match(await ask("POST", `/v2/d/blobs/uploads/?mount=${digest}`), { status: 201 }, "from wherever it is");
  t.match(await mount(`${digestOf("x")}&from=a/b`), { status: 202 });
  t.match(await mount("sha256:1&from=a/b"), { status: 400, codes: ["DIGEST_INVALID"] });
});

t.test("too many at once, and those that nobody goes on with", async (t) => {
  let now = 1_000_000;
  const served = await serveHere(t, { uploadsMax: 2, uploadIdleMs: 60_000, nowMs: () => now });
  const first = await begin(served);
  now += 30_000;
  const second = await begin(served);
  t.match(await served.ask("POST", "/v2/a/blobs/uploads/"), { status: 429, codes: ["TOOMANYREQUESTS"], headers: { "retry-after": "5" } });
  now += 30_000;
  await begin(served);
  t.equal((await served.ask("GET", first)).status, 404, "an hour without a word");
  t.equal((await served.ask("GET", second)).status, 204);
  t.equal(leftovers(served).length, 2);
});

t.test("a broken connection goes on where it stopped; a newer one wins over one that stalls", async (t) => {
  const served = await serveHere(t);
  const location = await begin(served);
  const port = Number(new URL(served.base).port);
  const sendHalf = (from: number, part: Buffer) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`PATCH ${location} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nContent-Range: ${from}-${from + 999}\r\n\r\n`);
    socket.write(part);
    return socket;
  };
  const has = (range: string) =>
    waitFor(`the upload has ${range}`, async () => (await served.ask("GET", location)).headers.range === range);
  const broken = sendHalf(0, bytes.subarray(0, 10));
  await has("0-9");
  broken.destroy();
  const stalled = sendHalf(10, bytes.subarray(10, 20));
  await has("0-19");
  const put = await served.ask("PUT", `${location}?digest=${digest}`, { body: rest });
  t.equal(put.status, 201, "the one that stalls is not waited for");
  await waitFor("the stalled connection is closed", () => stalled.destroyed || stalled.closed);
  t.equal((await served.ask("GET", `/v2/a/b/blobs/${digest}`)).body.toString(), bytes.toString());
  t.same(leftovers(served), []);
});

t.test("the end of the server drops what is unfinished", async (t) => {
  const served = await serveHere(t);
  await served.ask("PATCH", await begin(served), { body: half });
  t.equal(leftovers(served).length, 1);
  served.service[Symbol.dispose]();
  t.same(leftovers(served), []);
});
