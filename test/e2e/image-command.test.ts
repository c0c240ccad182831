// Image commands through the shipped executable: what they print, their exit codes, and that others can read what they do.
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import t from "tap";
import { makeBusyboxTar, makeTar } from "../fixture/busybox.ts";
import { makeRoot } from "../fixture/data-root.ts";
import { makeDockerArchive, renderTestConfig, sha256 } from "../fixture/docker-archive.ts";
import { needRoot } from "../fixture/root.ts";

const layers = [makeBusyboxTar(), makeTar([{ path: "etc/motd", type: "file", data: "second layer\n" }])];

t.test("import, list, inspect, tag, remove", needRoot, async (t) => {
  const root = makeRoot(t);
  writeFileSync(`${root.path}-bb.tar`, makeBusyboxTar());
  t.teardown(async () => (await import("node:fs")).rmSync(`${root.path}-bb.tar`));
  const id = await root.ok(["import", "--change", 'CMD ["sh"]', "-c", "ENV A=b", "-m", "a note", `${root.path}-bb.tar`, "bb:1"]);
  t.match(id, /^sha256:[0-9a-f]{64}$/);
  t.equal(
    await root.ok(["import", "-", "piped"], { input: gzipSync(makeBusyboxTar()) }),
    await root.ok(["images", "-q", "--no-trunc", "piped"]),
  );

  const [header = "", ...lines] = (await root.ok(["images"])).split("\n");
  t.match(header, /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$/);
  t.equal(lines.length, 3, "two images and host");
  t.match(
    lines.find((line) => line.startsWith("bb ")),
    new RegExp(`^bb +1 +${id.slice(7, 19)} .* ago +\\d\\.\\d+MB$`),
  );
  t.match(lines.at(-1), /^host +latest +[0-9a-f]{12} +N\/A +0B$/);
  t.equal(await root.ok(["images", "--format", "{{.Repository}}:{{.Tag}}", "bb"]), "bb:1");

  const [view] = JSON.parse(await root.ok(["image", "inspect", "bb:1"]));
  t.match(view, { Id: id, RepoTags: ["bb:1"], Comment: "a note", Config: { Cmd: ["sh"], Env: ["A=b"] }, Os: "linux" });
  t.equal(await root.ok(["image", "inspect", "-f", "{{.Config.Cmd}}", id.slice(7, 19)]), "[sh]");
  for (const words of [["inspect"], ["image", "inspect"]]) {
    const all = await root.ok([...words, "--format", "json", "bb:1", "bb:1"]);
    t.equal(all.split("\n").length, 1);
    t.equal(JSON.parse(all).length, 2, "all on one line, as docker has them");
  }
  for (const words of [["inspect"], ["image", "inspect"], ["network", "inspect"]])
    t.match(
      await root.tsns([...words, "-f", "{{.Id", "bb:1"]),
      { code: 64, stderr: /^tsns: template parsing error: [^\n]*\n$/ },
      "docker's code",
    );

  t.equal(await root.ok(["tag", "bb:1", "localhost:5000/copy"]), "");
  t.equal(await root.ok(["rmi", "bb:1"]), "Untagged: bb:1");
  t.match(await root.ok(["rmi", "--dry-run", "localhost:5000/copy"]), /tree\.remove/);
  t.equal(await root.ok(["images", "-q", "--no-trunc", "localhost:5000/copy"]), id, "a dry run removes nothing");
  t.match(await root.ok(["rmi", id]), new RegExp(`^Untagged: localhost:5000/copy:latest\nDeleted: ${id}$`), "piped has the same layer");
  const gone = await root.tsns(["rmi", "bb:1", "piped"]);
  t.equal(gone.code, 1, "one of two fails");
  t.match(gone.stderr, /^tsns: No such image: bb:1/);
  t.match(gone.stdout, /^Untagged: piped:latest\nDeleted: sha256:.*\nDeleted: sha256:/);
});

t.test("load, and run what was loaded", needRoot, async (t) => {
  const root = makeRoot(t);
  const image = { layers, tags: ["registry.example/team/app:2", "app"], config: { Entrypoint: ["/bin/cat"], Cmd: ["/etc/motd"] } };
  const said = await root.ok(["load"], { input: gzipSync(makeDockerArchive([image, { layers: layers.slice(0, 1), tags: [] }])) });
  const untagged = `sha256:${sha256(renderTestConfig({ layers: layers.slice(0, 1), tags: [] }))}`;
  t.equal(said, `Loaded image: registry.example/team/app:2\nLoaded image: app:latest\nLoaded image ID: ${untagged}`);
  t.equal(await root.ok(["run", "--rm", "--network", "none", "app"]), "second layer");
  t.equal(await root.ok(["run", "--rm", "--network", "none", untagged.slice(7, 19), "echo", "by id"]), "by id");
  await root.ok(["create", "--name", "holds", "app"]);
  const held = await root.tsns(["rmi", "app", "registry.example/team/app:2"]);
  t.equal(held.code, 1);
  t.match(
    held.stderr,
    /conflict: unable to remove repository reference "registry\.example\/team\/app:2" \(must force\) - container holds \(/,
  );
  await root.ok(["rm", "holds"]);
  await root.ok(["rmi", "registry.example/team/app:2"]);
});

t.test("errors name the object and the remedy", needRoot, async (t) => {
  const root = makeRoot(t);
  const fails = async (args: readonly string[], message: RegExp, input?: Buffer) => {
    const { code, stderr, stdout } = await root.tsns(args, input ? { input } : {});
    t.equal(code, 1, args.join(" "));
    t.equal(stdout, "");
    t.match(stderr, message);
    t.equal(stderr.split("\n").length, 2, "one line");
  };
  await fails(["import", "/no/such/file", "x"], /open \/no\/such\/file: no such file or directory/);
  await fails(["import", "/", "x"], /is a directory \(pack it first/);
  await fails(["import", "http://127.0.0.1:1/y.tar", "x"], /127\.0\.0\.1:1.*refused/);
  await fails(["import", "-", "x"], /it is empty/);
  await fails(["import", "-", "Upper"], /must be lowercase/, layers[1]);
  await fails(["import", "-", "x"], /outside its root: "\.\.\/x"/, makeTar([{ path: "../x", type: "file" }]));
  await fails(["load", "-i", "/no/such/file"], /open \/no\/such\/file/);
  await fails(["load"], /neither manifest\.json nor index\.json/, layers[1]);
  await fails(["tag", "none", "x"], /No such image: none:latest/);
  await fails(["rmi", "host"], /built in/);
  await fails(["image", "bootstrap", "x", "--include", "-o"], /is no package name/);
});
