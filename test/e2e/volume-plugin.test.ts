// Volumes of a plug-in, through docker's protocol on a Unix socket: made, mounted once for all, given back, removed.
import "../fixture/fresh-namespaces.ts";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { makeBusyboxRoot } from "../fixture/busybox-scenario.ts";
import { needRoot } from "../fixture/root.ts";
import { servePlugin } from "../fixture/volume-plugin.ts";

/** In this mount namespace alone the plug-ins' directories are the test's. */
function ownDirectory(path: string): void {
  mkdirSync(path, { recursive: true });
  const { status, stderr } = spawnSync("mount", ["-t", "tmpfs", "tmpfs", path], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}

async function setUp(t: Test) {
  const root = await makeBusyboxRoot(t, [
    { path: "data", type: "directory", mode: 0o755 },
    { path: "data/file", type: "file", mode: 0o644, data: "of the image\n" },
  ]);
  const directory = mkdtempSync(join(tmpdir(), "tsns-plugin-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return { root, directory };
}

t.before(() => {
  if (needRoot.skip === false) for (const path of ["/run/docker/plugins", "/etc/docker/plugins"]) ownDirectory(path);
});

t.test("the life of a volume", needRoot, async (t) => {
  const { root, directory } = await setUp(t);
  const { calls, refuses } = await servePlugin(t, "/run/docker/plugins/keeper.sock", directory);
  const run = (...words: readonly string[]) => root.tsns(["run", "--rm", "--network", "none", ...words]);
  t.equal(await root.ok(["volume", "create", "-d", "keeper", "-o", "speed=high", "data"]), "data");
  t.same(calls.splice(0), ["Plugin.Activate", "VolumeDriver.Get data", "VolumeDriver.Create data"]);
  t.match(JSON.parse(await root.ok(["volume", "inspect", "data"])), [
    { Driver: "keeper", Mountpoint: `${directory}/data`, Options: { speed: "high" }, Status: { options: { speed: "high" } } },
  ]);
  await root.ok(["run", "-d", "--name", "holder", "--network", "none", "-v", "data:/data", "busybox", "sleep", "1000"]);
  t.equal(readFileSync(`${directory}/data/file`, "utf8"), "of the image\n", "the image's content is copied to it");
  t.match(await run("-v", "data:/x", "busybox", "sh", "-c", "cat /x/file; touch /x/made"), { code: 0, stdout: "of the image\n" });
  t.ok(existsSync(`${directory}/data/made`));
  const used = () => calls.splice(0).filter((call) => /Mount|Unmount/.test(call));
  t.same(used(), ["VolumeDriver.Mount data"], "mounted once for all containers");
  t.match(await root.tsns(["volume", "rm", "data"]), { code: 1, stderr: /volume is in use/ });
  await root.ok(["rm", "-f", "holder"]);
  t.same(used(), ["VolumeDriver.Unmount data"]);
  t.notMatch(readFileSync("/proc/self/mounts", "utf8"), `${root.path}/volumes`);
  t.match((await root.tsns(["volume", "export", "data"])).bytes.toString("latin1"), /of the image/);
  t.match(
    await root.ok(["inspect", await root.ok(["create", "--name", "shown", "-v", "data:/d", "busybox", "true"])]),
    /"Driver": "keeper"/,
  );
  await root.ok(["rm", "shown"]);
  refuses.set("VolumeDriver.Mount", "the disk is on fire");
  t.match(await run("-v", "data:/x", "busybox", "true"), {
    code: 125,
    stderr: /VolumeDriver keeper: VolumeDriver.Mount: the disk is on fire/,
  });
  refuses.clear();
  await root.ok(["volume", "rm", "data"]);
  t.notOk(existsSync(`${directory}/data`));
  t.same((await root.ok(["volume", "ls", "-q"])).trim(), "");
});

t.test("--volume-driver, --mount, anonymous ones, a driver by its address", needRoot, async (t) => {
  const { root, directory } = await setUp(t);
  const { calls } = await servePlugin(t, `${directory}/own.sock`, directory);
  writeFileSync("/etc/docker/plugins/far.spec", `unix://${directory}/own.sock\n`);
  const run = (...words: readonly string[]) => root.tsns(["run", "--rm", "--network", "none", ...words]);
  t.match(await run("--volume-driver", "far", "-v", "named:/x", "-v", "/y", "busybox", "sh", "-c", "touch /x/a /y/b"), {
    code: 0,
    stderr: "",
  });
  t.equal(await root.ok(["volume", "ls"]), "DRIVER    VOLUME NAME\nfar       named", "the anonymous one is gone with its container");
  t.equal(calls.filter((call) => call.startsWith("VolumeDriver.Remove")).length, 1);
  t.match(await run("--mount", "src=other,dst=/x,volume-driver=far,volume-opt=a=b", "busybox", "ls", "/x"), { code: 0 });
  t.match(JSON.parse(await root.ok(["volume", "inspect", "other"])), [{ Options: { a: "b" } }]);
  t.match(await run("--volume-driver", "none", "-v", "zz:/x", "busybox", "true"), { code: 125, stderr: /plugin "none" not found/ });
  t.match(await run("--mount", "src=named,dst=/x,volume-driver=local", "busybox", "true"), { code: 125, stderr: /driver far/ });
  writeFileSync("/etc/docker/plugins/dead.spec", `unix://${directory}/nobody.sock\n`);
  t.match(await root.tsns(["volume", "create", "-d", "dead", "zz"]), { code: 1, stderr: /volume plugin dead: Plugin.Activate: .*ENOENT/ });
  await root.ok(["volume", "rm", "named", "other"]);
});
