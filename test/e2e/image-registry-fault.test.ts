// Registries that lost bytes or fall silent: one line with reference and cause in bounded time, nothing half-visible, and a retry works.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import { makeTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { type Answer, type Asked, startFake } from "../fixture/fake-registry.ts";
import { startRegistry } from "../fixture/registry.ts";
import { addImage, emptyContent, putContent, serveContent } from "../fixture/registry-content.ts";
import { needRoot } from "../fixture/root.ts";

const note = (text: string, bytes: number) => makeTar([{ path: "note", type: "file", data: text.padEnd(bytes, "0123456789abcdef") }]);
const stored = (tar: Buffer) => gzipSync(tar, { level: 0 });

/** Longer than the registry here, which is this process, may stand still where it is meant to answer. */
const answerSeconds = 3;

/** Settings of a user with little patience. */
function impatient(root: DataRoot, settings: object): Record<string, string> {
  const path = `${root.path}/registries.json`;
  writeFileSync(path, JSON.stringify(settings));
  return { TSNS_REGISTRIES: path };
}

/** Fails with exactly one error line; lines about retries may stand before. */
async function fails(t: Test, root: DataRoot, args: readonly string[], env: Record<string, string>, stderr: RegExp): Promise<void> {
  const outcome = await root.tsns(args, { env });
  t.match(outcome, { code: 1, stderr }, args.join(" "));
  const lines = outcome.stderr.trimEnd().split("\n");
  t.ok(
    lines.slice(0, -1).every((line) => /; try \d+ of \d+ in /.test(line)),
    outcome.stderr,
  );
  t.match(lines.at(-1), stderr, "the reason comes last");
  nothingVisible(t, root);
}

function nothingVisible(t: Test, root: DataRoot): void {
  const left = existsSync(`${root.path}/tmp`) ? readdirSync(`${root.path}/tmp`) : [];
  t.same(left, [], "nothing is left in tmp/");
}

const imagesOf = (root: DataRoot) => root.ok(["images", "--format", "{{.Repository}}"]);

t.test("a blob that was cut in a registry's storage", needRoot, async (t) => {
  const { host, storage } = await startRegistry(t);
  const root = makeRoot(t);
  const content = emptyContent();
  const [layer] = addImage(content, "1", { tars: [note("large", 300_000)], pack: stored }).layers;
  if (!layer) throw new Error("an image of one layer");
  await putContent(host, "team/app", content);
  const hex = layer.digest.slice("sha256:".length);
  const path = `${storage}/docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`;
  const whole = readFileSync(path);
  const expected = new RegExp(
    `^tsns: ${host}/team/app:1 \\(layer ${layer.digest}\\): registry ${host}: truncated: 200000 of ${layer.size} bytes.*push the image there again\\)$`,
    "m",
  );
  truncateSync(path, 200_000);
  await fails(t, root, ["pull", "-q", `${host}/team/app:1`], {}, expected);
  t.equal(await imagesOf(root), "host");
  writeFileSync(path, whole);
  t.match(await root.ok(["pull", `${host}/team/app:1`]), /Downloaded newer image/);
});

t.test("a registry that falls silent under a pull", needRoot, async (t) => {
  const root = makeRoot(t);
  const content = emptyContent();
  const [layer] = addImage(content, "1", { tars: [note("large", 300_000)], pack: stored }).layers;
  if (!layer) throw new Error("an image of one layer");
  let silent: "greeting" | "manifest" | "manifest-half" | "token" | "config" | "layer" | "none" = "none";
  let token = "";
  const { host } = await serveContent(t, content, (request, response) => {
    const { url = "", headers } = request;
    if (url.startsWith("/token")) {
      if (silent !== "token") response.end('{"token": "t"}');
      return true;
    }
    if (silent === "token" && headers.authorization === undefined) {
      response.writeHead(401, { "www-authenticate": `Bearer realm="${token}",service="s"` }).end();
      return true;
    }
    if (silent === "greeting") return true;
    if (silent === "manifest") return url.includes("/manifests/");
    if (silent === "manifest-half" && url.includes("/manifests/")) {
      const bytes = content.manifests.get("1")?.bytes ?? Buffer.alloc(0);
      response.writeHead(200, { "content-length": bytes.length, "content-type": "application/json" }).write(bytes.subarray(0, 50));
      return true;
    }
    if (silent === "config") return url.includes("/blobs/") && !url.endsWith(layer.digest);
    if (silent !== "layer" || !url.endsWith(layer.digest)) return false;
    const at = Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? 0);
    if (at > 0)
      response.writeHead(206, { "content-range": `bytes ${at}-${layer.size - 1}/${layer.size}`, "content-length": layer.size - at });
    else response.writeHead(200, { "content-length": layer.size });
    response.flushHeaders();
    if (at === 0) response.write(content.blobs.get(layer.digest)?.subarray(0, 100_000));
    return true;
  });
  token = `http://${host}/token`;
  const name = `${host}/x:1`;
  const env = impatient(root, { "stall-seconds": 0.1, tries: 1 });
  const [quiet, long] = [0.1, answerSeconds].map((seconds) => `it does not answer: nothing came for ${seconds} s`);
  for (silent of ["greeting", "manifest", "manifest-half"] as const)
    await fails(t, root, ["pull", "-q", name], env, new RegExp(`^tsns: ${name}: registry ${host}: ${quiet}`, "m"));
  silent = "token";
  await fails(t, root, ["pull", "-q", name], env, new RegExp(`^tsns: ${name}: .*${quiet}`, "m"));
  impatient(root, { "stall-seconds": answerSeconds, tries: 1 });
  silent = "config";
  await fails(
    t,
    root,
    ["pull", "-q", name],
    env,
    new RegExp(`^tsns: ${name} \\(configuration sha256:\\S+\\): registry ${host}: ${long}`, "m"),
  );
  silent = "layer";
  impatient(root, { "stall-seconds": answerSeconds, tries: 2 });
  const half = `^tsns: ${name} \\(layer ${layer.digest}\\): registry ${host}: ${long} \\(after 100000 of ${layer.size} bytes, 2 times\\)`;
  await fails(t, root, ["pull", "-q", name], env, new RegExp(half, "m"));
  t.equal(await imagesOf(root), "host");
  silent = "none";
  t.match(await root.ok(["pull", name], { env }), /Downloaded newer image/);
});

t.test("a registry that falls silent under a push", needRoot, async (t) => {
  const root = makeRoot(t);
  writeFileSync(`${root.path}/app.tar`, note("large", 3_000_000));
  await root.ok(["import", `${root.path}/app.tar`, "app:1"]);
  let silent: "look" | "begin" | "upload" | "manifest" = "look";
  const answer: Answer = ({ method, url }: Asked, response) => {
    if (url === "/v2/") return;
    const isManifest = url.includes("/manifests/");
    const phase = isManifest ? "manifest" : method === "HEAD" ? "look" : method === "POST" ? "begin" : "upload";
    if (phase === silent) return;
    if (phase === "look") response.writeHead(404).end();
    else if (phase === "begin") response.writeHead(202, { location: `${url}1` }).end();
    else response.writeHead(201).end();
  };
  const { host } = await startFake(t, answer);
  await root.ok(["tag", "app:1", `${host}/x:1`]);
  const env = impatient(root, { "stall-seconds": 0.2, tries: 1 });
  for (silent of ["look", "begin", "upload", "manifest"] as const)
    await fails(
      t,
      root,
      ["push", "-q", `${host}/x:1`],
      env,
      new RegExp(`^tsns: ${host}/x\\S*: registry ${host}: it does not answer: nothing came for 0.2 s`, "m"),
    );
  const { host: real } = await startRegistry(t);
  await root.ok(["tag", "app:1", `${real}/x:1`]);
  t.match(await root.ok(["push", `${real}/x:1`]), /1: digest: sha256:/);
});

t.test("a registry whose connection takes nothing more", needRoot, async (t) => {
  const root = makeRoot(t);
  // does not pack: the connection's buffers must be too small for it
  writeFileSync(
    `${root.path}/app.tar`,
    makeTar([{ path: "noise", type: "file", data: execFileSync("head", ["-c", "12000000", "/dev/urandom"], { maxBuffer: 2 ** 24 }) }]),
  );
  await root.ok(["import", `${root.path}/app.tar`, "app:1"]);
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => {
    if (request.method === "PUT")
      request.pause(); // and never again
    else if (request.method === "POST") response.writeHead(202, { location: `${request.url}1` }).end();
    else response.writeHead(request.url === "/v2/" ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  await root.ok(["tag", "app:1", `${host}/x:1`]);
  const env = impatient(root, { "stall-seconds": answerSeconds, tries: 1 });
  await fails(t, root, ["push", "-q", `${host}/x:1`], env, new RegExp(`^tsns: ${host}/x@\\S+: registry ${host}: it does not answer`, "m"));
});
