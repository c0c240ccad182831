// buildah with dist/tsns-oci as its runtime (isolation oci): run in a working container, commit, run from what was committed, build from a file.
import { mkdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { needPrograms, openCaller } from "../fixture/oci-caller.ts";

t.test("buildah: from, run, commit, build", needPrograms("buildah"), async (t) => {
  const buildah = await openCaller(t, "buildah");
  const { directory } = buildah;
  const isolation = ["--isolation", "oci", "--network", "none"];
  const run = (...words: string[]) => buildah.call(["run", ...isolation, ...words]);
  const container = await buildah.ok(["from", "scratch"]);
  await buildah.ok(["add", container, `${directory}/rootfs.tar`, "/"]);

  const first = await run(
    "--hostname",
    "built",
    "--workingdir",
    "/tmp",
    "--env",
    "A=b",
    container,
    "sh",
    "-c",
    "echo made > /made; pwd; hostname; echo $A; id -u",
  );
  t.same([first.code, first.stdout, first.stderr], [0, "/tmp\nbuilt\nb\n0\n", ""]);
  t.equal((await run(container, "sh", "-c", "exit 5")).code, 5);
  t.match(await run(container, "nosuch"), { code: 1, stderr: /executable file not found/ });
  t.equal(
    (await run("--user", "1000:100", container, "sh", "-c", "id -u; id -g; grep CapEff /proc/self/status")).stdout,
    "1000\n100\nCapEff:\t0000000000000000\n",
  );
  t.equal((await run("--cap-drop", "all", container, "grep", "CapEff", "/proc/self/status")).stdout, "CapEff:\t0000000000000000\n");
  mkdirSync(`${directory}/shown`);
  writeFileSync(`${directory}/shown/file`, "here");
  const bound = await run("-v", `${directory}/shown:/v:ro`, container, "sh", "-c", "cat /v/file; touch /v/x");
  t.match(bound, { code: 1, stdout: "here", stderr: /Read-only file system/ });
  t.equal((await run("-t", container, "tty")).stdout, "/dev/pts/0\r\n");
  t.equal((await buildah.call(["run", ...isolation, container, "cat"], { input: "given" })).stdout, "given");

  await buildah.ok(["commit", "--quiet", container, "made"]);
  const second = await buildah.ok(["from", "made"]);
  t.equal((await run(second, "cat", "/made")).stdout, "made\n");
  const mapped = await buildah.ok(["from", "--userns-uid-map", "0:100000:65536", "--userns-gid-map", "0:100000:65536", "made"]);
  t.equal((await run(mapped, "sh", "-c", "id -u; tr -s ' ' < /proc/self/uid_map")).stdout, "0\n 0 100000 65536\n");

  writeFileSync(`${directory}/Containerfile`, "FROM made\nRUN echo built > /built && id -u\nRUN test -f /built\n");
  const built = await buildah.call([
    "build",
    ...isolation,
    "--memory",
    "100m",
    "--cgroup-parent",
    buildah.groupParent,
    "--tag",
    "built",
    directory,
  ]);
  t.equal(built.code, 0, built.stderr);
  t.match(built.stdout, /^0$/m, "the output of RUN");
  const last = await buildah.ok(["from", "built"]);
  t.equal((await run(last, "cat", "/built")).stdout, "built\n");
});
