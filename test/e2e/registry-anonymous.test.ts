// A registry where everybody may pull and who has a name may push, as skopeo and tsns use it; and a certificate that is renewed.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { makeCertificates } from "../fixture/registry.ts";
import { serveCommand } from "../fixture/registry-serve.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

function makeFolder(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), "tsns-anonymous-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

t.test("everybody pulls, who has a name pushes: tsns and skopeo", needRoot, async (t) => {
  const [served, root, directory] = [makeRoot(t), makeRoot(t), makeFolder(t)];
  const users = join(directory, "users");
  spawnSync("htpasswd", ["-Bbc", "-C", "4", users, "ann", "secret"]);
  const { address } = await serveCommand(served, ["--htpasswd", users, "--anonymous-pull", "--quiet"]);
  const env = { DOCKER_CONFIG: join(directory, "config") };
  const image = `${address}/team/app:1`;
  await root.ok(["import", "-", image], { input: makeBusyboxTar() });

  t.match(await root.tsns(["push", image], { env }), { code: 1, stderr: /push access denied for \S+: .*a name and password are needed/ });
  t.match(await root.tsns(["login", "-u", "ann", "--password-stdin", address], { env, input: "wrong" }), { code: 1 });
  await root.ok(["login", "-u", "ann", "--password-stdin", address], { env, input: "secret" });
  await root.ok(["push", image], { env });
  await root.ok(["logout", address], { env });
  await root.ok(["rmi", image]);
  await root.ok(["pull", "-q", image], { env });
  t.equal(await root.ok(["run", "--rm", "--network", "none", image, "echo", "pulled"]), "pulled");

  const skopeo = (...args: string[]) => {
    const home = { ...process.env, REGISTRY_AUTH_FILE: join(directory, "auth.json") };
    return spawnSync("skopeo", ["--insecure-policy", ...args], { encoding: "utf8", env: home });
  };
  const copy = (to: string, ...more: string[]) =>
    skopeo("copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", ...more, `docker://${image}`, to);
  t.equal(skopeo("inspect", "--tls-verify=false", `docker://${image}`).status, 0);
  t.match(copy(`oci:${directory}/layout:1`), { status: 0 });
  t.match(copy(`docker://${address}/team/other:1`), { status: 1, stderr: /unauthorized/ });
  t.match(copy(`docker://${address}/team/other:1`, "--dest-creds", "ann:wrong"), { status: 1, stderr: /unauthorized/ });
  t.match(copy(`docker://${address}/team/other:1`, "--dest-creds", "ann:secret"), { status: 0, stderr: "" });
  t.match(JSON.parse(execFileSync("curl", ["-s", `http://${address}/v2/team/other/tags/list`], { encoding: "utf8" })), { tags: ["1"] });

  t.match(await root.tsns(["registry", "serve", "--anonymous-pull"]), { code: 2, stderr: /--anonymous-pull goes with --htpasswd/ });
});

/** Serial number of the certificate that is shown. */
function shownSerial(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: Number(address.split(":")[1]), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

t.test("a renewed certificate is shown, one that is no good is not", async (t) => {
  const [served, directory] = [makeRoot(t), makeFolder(t)];
  const fresh = join(directory, "fresh");
  mkdirSync(fresh);
  for (const place of [directory, fresh]) makeCertificates(place);
  const [cert, key] = [join(directory, "server.cert"), join(directory, "server.key")];
  const { address, log } = await serveCommand(served, ["--tls-cert", cert, "--tls-key", key]);
  const first = await shownSerial(address);
  t.equal(await shownSerial(address), first);

  const lay = (from: string, to: string) => {
    copyFileSync(from, `${to}.new`);
    renameSync(`${to}.new`, to);
  };
  lay(join(fresh, "server.cert"), cert);
  t.equal(await shownSerial(address), first, "its key is not there yet");
  await waitFor("that is said", () => /WARNING: the old certificate stays: /.test(log()));
  lay(join(fresh, "server.key"), key);
  const second = await shownSerial(address);
  t.not(second, first);

  writeFileSync(cert, "nonsense");
  t.equal(await shownSerial(address), second);
  rmSync(cert);
  t.equal(await shownSerial(address), second);
  await waitFor("both are said", () => log().match(/WARNING: the old certificate stays: /g)?.length === 3);
});
