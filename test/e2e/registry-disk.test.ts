// A disk that is full under `tsns registry serve`: the push is refused, nothing of it stays, what was there is served, and can be removed.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { makeRoot } from "../fixture/data-root.ts";
import { ask, digestOf, makeManifest, manifestType, serveCommand } from "../fixture/registry-serve.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

t.test("a push that does not fit", needRoot, async (t) => {
  const root = makeRoot(t);
  const data = join(root.path, "data");
  mkdirSync(data);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", data]);
  t.teardown(async () => {
    await root.ok(["--root", data, "system", "reset", "--force"]);
    execFileSync("umount", [data]);
    rmSync(data, { recursive: true });
  });
  const served = await serveCommand({ ...root, start: (args, options) => root.start(["--root", data, ...args], options) });
  const { url } = served;
  const upload = (bytes: Buffer) => ask(url, "POST", `/v2/a/blobs/uploads/?digest=${digestOf(bytes)}`, { body: bytes });
  const small = randomBytes(1 << 20);
  t.equal((await upload(small)).status, 201);
  await upload(Buffer.from("{}"));
  const headers = { "Content-Type": manifestType };
  t.equal((await ask(url, "PUT", "/v2/a/manifests/1", { body: makeManifest("{}", [small]), headers })).status, 201);

  const large = randomBytes(6 << 20);
  const refused = await upload(large);
  t.match(refused, { status: 503, codes: ["UNKNOWN"], headers: { "retry-after": "5" } });
  t.match(refused.body.toString(), /no space left on device/);
  t.notMatch(refused.body.toString(), data, "a client is told no paths");
  await waitFor("it is logged", () => /" 503 .*no space left/.test(served.log()));
  t.same(readdirSync(join(data, "tmp")), [], "nothing of it stays");
  t.equal((await ask(url, "HEAD", `/v2/a/blobs/${digestOf(large)}`)).status, 404);
  t.ok((await ask(url, "GET", `/v2/a/blobs/${digestOf(small)}`)).body.equals(small));

  const chunked = String((await ask(url, "POST", "/v2/a/blobs/uploads/")).headers.location);
  t.equal((await ask(url, "PATCH", chunked, { body: large })).status, 503);
  t.match(await ask(url, "GET", chunked), { status: 404, codes: ["BLOB_UPLOAD_UNKNOWN"] }, "begin again");
  t.equal((await ask(url, "DELETE", "/v2/a/manifests/1")).status, 202);
  t.equal((await upload(randomBytes(100_000))).status, 201, "what fits is taken");
  t.equal(await served.end(), 0);
});

t.test("the data root is reset meanwhile", async (t) => {
  const root = makeRoot(t);
  const { url } = await serveCommand(root, ["--quiet"]);
  const push = async () => {
    await ask(url, "POST", `/v2/a/blobs/uploads/?digest=${digestOf("{}")}`, { body: "{}" });
    return (await ask(url, "PUT", "/v2/a/manifests/1", { body: makeManifest("{}", []), headers: { "Content-Type": manifestType } })).status;
  };
  t.equal(await push(), 201);
  await root.ok(["system", "reset", "--force"]);
  t.same(JSON.parse((await ask(url, "GET", "/v2/_catalog")).body.toString()), { repositories: [] });
  t.equal(await push(), 201);
  t.match(await root.ok(["registry", "ls"]), /^a +1 /m, "other commands see it");
});
