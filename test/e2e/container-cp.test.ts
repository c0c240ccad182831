// tsns cp through the shipped command: docker's rules and words, in every state of a container, with its mounts, and no way out of it.
import "../fixture/fresh-namespaces.ts";
import { execFileSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Test } from "tap";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot([{ path: "data/", type: "directory" }]);

function directory(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), "tsns-cp-"));
  t.teardown(() => execFileSync("rm", ["-rf", path]));
  return path;
}

function makeSource(t: Test): string {
  const place = directory(t);
  mkdirSync(`${place}/d/sub`, { recursive: true });
  writeFileSync(`${place}/f`, "file\n", { mode: 0o640 });
  writeFileSync(`${place}/d/sub/x`, "x\n");
  symlinkSync("sub/x", `${place}/d/link`);
  linkSync(`${place}/d/sub/x`, `${place}/d/hard`);
  chownSync(`${place}/f`, 1234, 1235);
  return place;
}

const start = (root: DataRoot, name: string) => root.ok(["run", "-d", "--name", name, "--network", "none", image, "sleep", "1000"]);

scenario("files and directories, both ways, in every state", async (t, root) => {
  const source = makeSource(t);
  const out = directory(t);
  const check = async (name: string, state: string) => {
    await root.ok(["cp", `${source}/f`, `${name}:/tmp/f`]);
    await root.ok(["cp", "-a", `${source}/d`, `${name}:/tmp/${state}`]);
    await root.ok(["cp", `${source}/d`, `${name}:/tmp`]);
    await root.ok(["cp", `${source}/d/.`, `${name}:/tmp/${state}`]);
    await root.ok(["cp", `${name}:/tmp/f`, `${out}/${state}-f`]);
    t.equal(readFileSync(`${out}/${state}-f`, "utf8"), "file\n", `${name}: there and back`);
    t.equal(statSync(`${out}/${state}-f`).mode & 0o777, 0o640, `${name}: mode`);
    t.equal(statSync(`${out}/${state}-f`).uid, 0, `${name}: on the host it belongs to who copies`);
    t.equal(statSync(`${out}/${state}-f`).mtimeMs, statSync(`${source}/f`).mtimeMs, `${name}: time`);
    await root.ok(["cp", `${name}:/tmp/${state}`, `${out}/${state}`]);
    t.same(readdirSync(`${out}/${state}`).sort(), ["hard", "link", "sub"], `${name}: a directory that was not there`);
    t.equal(readlinkSync(`${out}/${state}/link`), "sub/x", `${name}: a link stays one`);
    t.equal(statSync(`${out}/${state}/hard`).ino, statSync(`${out}/${state}/sub/x`).ino, `${name}: two names of one file`);
    const { stdout } = await root.tsns(["cp", `${name}:/tmp`, "-"]);
    t.match(stdout, new RegExp(`tmp/${state}/sub/x`), `${name}: as a tar`);
  };
  await root.ok(["create", "--name", "fresh", "--network", "none", image, "cat", "/tmp/f"]);
  await check("fresh", "created");
  t.equal(await root.ok(["start", "-a", "fresh"]), "file", "what was copied before its first run is there");
  t.equal((await root.ok(["diff", "fresh"])).includes("A /tmp/f"), true);
  await check("fresh", "exited");
  await start(root, "runs");
  await check("runs", "running");
  t.match(await root.ok(["exec", "runs", "stat", "-c", "%u:%g %a", "/tmp/f"]), "1234:1235 640", "the owner comes along");
  await root.ok(["cp", "-a", "runs:/tmp/f", `${out}/archived`]);
  t.same([statSync(`${out}/archived`).uid, statSync(`${out}/archived`).gid], [1234, 1235], "-a keeps the owner on the host too");
  await root.ok(["pause", "runs"]);
  await check("runs", "paused");
  await root.ok(["unpause", "runs"]);
  const events = await root.ok(["events", "--since", "10m", "--until", "0s", "--filter", "container=runs", "--format", "{{.Action}}"]);
  t.ok(events.split("\n").includes("extract-to-dir") && events.split("\n").includes("archive-path"), "its events");
});

scenario("tars on standard input and output", async (t, root) => {
  const source = makeSource(t);
  await start(root, "pipe");
  const tar = execFileSync("tar", ["-C", source, "-cz", "f", "d"]);
  await root.ok(["cp", "-", "pipe:/data"], { input: tar });
  t.equal(await root.ok(["exec", "pipe", "cat", "/data/f", "/data/d/link"]), "file\nx");
  await root.ok(["cp", "-", "pipe:/data"], { input: Buffer.alloc(0) });
  const conflict = execFileSync("tar", ["-C", source, "--transform", "s/^f$/d/", "-c", "f"]);
  const refused = await root.tsns(["cp", "-", "pipe:/data"], { input: conflict });
  t.match(refused.stderr, 'cannot overwrite directory "/data/d" with non-directory');
  const escaping = execFileSync("tar", ["-C", source, "-P", "--transform", "s/^f$/..\\/out/", "-c", "f"]);
  t.match((await root.tsns(["cp", "-", "pipe:/data"], { input: escaping })).stderr, "outside its root");
  t.equal((await root.tsns(["exec", "pipe", "ls", "/out"])).code, 1);
});

scenario("docker's words for what cannot be", async (t, root) => {
  const source = makeSource(t);
  await start(root, "words");
  await root.ok(["cp", `${source}/f`, "words:/data/f"]);
  const cases: readonly (readonly [string, string, string])[] = [
    [`${source}/none`, "words:/", `lstat ${source}/none: no such file or directory`],
    ["words:/none", source, "Could not find the file /none in container words"],
    [`${source}/f`, "words:/none/x", "Could not find the file /none in container words"],
    [`${source}/f`, "words:/none/", "no such directory"],
    [`${source}/d`, "words:/data/f", "cannot copy directory"],
    ["words:/data", `${source}/f`, "cannot copy directory"],
    ["words:/data/f", `${source}/none/`, "no such directory"],
    ["words:/data/f", `${source}/none/x`, `invalid output path: directory "${source}/none" does not exist`],
    ["words:/data/f", "other:/x", "copying between containers is not supported"],
    [`${source}/f`, source, "must specify at least one container source"],
    ["-", "words:/data/f", 'destination "words:/data/f" must be a directory'],
    ["", "words:/", "source can not be empty"],
    [`${source}/f`, "words:", "destination can not be empty"],
    [`${source}/f`, "nobody:/", "No such container: nobody"],
    [`${source}/f/`, "words:/data", "not a directory"],
  ];
  for (const [from, to, words] of cases) {
    const { code, stderr } = await root.tsns(["cp", from, to]);
    t.equal(code, 1, words);
    t.match(stderr, words);
  }
  t.equal((await root.tsns(["cp", `${source}/f`, "words:/data"])).stderr, "", "quiet without a terminal");
  t.match((await root.tsns(["cp", "--quiet=false", `${source}/f`, "words:/data"])).stderr, "Successfully copied 2.05kB to words:/data");
  const explained = await root.ok(["cp", "--dry-run", `${source}/f`, "words:/data/dry"]);
  t.match(explained, /cp -RP .*\/root\/data\/dry/);
  t.equal((await root.tsns(["exec", "words", "ls", "/data/dry"])).code, 1, "a dry run copies nothing");
});

scenario("links are followed as the container has them", async (t, root) => {
  const source = makeSource(t);
  await start(root, "links");
  await root.ok([
    "exec",
    "links",
    "sh",
    "-c",
    "mkdir /data/real; ln -s /data/real /data/way; ln -s /etc/passwd /data/file; ln -s ../../../../data/new /data/hang",
  ]);
  await root.ok(["cp", `${source}/f`, "links:/data/way"]);
  t.equal(await root.ok(["exec", "links", "cat", "/data/real/f"]), "file", "into the directory a link leads to");
  await root.ok(["cp", `${source}/f`, "links:/data/hang"]);
  t.equal(await root.ok(["exec", "links", "cat", "/data/new"]), "file", "through a link to nothing: what it names");
  await root.ok(["cp", "links:/data/file", `${source}/out`]);
  t.ok(lstatSync(`${source}/out`).isSymbolicLink(), "a link is copied as one");
  await root.ok(["cp", "-L", "links:/data/file", `${source}/followed`]);
  t.equal(
    readFileSync(`${source}/followed`, "utf8"),
    await root.ok(["exec", "links", "cat", "/etc/passwd"]).then((text) => `${text}\n`),
    "-L takes the container's file",
  );
});

scenario("mounts, volumes and what is read-only", async (t, root) => {
  const source = makeSource(t);
  const bound = directory(t);
  const mounts = ["-v", `${bound}:/bound`, "-v", "cpvol:/vol", "-v", `${source}:/fixed:ro`];
  await root.ok(["volume", "create", "--opt", "type=tmpfs", "--opt", "device=tmpfs", "cpmem"]);
  await root.ok(["create", "--name", "device", "--network", "none", "-v", "cpmem:/mem", image, "sleep", "1000"]);
  await root.ok(["cp", `${source}/f`, "device:/mem/f"]);
  t.notMatch(readFileSync("/proc/self/mounts", "utf8"), `${root.path}/volumes/cpmem`, "a device is mounted for the copy alone");
  await root.ok(["create", "--name", "mounts", "--network", "none", "--read-only", ...mounts, image, "sleep", "1000"]);
  const check = async (state: string) => {
    await root.ok(["cp", `${source}/f`, `mounts:/bound/${state}`]);
    t.ok(existsSync(`${bound}/${state}`), `${state}: a bind`);
    await root.ok(["cp", `${source}/f`, `mounts:/vol/${state}`]);
    await root.ok(["cp", `mounts:/vol/${state}`, `${source}/${state}`]);
    t.match((await root.tsns(["cp", `${source}/f`, "mounts:/fixed/x"])).stderr, "mounted volume is marked read-only");
    t.match((await root.tsns(["cp", `${source}/f`, "mounts:/etc/x"])).stderr, "container rootfs is marked read-only");
  };
  await check("created");
  await root.ok(["start", "mounts"]);
  await check("running");
  await root.ok(["stop", "-t", "0", "mounts"]);
  await check("stopped");
  t.same(readdirSync(`${root.path}/containers`).length > 0, true);
});

scenario("a user namespace: what is copied belongs to the container's ids", async (t, root) => {
  const source = makeSource(t);
  const seen = () => root.ok(["exec", "mapped", "stat", "-c", "%u:%g", "/tmp/f", "/tmp"]);
  await root.ok(["create", "--name", "mapped", "--network", "none", "--userns", "private:200000", image, "sleep", "1000"]);
  await root.ok(["cp", `${source}/f`, "mapped:/tmp/f"]);
  await root.ok(["start", "mapped"]);
  t.equal(await seen(), "1234:1235\n0:0", "copied before it ran");
  await root.ok(["cp", `${source}/f`, "mapped:/tmp/f"]);
  t.equal(await seen(), "1234:1235\n0:0", "copied while it runs");
});

scenario("large and sparse files, capabilities", async (t, root) => {
  const source = directory(t);
  await start(root, "large");
  writeFileSync(`${source}/large`, Buffer.alloc(5 << 20, "0123456789abcdef!"));
  writeFileSync(`${source}/holes`, "start");
  truncateSync(`${source}/holes`, 64 << 20);
  writeFileSync(`${source}/program`, "#!/bin/sh\n", { mode: 0o755 });
  execFileSync("setcap", ["cap_net_raw+ep", `${source}/program`]);
  await root.ok(["cp", `${source}/.`, "large:/data"]);
  await root.ok(["cp", "large:/data", `${source}/back`]);
  t.ok(readFileSync(`${source}/back/large`).equals(readFileSync(`${source}/large`)), "5 MB there and back");
  const holes = statSync(`${source}/back/holes`);
  t.equal(holes.size, 64 << 20);
  t.ok(holes.blocks * 512 < 8 << 20, "holes stay holes");
  t.match(execFileSync("getcap", [`${source}/back/program`], { encoding: "utf8" }), "cap_net_raw=ep");
});

scenario("a directory swapped for a link to the host during cp", async (t, root) => {
  const outside = directory(t);
  writeFileSync(`${outside}/secret`, "secret of the host");
  const source = makeSource(t);
  const swap = `mkdir -p /race/d; echo own > /race/d/own; cd /race; touch /ready; while :; do mv d e; ln -s ${outside} d; rm d; ln -s /proc/1/root d; rm d; mv e d; done`;
  await root.ok(["run", "-d", "--name", "racer", "--network", "none", image, "sh", "-c", swap]);
  await waitFor("the swapping to begin", async () => (await root.tsns(["exec", "racer", "ls", "/ready"])).code === 0 || undefined);
  const tries = Array.from({ length: 8 }, async (_, at) => {
    await root.tsns(["cp", `${source}/f`, "racer:/race/d/planted"]);
    await root.tsns(["cp", `${source}/d/.`, "racer:/race/d"]);
    await root.tsns(["cp", "racer:/race/d/.", `${source}/got-${at}`]);
    const piped = await root.tsns(["cp", "racer:/race/d/secret", "-"]);
    t.notMatch(piped.stdout, "secret of the host");
  });
  await Promise.all(tries);
  t.same(readdirSync(outside), ["secret"], "nothing was put on the host");
  const got = execFileSync("find", [source, "-name", "secret"], { encoding: "utf8" });
  t.equal(got, "", "nothing of the host was taken");
});
