// Real clients against the shipped registry: skopeo, podman and docker push, pull, list, inspect and delete, and get what one machine has.
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { makeRoot, outcomeOf } from "../fixture/data-root.ts";
import { makeDockerArchive, renderTestConfig, sha256 } from "../fixture/docker-archive.ts";
import { startDocker } from "../fixture/dockerd.ts";
import { makeCertificates } from "../fixture/registry.ts";
import { ask, serveCommand } from "../fixture/registry-serve.ts";

const image = {
  layers: [makeBusyboxTar(), makeTar([{ path: "hello", type: "file", data: "hello\n" }])],
  tags: ["app:1"],
};
const imageId = `sha256:${sha256(renderTestConfig(image))}`;

function makeFolder(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), "tsns-registry-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, "app.tar"), makeDockerArchive([image]));
  return directory;
}

/** Runs a client with a home of its own; throws with what it said unless it succeeds. */
async function run(home: string, program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home }, stdio: "pipe" });
  child.stdin.end();
  const { code, stdout, stderr } = await outcomeOf(child, `${program} ${args.join(" ")}`, 30_000);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${code}\n${stdout}${stderr}`);
  return stdout.trim();
}

t.test("skopeo", async (t) => {
  const root = makeRoot(t);
  const directory = makeFolder(t);
  const { address, url, end, log } = await serveCommand(root);
  const skopeo = (...args: string[]) => run(directory, "skopeo", ["--insecure-policy", ...args]);
  const plain = ["--src-tls-verify=false", "--dest-tls-verify=false"];
  await skopeo("copy", ...plain, `docker-archive:${directory}/app.tar`, `docker://${address}/team/app:1`);
  const seen = JSON.parse(await skopeo("inspect", "--tls-verify=false", `docker://${address}/team/app:1`));
  t.match(seen, { Name: `${address}/team/app`, RepoTags: ["1"], Layers: { length: 2 } });
  t.match(JSON.parse(await skopeo("list-tags", "--tls-verify=false", `docker://${address}/team/app`)), { Tags: ["1"] });

  await skopeo("copy", ...plain, `docker://${address}/team/app:1`, `docker://${address}/other/app:2`);
  t.match(log(), /POST \/v2\/other\/app\/blobs\/uploads\/\?from=team%2Fapp&mount=\S+" 201/, "layers are mounted, not sent");
  const copied = JSON.parse(await skopeo("inspect", "--tls-verify=false", `docker://${address}/other/app:2`));
  t.equal(copied.Digest, seen.Digest);
  await skopeo("copy", ...plain, "--format=oci", `docker://${address}/team/app:1`, `docker://${address}/oci/app:1`);
  await skopeo("copy", ...plain, `docker://${address}/oci/app:1`, `oci:${directory}/layout:1`);

  await skopeo("delete", "--tls-verify=false", `docker://${address}/team/app:1`);
  t.equal((await ask(url, "GET", "/v2/team/app/manifests/1")).status, 404);
  t.equal((await ask(url, "GET", "/v2/other/app/manifests/2")).status, 200, "the other repository has its own");
  t.equal(await end(), 0);
});

t.test("podman pushes and pulls", async (t) => {
  const root = makeRoot(t);
  const directory = makeFolder(t);
  const { address } = await serveCommand(root);
  const own = [`--root=${directory}/storage`, `--runroot=${directory}/run`, `--tmpdir=${directory}/tmp`];
  const podman = (...args: string[]) => run(directory, "podman", [...own, "--storage-driver=vfs", ...args]);
  await podman("load", "-q", "-i", `${directory}/app.tar`);
  await podman("push", "-q", "--tls-verify=false", "localhost/app:1", `docker://${address}/podman/app:1`);
  await podman("rmi", "-a", "-f");
  t.equal(await podman("pull", "-q", "--tls-verify=false", `${address}/podman/app:1`), imageId.slice("sha256:".length));
});

t.test("docker pushes, pulls, and pulls what tsns has loaded", async (t) => {
  const root = makeRoot(t);
  const directory = makeFolder(t);
  const { address } = await serveCommand(root);
  const { docker, ok } = await startDocker(t);
  await ok(["load", "-i", `${directory}/app.tar`]);
  await ok(["tag", "app:1", `${address}/docker/app:1`]);
  const pushed = /digest: (sha256:[0-9a-f]{64})/.exec(await ok(["push", `${address}/docker/app:1`]))?.[1];
  await ok(["rmi", "app:1", `${address}/docker/app:1`]);
  t.match(await ok(["pull", `${address}/docker/app:1`]), `Digest: ${pushed}`);
  t.equal(await ok(["image", "inspect", "--format", "{{.Id}}", `${address}/docker/app:1`]), imageId);
  await ok(["rmi", `${address}/docker/app:1`]);

  await root.ok(["load", "-i", `${directory}/app.tar`]);
  await root.ok(["tag", "app:1", `${address}/mine:2`]);
  for (const name of ["app:1", "library/app:1", "mine:2"]) {
    await ok(["pull", `${address}/${name}`]);
    t.equal(await ok(["image", "inspect", "--format", "{{.Id}}", `${address}/${name}`]), imageId, name);
  }
  const missing = await docker(["pull", `${address}/app:9`]);
  t.not(missing.code, 0);
  t.match(missing.stderr, /manifest unknown/);
});

t.test("skopeo with a certificate of its own authority and a user; two tsns with each other", async (t) => {
  const root = makeRoot(t);
  const other = makeRoot(t);
  const directory = makeFolder(t);
  makeCertificates(directory);
  execFileSync("htpasswd", ["-Bbc", join(directory, "users"), "ann", "secret"], { stdio: "ignore" });
  mkdirSync(join(directory, "trust"));
  copyFileSync(join(directory, "ca.crt"), join(directory, "trust/ca.crt"));
  const tls = ["--tls-cert", join(directory, "server.cert"), "--tls-key", join(directory, "server.key")];
  const secure = await serveCommand(root, [...tls, "--htpasswd", join(directory, "users")]);
  const copy = (...args: string[]) => run(directory, "skopeo", ["--insecure-policy", "copy", ...args]);
  const target = `docker://${secure.address}/app:1`;
  const source = `docker-archive:${directory}/app.tar`;
  await t.rejects(copy("--dest-cert-dir", join(directory, "trust"), source, target), /authentication required|unauthorized/i);
  await t.rejects(copy("--dest-creds=ann:secret", source, target), /certificate/);
  await copy("--dest-cert-dir", join(directory, "trust"), "--dest-creds=ann:secret", source, target);
  t.match(await root.ok(["registry", "ls", "--format", "{{.Repository}}:{{.Tag}}"]), "app:1");
  t.equal(await secure.end(), 0);

  const { address } = await serveCommand(root, ["--quiet"]);
  await other.ok(["pull", `${address}/app:1`]);
  t.equal(await other.ok(["image", "inspect", "--format", "{{.Id}}", `${address}/app:1`]), imageId);
  await other.ok(["tag", `${address}/app:1`, `${address}/back/app:2`]);
  await other.ok(["push", `${address}/back/app:2`]);
  const rows: readonly { digest: string }[] = JSON.parse(await root.ok(["registry", "ls", "--json"]));
  t.equal(new Set(rows.map(({ digest }) => digest)).size, 1, "the digest stays through both");
  t.equal(rows.length, 2);
});
