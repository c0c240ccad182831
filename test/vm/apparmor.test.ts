// AppArmor profiles confine containers: needs a kernel that has it, which few test machines have; test/vm brings one.
// The profile is modelled on what engines give a container by default; that tsns tells when it is not loaded is tried as well.
import { execFileSync } from "node:child_process";
import t, { type Test } from "tap";
import { image, inside, pidOf, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot([{ path: "secret", type: "file", mode: 0o644, data: "told\n" }]);

const profile = "tsns-vm";
const confined = ["--security-opt", `apparmor=${profile}`];
const label = "cat /proc/self/attr/current";

/** A complaining profile still enforces what is denied by name: it has no rule but one. */
const rules = (name: string, flags: string) =>
  flags.includes("complain")
    ? `profile ${name} flags=(${flags}) {\n  network,\n}\n`
    : `profile ${name} flags=(${flags}) {
  network, capability, file, umount,
  signal (receive) peer=unconfined,
  signal (send, receive) peer=${name},
  ptrace (trace, read, tracedby, readby) peer=${name},
  deny mount,
  deny /secret rwklx,
  deny /proc/sysrq-trigger rwklx,
  deny /sys/kernel/security/** rwklx,
}
`;

function parser(option: string, text: string): void {
  execFileSync("apparmor_parser", [option, "--skip-cache"], { input: text, stdio: ["pipe", "pipe", "pipe"] });
}

/** Loads a profile that is taken off again when `t` ends. */
function load(t: Test, name: string, flags: string): void {
  parser("--replace", rules(name, flags));
  t.teardown(() => parser("--remove", rules(name, flags)));
}

load(t, profile, "attach_disconnected, mediate_deleted");

scenario("a profile holds for the command and what it starts, and for nothing else", async (t, root) => {
  const tried = `${label}; sh -c 'sh -c "${label}"'; cat /secret 2>&1; ln -s secret /again; cat /again 2>&1; cp /bin/busybox /tmp/busybox; /tmp/busybox cat /secret 2>&1; true`;
  t.equal(await inside(root, tried), "unconfined\nunconfined\ntold\ntold\ntold");
  const denied = (path: string) => `cat: can't open '${path}': Permission denied`;
  const lines = [`${profile} (enforce)`, `${profile} (enforce)`, denied("/secret"), denied("/again"), denied("/secret")];
  t.same((await inside(root, tried, confined)).split("\n"), lines);
  t.equal(await inside(root, "echo text > /file && cat /file && kill -0 1 && hostname > /dev/null", confined), "text", "all else goes on");
});

scenario("with a capability that would allow it, the profile still refuses a mount", async (t, root) => {
  const mount = "mount -t tmpfs none /tmp 2>&1 && echo mounted || true";
  t.equal(await inside(root, mount, ["--cap-add", "SYS_ADMIN"]), "mounted");
  t.match(await inside(root, mount, ["--cap-add", "SYS_ADMIN", ...confined]), /[Pp]ermission denied/);
});

scenario("with every other option that says who the command is", async (t, root) => {
  for (const options of [
    ["-u", "nobody"],
    ["--cap-drop", "ALL"],
    ["--security-opt", "no-new-privileges"],
    ["--security-opt", "seccomp=unconfined"],
    ["--security-opt", "systempaths=unconfined"],
    ["--init"],
    ["--read-only"],
    ["--privileged"],
    ["--pid", "host"],
    ["-t"],
    ["--ulimit", "nofile=64"],
  ]) {
    const [name, refused] = (await inside(root, `${label}; cat /secret 2>&1 || true`, [...options, ...confined])).split(/\r?\n/);
    t.equal(name, `${profile} (enforce)`, options.join(" "));
    t.match(refused, /Permission denied/, options.join(" "));
  }
});

scenario("with --init, process 1 is no way around", async (t, root) => {
  const script = "ls -l /proc/1/exe /proc/1/root /proc/1/fd 2>&1 >/dev/null; cat /proc/1/root/secret 2>&1; true";
  const said = await inside(root, script, ["--init", ...confined]);
  t.match(said, /denied/);
  t.notMatch(said, /told/);
});

scenario("exec, a health probe and another start are under it too; stop and kill reach it", async (t, root) => {
  const health = ["--health-cmd", label, "--health-interval", "200ms"];
  await root.ok(["run", "-d", "--name", "stays", "--network", "none", ...confined, ...health, image, "sh", "-c", `${label}; sleep 1000`]);
  t.equal(await root.ok(["inspect", "--format", "{{.AppArmorProfile}}", "stays"]), profile);
  t.same(JSON.parse(await root.ok(["inspect", "--format", "{{json .HostConfig.SecurityOpt}}", "stays"])), [`apparmor=${profile}`]);
  t.equal(await root.ok(["exec", "stays", "sh", "-c", label]), `${profile} (enforce)`);
  t.match(await root.tsns(["exec", "stays", "cat", "/secret"]), { code: 1, stderr: /Permission denied/ });
  t.match(await root.tsns(["exec", "--privileged", "stays", "cat", "/secret"]), { code: 1, stderr: /Permission denied/ });
  const probe = await waitFor("a probe", async () => {
    return (await root.ok(["inspect", "--format", "{{range .State.Health.Log}}{{.ExitCode}} {{.Output}}{{end}}", "stays"])) || undefined;
  });
  t.match(probe, `0 ${profile} (enforce)`);
  const first = await pidOf(root, "stays");
  await root.ok(["restart", "-t", "0", "stays"]);
  t.not(await pidOf(root, "stays"), first);
  await untilLogged(root, "stays", new RegExp(`(${profile} \\(enforce\\)\\s+){2}`));
  await root.ok(["kill", "-s", "KILL", "stays"]);
  t.equal(await root.ok(["wait", "stays"]), "137");
  t.match(await root.ok(["inspect", "--as", "run", "stays"]), `--security-opt apparmor=${profile}`);
  t.match(await root.ok(["why", "--denied", "stays"]), `the AppArmor profile ${profile}`);
  await root.ok(["rm", "stays"]);
});

scenario("a restart by policy comes back under it", async (t, root) => {
  const script = `${label}; exit 3`;
  await root.ok(["run", "-d", "--name", "again", "--network", "none", "--restart", "on-failure:2", ...confined, image, "sh", "-c", script]);
  await untilLogged(root, "again", new RegExp(`(${profile} \\(enforce\\)\\s+){3}`));
  t.equal(await root.ok(["inspect", "--format", "{{.RestartCount}}", "again"]), "2");
  await root.ok(["rm", "-f", "again"]);
});

scenario("two containers of one profile, and one of another: signals cross as the profiles say", async (t, root) => {
  const other = "tsns-vm-other";
  load(t, other, "attach_disconnected, mediate_deleted");
  await root.ok(["run", "-d", "--name", "target", "--network", "none", ...confined, image, "sleep", "1000"]);
  const from = (name: string) =>
    root.tsns([
      "run",
      "--rm",
      "--network",
      "none",
      "--pid",
      "container:target",
      "--security-opt",
      `apparmor=${name}`,
      image,
      "kill",
      "-0",
      "1",
    ]);
  t.match(await from(profile), { code: 0 });
  t.match(await from(other), { code: 1, stderr: /denied/ });
  await root.ok(["rm", "-f", "target"]);
});

scenario("a complaining profile lets all happen and says so", async (t, root) => {
  const name = "tsns-vm-complain";
  load(t, name, "complain, attach_disconnected");
  // what no rule covers goes on under a profile that the kernel makes up, named after it (apparmor.d(5))
  const said = await inside(root, `${label}; cat /secret`, ["--security-opt", `apparmor=${name}`]);
  t.match(said, /^tsns-vm-complain\S* \(complain\)\ntold$/);
});

scenario("unconfined is unconfined", async (t, root) => {
  t.equal(await inside(root, label, ["--security-opt", "apparmor=unconfined"]), "unconfined");
});

scenario("a profile that is not loaded is refused, and nothing is left", async (t, root) => {
  const run = await root.tsns(["run", "--name", "none", "--network", "none", "--security-opt", "apparmor=tsns-vm-none", image, "true"]);
  t.match(run, { code: 125, stdout: "", stderr: /apparmor=tsns-vm-none: no such profile is loaded/ });
  t.notMatch(await root.ok(["ps", "-a"]), /none/);
  load(t, "tsns-vm-gone", "attach_disconnected");
  await root.ok(["create", "--name", "gone", "--network", "none", "--security-opt", "apparmor=tsns-vm-gone", image, "true"]);
  parser("--remove", rules("tsns-vm-gone", "attach_disconnected"));
  t.match(await root.tsns(["start", "gone"]), { stderr: /apparmor=tsns-vm-gone: no such profile is loaded/ });
  t.match(await root.ok(["ps", "-a", "--filter", "name=gone"]), /Created/);
  parser("--replace", rules("tsns-vm-gone", "attach_disconnected"));
  t.match(await root.tsns(["start", "-a", "gone"]), { code: 0 }, "loaded again, it starts");
  await root.ok(["rm", "gone"]);
});
