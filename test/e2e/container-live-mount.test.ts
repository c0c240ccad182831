// Mounts of a running container: added, seen, refused, taken away, gone with its end.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";

const scenario = sharingRoot();
const template = '{{range .Mounts}}{{.Type}} {{.Destination}} {{.RW}}{{"\\n"}}{{end}}';

scenario("added, seen by inspect, taken away, and gone with the end", async (t, root) => {
  const host = mkdtempSync(join(tmpdir(), "tsns-live-"));
  t.teardown(() => rmSync(host, { recursive: true, force: true }));
  writeFileSync(join(host, "file"), "from the host\n");
  mkdirSync(join(host, "sub"));
  await root.ok(["run", "-d", "--name", "live", "--network", "none", "-v", `${host}/sub:/given`, image, "sleep", "1000"]);
  const inside = (script: string) => root.tsns(["exec", "live", "sh", "-c", script]);

  await root.ok(["mount", "add", "live", `${host}:/new/place:ro`, `type=bind,source=${host}/file,target=/etc/told`]);
  t.match(await inside("cat /new/place/file /etc/told; touch /new/place/x"), {
    code: 1,
    stdout: "from the host\nfrom the host\n",
    stderr: /Read-only/,
  });
  t.equal(await root.ok(["inspect", "-f", template, "live"]), "bind /given true\nbind /new/place false\nbind /etc/told true\n");

  t.match(await root.tsns(["mount", "add", "live", `${host}:/given`]), { code: 1, stderr: /has a mount at \/given already/ });
  t.match(await root.tsns(["mount", "add", "live", `${host}/nothing:/n`]), { code: 1, stderr: /nothing/ });
  t.match(await root.tsns(["mount", "add", "live", "named:/n"]), { code: 1, stderr: /a volume cannot be added to a running container/ });
  t.match(await root.tsns(["mount", "rm", "live", "/given"]), { code: 1, stderr: /was mounted at its start and stays/ });
  t.match(await root.tsns(["mount", "rm", "live", "/nowhere"]), { code: 1, stderr: /nothing was added to live/ });
  t.match(await root.tsns(["mount", "add", "nobody", `${host}:/x`]), { code: 1, stderr: /No such container/ });
  t.match(await root.ok(["mount", "add", "--dry-run", "live", `${host}:/dry`]), /\/dry/);
  t.equal((await inside("ls -d /dry")).code, 1);

  await root.ok(["mount", "rm", "live", "/new/place/"]);
  t.match(await inside("ls -d /new"), { code: 1, stderr: /No such file/ }, "what was made to mount on is gone");
  t.equal(await root.ok(["inspect", "-f", template, "live"]), "bind /given true\nbind /etc/told true\n");

  await root.ok(["stop", "-t", "0", "live"]);
  t.equal(await root.ok(["inspect", "-f", template, "live"]), "bind /given true\n");
  t.match(await root.tsns(["mount", "add", "live", `${host}:/x`]), { code: 1, stderr: /not running/ });
  await root.ok(["start", "live"]);
  t.equal((await inside("cat /etc/told")).stdout, "", "not of the next run");
  await root.ok(["rm", "-f", "live"]);
  t.notOk(readFileSync("/proc/self/mountinfo", "utf8").includes(host), "nothing is mounted on the host");
  t.ok(existsSync(join(host, "file")));
});

scenario("a busy one says by whom, --lazy takes it away all the same", async (t, root) => {
  await root.ok(["run", "-d", "--name", "busy", "--network", "none", image, "sleep", "1000"]);
  const host = mkdtempSync(join(tmpdir(), "tsns-used-"));
  t.teardown(() => rmSync(host, { recursive: true }));
  await root.ok(["mount", "add", "busy", `${host}:/used`]);
  await root.ok(["exec", "-d", "-w", "/used", "busy", "sleep", "1000"]);
  t.match(await root.tsns(["mount", "rm", "busy", "/used"]), { code: 1, stderr: /\/used in container busy is busy: .*cwd \/used/ });
  await root.ok(["mount", "rm", "--lazy", "busy", "/used"]);
  t.equal(await root.ok(["inspect", "-f", template, "busy"]), "");
  await root.ok(["rm", "-f", "busy"]);
});

scenario("diff, export and commit have its mount point, as that of -v, nothing of what is mounted, and what it hides", async (t, root) => {
  const host = mkdtempSync(join(tmpdir(), "tsns-apart-"));
  t.teardown(() => rmSync(host, { recursive: true }));
  writeFileSync(join(host, "foreign"), "");
  await root.ok(["run", "-d", "--name", "apart", "--network", "none", "-v", `${host}:/given`, image, "sleep", "1000"]);
  await root.ok(["exec", "apart", "sh", "-c", "mkdir /own; touch /own/hidden"]);
  await root.ok(["mount", "add", "apart", `${host}:/own`, `${host}:/made`]);
  await root.ok(["exec", "apart", "touch", "/made/later"]);
  t.ok(existsSync(join(host, "later")));
  t.equal(await root.ok(["diff", "apart"]), "A /given\nA /made\nA /own\nA /own/hidden");
  const { bytes } = await root.tsns(["export", "apart"]);
  const listed = spawnSync("tar", ["-t"], { input: bytes, encoding: "utf8" }).stdout;
  const entries = listed.split("\n").filter((name) => /^(\.\/)?(given|made|own)\//.test(name));
  t.strictSame(
    entries.map((name) => name.replace(/^\.\//, "")),
    ["given/", "made/", "own/", "own/hidden"],
  );
  await root.ok(["commit", "apart", "apart"]);
  t.equal(
    await root.ok(["run", "--rm", "--network", "none", "apart", "find", "/given", "/made", "/own"]),
    "/given\n/made\n/own\n/own/hidden",
  );
  await root.ok(["rm", "-f", "apart"]);
});
