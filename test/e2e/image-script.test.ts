// --explain=sh of commands that hand images on: the scripts are run, and leave what tsns itself would have.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { gzipSync } from "node:zlib";
import t, { type Test } from "tap";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { makeOciArchive } from "../fixture/docker-archive.ts";
import { startRegistry } from "../fixture/registry.ts";
import { addImage, emptyContent, putContent } from "../fixture/registry-content.ts";
import { needRoot } from "../fixture/root.ts";

const busybox = makeBusyboxTar();

function makeFolder(t: Test): string {
  const folder = mkdtempSync(`${tmpdir()}/tsns-script-`);
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function runScript(t: Test, script: string): void {
  const { status, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
  t.match({ status, stderr }, { status: 0, stderr: "" }, script.slice(0, 200));
}

t.test("save", needRoot, async (t) => {
  const [root, other, folder] = [makeRoot(t), makeRoot(t), makeFolder(t)];
  const note = makeTar([{ path: "etc/note", type: "file", data: 'it\'s "here"\n' }]);
  await root.ok(["load", "-q"], { input: makeOciArchive({ layers: [busybox, note], tags: [] }, { pack: gzipSync }) });
  const id = (await root.ok(["images", "-q", "--no-trunc", "--filter", "dangling=true"])).split("\n")[0] ?? "";
  await root.ok(["tag", id, "it/s:1"]);
  for (const format of ["docker", "oci"]) {
    const file = `${folder}/${format}.tar`;
    runScript(t, await root.ok(["save", "--dry-run", "--explain=sh", "--format", format, "-o", file, "it/s:1"]));
    t.equal(await other.ok(["load", "-i", file]), "Loaded image: it/s:1");
    t.equal(await other.ok(["image", "inspect", "-f", "{{.Id}}", "it/s:1"]), id);
    t.equal(await other.ok(["run", "--rm", "--network", "none", "it/s:1", "cat", "/etc/note"]), 'it\'s "here"');
    await other.ok(["rmi", "it/s:1"]);
  }
  await root.ok(["import", "-", "plain:1"], { input: busybox });
  t.match(await root.ok(["save", "--dry-run", "plain:1"]), /the images plain:1 are written to standard output/, "put together on the way");
});

t.test("manifest create and push", needRoot, async (t) => {
  const { host } = await startRegistry(t);
  const [root, folder] = [makeRoot(t), makeFolder(t)];
  for (const architecture of ["amd64", "arm64"]) {
    const content = emptyContent();
    addImage(content, "1", { tars: [busybox], pack: gzipSync, config: { architecture } });
    await putContent(host, architecture === "amd64" ? "team/list" : "team/other", content);
  }
  const images = [`${host}/team/list:1`, `${host}/team/other:1`];
  const list = `${host}/team/list:all`;
  const [own, script] = [{ DOCKER_CONFIG: `${folder}/own` }, { DOCKER_CONFIG: `${folder}/script` }];
  const create = ["manifest", "create"];
  await root.ok([...create, list, ...images], { env: own });
  const text = await root.ok([...create, "--dry-run", "--explain=sh", list, ...images], { env: script });
  t.notOk(existsSync(`${folder}/script`), "a dry run leaves nothing");
  runScript(t, text);
  const { status, stdout } = spawnSync("diff", ["-r", `${folder}/own`, `${folder}/script`], { encoding: "utf8" });
  t.match({ status, stdout }, { status: 0, stdout: "" }, "the same files");
  const explained = await root.ok([...create, "--dry-run", "--amend", list, ...images], { env: own });
  t.match(explained, /team\/other:1 is sha256:[0-9a-f]{64} at its registry, made for linux\/arm64/);

  const push = await root.ok(["manifest", "push", "--dry-run", "--explain=sh", "--purge", list], { env: script });
  t.match(await root.tsns(["manifest", "inspect", list], { env: {} }), { code: 1 }, "nothing has been sent");
  runScript(t, push);
  t.notOk(existsSync(`${folder}/script/manifests/${list.replace(/[:/]/g, (mark) => (mark === "/" ? "_" : "-"))}`), "the list is forgotten");
  const sent = JSON.parse(await root.ok(["manifest", "inspect", list], { env: { DOCKER_CONFIG: `${folder}/none` } }));
  t.same(sent.manifests.map((entry: { platform: { architecture: string } }) => entry.platform.architecture).sort(), ["amd64", "arm64"]);
  t.match(await root.ok(["manifest", "push", list], { env: own }), /sha256:[0-9a-f]{64}$/, "and tsns has nothing to add");
  await root.ok(["pull", "-q", "--platform", "linux/arm64", list]);
});
