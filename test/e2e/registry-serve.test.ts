// `tsns registry serve` as a user has it: chunks by curl, a server that is killed, TLS and users, two clients at once, wrong options.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { makeTar } from "../fixture/busybox.ts";
import { makeRoot, outcomeOf } from "../fixture/data-root.ts";
import { makeDockerArchive } from "../fixture/docker-archive.ts";
import { makeCertificates } from "../fixture/registry.ts";
import { ask, digestOf, makeManifest, manifestType, serveCommand } from "../fixture/registry-serve.ts";
import { waitFor } from "../fixture/wait.ts";

function makeFolder(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), "tsns-serve-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function curl(...args: string[]): Promise<string> {
  const child = spawn("curl", ["-sS", "--max-time", "20", ...args], { stdio: "pipe" });
  child.stdin.end();
  const { code, stdout, stderr } = await outcomeOf(child, `curl ${args.join(" ")}`, 25_000);
  if (code !== 0) throw new Error(`curl ${args.join(" ")}: ${code}: ${stderr}`);
  return stdout;
}

t.test("curl: chunks, a resumed upload, ranges of a download", async (t) => {
  const root = makeRoot(t);
  const directory = makeFolder(t);
  const { url } = await serveCommand(root, ["--quiet"]);
  const bytes = randomBytes(3 << 20);
  const at = (name: string) => join(directory, name);
  writeFileSync(at("blob"), bytes);
  writeFileSync(at("first"), bytes.subarray(0, 1 << 20));
  writeFileSync(at("second"), bytes.subarray(1 << 20));
  const digest = digestOf(bytes);

  const begun = await curl("-i", "-X", "POST", `${url}/v2/a/b/blobs/uploads/`);
  const location = `${url}${/^location: (\S+)/im.exec(begun)?.[1]}`;
  const chunk = (file: string, range: string) =>
    curl("-i", "-X", "PATCH", "-H", `Content-Range: ${range}`, "--data-binary", `@${at(file)}`, location);
  t.match(await chunk("first", `0-${(1 << 20) - 1}`), / 202 /);
  // the connection breaks in the middle of the second chunk
  const broken = connect(Number(new URL(url).port), "127.0.0.1");
  broken.on("error", () => {});
  const range = `${1 << 20}-${(3 << 20) - 1}`;
  broken.write(`PATCH ${new URL(location).pathname} HTTP/1.1\r\nHost: x\r\nContent-Length: ${2 << 20}\r\nContent-Range: ${range}\r\n\r\n`);
  broken.write(bytes.subarray(1 << 20, (1 << 20) + 1000));
  const has = async () => Number((await ask(url, "GET", new URL(location).pathname)).headers.range?.replace("0-", "")) + 1;
  await waitFor("part of it has come", async () => (await has()) === (1 << 20) + 1000);
  broken.destroy();
  const from = await has();
  writeFileSync(at("rest"), bytes.subarray(from));
  t.match(await chunk("second", range), / 416 /, "what is there already is not taken again");
  t.match(await chunk("rest", `${from}-${bytes.length - 1}`), / 202 /);
  t.match(await curl("-i", "-X", "PUT", "-H", "Content-Length: 0", `${location}?digest=${digest}`), / 201 /);

  await curl("-r", "0-99999", "-o", at("got"), `${url}/v2/a/b/blobs/${digest}`);
  await curl("-C", "-", "-o", at("got"), `${url}/v2/a/b/blobs/${digest}`);
  t.ok(readFileSync(at("got")).equals(bytes), "a download that goes on is the same");
});

t.test("killed in the middle of an upload: nothing half-visible, the next server serves what was whole", async (t) => {
  const root = makeRoot(t);
  const first = await serveCommand(root);
  const config = "{}";
  await ask(first.url, "POST", `/v2/a/blobs/uploads/?digest=${digestOf(config)}`, { body: config });
  const manifest = makeManifest(config, []);
  await ask(first.url, "PUT", "/v2/a/manifests/1", { body: manifest, headers: { "Content-Type": manifestType } });
  const bytes = randomBytes(1 << 20);
  const location = String((await ask(first.url, "POST", "/v2/a/blobs/uploads/")).headers.location);
  const socket = connect(Number(new URL(first.url).port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`PUT ${location}?digest=${digestOf(bytes)} HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n\r\n`);
  socket.write(bytes.subarray(0, 700_000));
  await waitFor("part of it is on the disk", async () => {
    const { range } = (await ask(first.url, "GET", location)).headers;
    // asking does not interrupt it
    return range === "0-699999";
  });
  await first.end("SIGKILL");
  t.equal(readdirSync(join(root.path, "tmp")).length, 1, "what it left");

  const second = await serveCommand(root, [], first.address);
  t.same(readdirSync(join(root.path, "tmp")), [], "is swept");
  t.equal((await ask(second.url, "HEAD", `/v2/a/blobs/${digestOf(bytes)}`)).status, 404);
  t.match(await ask(second.url, "GET", location), { status: 404, codes: ["BLOB_UPLOAD_UNKNOWN"] });
  t.equal((await ask(second.url, "GET", "/v2/a/manifests/1")).body.toString(), manifest);
  t.equal((await ask(second.url, "POST", `/v2/a/blobs/uploads/?digest=${digestOf(bytes)}`, { body: bytes })).status, 201, "again");
  t.equal(await second.end("SIGINT"), 0);
});

t.test("several clients and another tsns at once", async (t) => {
  const root = makeRoot(t);
  const { url } = await serveCommand(root, ["--quiet"]);
  const push = async (name: string) => {
    const layer = randomBytes(300_000);
    for (const blob of [Buffer.from("{}"), layer]) {
      await ask(url, "POST", `/v2/${name}/blobs/uploads/?digest=${digestOf(blob)}`, { body: blob });
    }
    const headers = { "Content-Type": manifestType };
    return (await ask(url, "PUT", `/v2/${name}/manifests/1`, { body: makeManifest("{}", [layer]), headers })).status;
  };
  const names = Array.from({ length: 8 }, (_, at) => `team/app${at}`);
  const [statuses, images] = await Promise.all([Promise.all(names.map(push)), root.ok(["images", "-q"])]);
  t.same(
    statuses,
    names.map(() => 201),
  );
  t.equal(typeof images, "string");
  // a removal collects what nothing leads to
  await root.ok(["load"], { input: makeDockerArchive([{ layers: [makeTar([])], tags: ["app:1"] }]) });
  await root.ok(["rmi", "app:1"]);
  for (const name of names) {
    const manifest = JSON.parse((await ask(url, "GET", `/v2/${name}/manifests/1`)).body.toString());
    t.equal((await ask(url, "GET", `/v2/${name}/blobs/${manifest.layers[0].digest}`)).status, 200, name);
  }
  t.same(JSON.parse((await ask(url, "GET", "/v2/_catalog")).body.toString()), { repositories: names });
});

t.test("TLS and users", async (t) => {
  const root = makeRoot(t);
  const directory = makeFolder(t);
  makeCertificates(directory);
  const users = join(directory, "users");
  spawnSync("htpasswd", ["-Bbc", users, "ann", "secret"]);
  const tls = ["--tls-cert", join(directory, "server.cert"), "--tls-key", join(directory, "server.key")];
  const { url, log } = await serveCommand(root, [...tls, "--htpasswd", users]);
  t.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const ca = ["--cacert", join(directory, "ca.crt")];
  t.match(await curl(...ca, "-i", `${url}/v2/`), /401.*WWW-Authenticate: Basic.*UNAUTHORIZED/is);
  t.match(await curl(...ca, "-i", "-u", "ann:wrong", `${url}/v2/`), / 401 /);
  t.match(await curl(...ca, "-i", "-u", "ann:secret", `${url}/v2/`), / 200 /);
  await waitFor("it is logged", () => /127\.0\.0\.1 "ann" "GET \/v2\/" 200 /.test(log()));
  t.notMatch(log(), /secret/);
  spawnSync("htpasswd", ["-D", users, "ann"]);
  t.match(await curl(...ca, "-i", "-u", "ann:secret", `${url}/v2/`), / 401 /, "who is taken away is out at once");
});

t.test("wrong options end at once with one line", async (t) => {
  const root = makeRoot(t);
  const directory = makeFolder(t);
  const file = join(directory, "file");
  writeFileSync(file, "nonsense\n");
  const { address } = await serveCommand(root);
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["--listen", "nowhere"], 2, /ADDRESS:PORT/],
    [["--listen", "127.0.0.1:99999"], 2, /ADDRESS:PORT/],
    [["--listen", address], 1, /already in use.*--listen/],
    [["--tls-cert", file], 2, /go together/],
    [["--tls-cert", file, "--tls-key", file], 1, /certificate and key/],
    [["--tls-cert", join(directory, "none"), "--tls-key", file], 1, /none: no such file/],
    [["--htpasswd", file], 1, /line 1.*htpasswd -B/],
    [["--htpasswd", join(directory, "none")], 1, /none: no such file/],
    [["argument"], 2, /takes no arguments/],
  ];
  for (const [args, code, message] of cases) {
    const outcome = await root.tsns(["registry", "serve", ...args], { timeoutMs: 10_000 });
    t.equal(outcome.code, code, args.join(" "));
    t.match(outcome.stderr, message);
    t.equal(outcome.stderr.trimEnd().split("\n").length, 1, "one line");
  }
});
