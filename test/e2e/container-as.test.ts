// inspect --as: what it prints makes the container again: by a shell, by another runtime.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import { command, type DataRoot } from "../fixture/data-root.ts";

const scenario = sharingRoot();

/** The document without what belongs to one container alone. */
async function documentOf(root: DataRoot, name: string) {
  const [document] = JSON.parse(await root.ok(["inspect", name]));
  const { Config, HostConfig, Args, Path, Mounts } = document;
  return {
    Config: { ...Config, Hostname: Config.Hostname === document.Id.slice(0, 12) ? "" : Config.Hostname },
    HostConfig,
    Args,
    Path,
    Mounts: Mounts.map(({ Name, Source, ...mount }: Record<string, unknown>) => ({ ...mount, Name: mount.Type === "volume" ? "" : Name })),
  };
}

scenario("run: the command line makes an equal container", async (t, root) => {
  const options = [
    ...[
      "-e",
      "A=b 'c' $d",
      "-l",
      "x=y z",
      "-w",
      "/tmp",
      "-u",
      "1000:1000",
      "--ulimit",
      "nofile=100:200",
      "--sysctl",
      "net.ipv4.ip_forward=1",
    ],
    ...["-v", "/tmp:/host:ro", "-v", "kept:/kept", "--tmpfs", "/t:size=1m", "--mount", "type=volume,target=/any", "-p", "127.0.0.1::80"],
    ...["-m", "64m", "--cpus", "0.5", "--pids-limit", "40", "--cap-add", "NET_ADMIN", "--security-opt", "no-new-privileges", "--read-only"],
    ...[
      "--restart",
      "on-failure:2",
      "--health-cmd",
      "true",
      "--health-interval",
      "1m",
      "--add-host",
      "a:1.2.3.4",
      "--dns",
      "1.1.1.1",
      "--init",
    ],
    ...[
      "--log-opt",
      "max-size=1m",
      "--stop-signal",
      "INT",
      "--stop-timeout",
      "2",
      "--shm-size",
      "1m",
      "--hostname",
      "other",
      "--expose",
      "9",
    ],
  ];
  await root.ok(["run", "-d", "--name", "model", ...options, image, "sh", "-c", "sleep 1000"]);
  const line = await root.ok(["inspect", "--as", "run", "model"]);
  const before = await documentOf(root, "model");
  await root.ok(["rm", "-fv", "model"]);
  const path = `${dirname(command)}:${process.env.PATH}`;
  const made = spawnSync("sh", ["-c", line], { env: { ...root.env(), PATH: path }, encoding: "utf8" });
  t.match(made, { status: 0, stderr: "" });
  t.same(await documentOf(root, "model"), before);
  t.equal(await root.ok(["inspect", "--as", "run", "model"]), line);
  await root.ok(["rm", "-fv", "model"]);
});

scenario("oci: another runtime runs the bundle", async (t, root) => {
  const bundle = mkdtempSync(join(tmpdir(), "tsns-bundle-"));
  t.teardown(() => rmSync(bundle, { recursive: true, force: true }));
  const script =
    "id -u; cat /proc/self/status | grep -E '^(Seccomp|CapEff|NoNewPrivs):'; ulimit -n; hostname; cat /etc/group > /dev/null && touch /x; echo $?";
  const options = ["-u", "daemon", "--read-only", "-h", "bundled", "--ulimit", "nofile=77", "-m", "64m", "--cap-drop", "MKNOD"];
  await root.ok([
    "create",
    "--name",
    "bundled",
    "--network",
    "none",
    "--security-opt",
    "no-new-privileges",
    ...options,
    image,
    "sh",
    "-c",
    script,
  ]);
  const text = await root.ok(["inspect", "--as", "oci", "bundled"]);
  t.match(JSON.parse(text), {
    process: { user: { uid: 1, gid: 1 } },
    linux: { resources: { memory: { limit: 64 << 20, swap: 128 << 20 } } },
  });
  mkdirSync(join(bundle, "rootfs"));
  writeFileSync(join(bundle, "config.json"), text);
  await root.ok(["export", "-o", join(bundle, "root.tar"), "bundled"]);
  execFileSync("tar", ["-xf", join(bundle, "root.tar"), "-C", join(bundle, "rootfs")]);
  const own = await root.tsns(["start", "-a", "bundled"]);
  t.match(own.stdout, /^1\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n77\nbundled\n1\n$/);
  const id = `tsns-test-${process.pid}`;
  const other = spawnSync("runc", ["--root", join(bundle, "state"), "run", "-b", bundle, id], { encoding: "utf8" });
  t.equal(other.stdout, own.stdout, other.stderr);
  await root.ok(["rm", "bundled"]);
});

scenario("oci: on a bridge it says which link is missing, runs without, and leaves the running container alone", async (t, root) => {
  const bundle = mkdtempSync(join(tmpdir(), "tsns-bundle-"));
  t.teardown(() => rmSync(bundle, { recursive: true, force: true }));
  await root.ok(["run", "-d", "--name", "linked", "-p", "127.0.0.1::80", image, "sh", "-c", "ls /sys/class/net; sleep 1000"]);
  const [{ NetworkSettings, Id }] = JSON.parse(await root.ok(["inspect", "linked"]));
  const config = JSON.parse(await root.ok(["inspect", "--as", "oci", "linked"]));
  t.match(config, {
    ociVersion: "1.0.2",
    annotations: {
      "tsns.missing": /veth pair.*published ports/,
      "tsns.network": "bridge",
      "tsns.address": `${NetworkSettings.IPAddress}/${NetworkSettings.IPPrefixLen}`,
      "tsns.gateway": NetworkSettings.Gateway,
      "tsns.mac": NetworkSettings.MacAddress,
      "tsns.ports": "127.0.0.1::80",
      "tsns.image": image,
    },
    linux: { cgroupsPath: new RegExp(`^bundle-tsns-.*${Id}$`) },
  });
  writeFileSync(join(bundle, "config.json"), JSON.stringify({ ...config, process: { ...config.process, args: ["ls", "/sys/class/net"] } }));
  mkdirSync(join(bundle, "rootfs"));
  execFileSync("tar", ["-x", "-C", join(bundle, "rootfs")], { input: (await root.tsns(["export", "linked"])).bytes });
  const other = spawnSync("runc", ["--root", join(bundle, "state"), "run", "-b", bundle, `tsns-link-${process.pid}`], { encoding: "utf8" });
  t.match(other, { status: 0, stdout: "lo\n", stderr: "" });
  t.equal(await root.ok(["inspect", "-f", "{{.State.Running}}", "linked"]), "true");
  await root.ok(["rm", "-f", "linked"]);
  await root.ok(["create", "--name", "plain", "--network", "none", "--domainname", "d", "-e", "HOME=", image, "true"]);
  const plain = JSON.parse(await root.ok(["inspect", "--as", "oci", "plain"]));
  t.strictSame([plain.ociVersion, plain.annotations], ["1.0.2", { "tsns.image": image }], "nothing is missing");
  t.match(plain, { linux: { sysctl: { "kernel.domainname": "d" } } }, "older runtimes set it, too");
  const homes = plain.process.env.filter((entry: string) => entry.startsWith("HOME="));
  t.strictSame(homes, ["HOME=/root"], "what runtimes make of an empty one, or do not");
  await root.ok(["rm", "plain"]);
});

scenario("compose and sh; wrong questions", async (t, root) => {
  await root.ok(["create", "--name", "asked", "--network", "none", image, "true"]);
  t.match(
    await root.ok(["inspect", "--as", "compose", "asked"]),
    /^services:\n {2}asked:\n {4}container_name: asked\n {4}image: busybox\n/,
  );
  const script = await root.ok(["inspect", "--as", "sh", "asked"]);
  t.match(script, /^#!\/bin\/sh\n/);
  t.equal(spawnSync("sh", ["-n"], { input: script }).status, 0);
  t.match(await root.tsns(["inspect", "--as", "run", "nobody"]), { code: 1, stderr: /No such container: nobody/ });
  t.match(await root.tsns(["inspect", "--as", "run", "asked", "asked"]), { code: 1, stderr: /takes one container/ });
  t.match(await root.tsns(["inspect", "--as", "run", "--size", "asked"]), { code: 1, stderr: /--as run and --size/ });
  await root.ok(["rm", "asked"]);
});
