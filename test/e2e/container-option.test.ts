// Options of run and create that say who runs what, where, under which name; docker's rules for the command.
import { image, inside, sharingRoot } from "../fixture/busybox-scenario.ts";

const scenario = sharingRoot([
  { path: "srv", type: "directory" },
  { path: "srv/tool", type: "file", mode: 0o755, data: '#!/bin/sh\necho "tool:$0:$*"\n' },
]);

scenario("-e, --env from the caller, later wins, docker's own variables", async (t, root) => {
  const env = { TAKEN: "taken", EMPTY: "" };
  const said = await root.ok(
    [
      "run",
      "--rm",
      "--network",
      "none",
      ...["TAKEN", "EMPTY", "UNSET", "A=1", "A=2", "B=x=y", "PATH=/bin"].flatMap((entry) => ["-e", entry]),
      image,
      "env",
    ],
    { env },
  );
  const lines = said.split("\n");
  for (const line of ["TAKEN=taken", "EMPTY=", "A=2", "B=x=y", "PATH=/bin", "HOME=/root"]) t.ok(lines.includes(line), line);
  t.notMatch(said, /UNSET|A=1/);
  t.match(await root.ok(["run", "--rm", "-t", "--network", "none", image, "env"]), /TERM=xterm/);
});

scenario("-u by name and number, with a group; HOME follows", async (t, root) => {
  const who = (...user: string[]) => inside(root, "id -u; id -g; id -G; echo $HOME", user);
  t.equal(await who(), "0\n0\n0\n/root");
  t.equal(await who("-u", "daemon"), "1\n1\n1\n/");
  t.equal(await who("-u", "1"), "1\n1\n1\n/");
  t.equal(await who("-u", "daemon:tty"), "1\n5\n5\n/");
  t.equal(await who("-u", "4321:1234"), "4321\n1234\n1234\n/");
  t.equal(await who("-u", "4321"), "4321\n0\n0\n/");
  t.match(await root.tsns(["run", "--rm", "-u", "nosuch", image, "true"]), { code: /12[56]/, stderr: /^tsns: .*nosuch.*\n$/ });
  t.match(await root.tsns(["run", "--rm", "-u", "root:nosuch", image, "true"]), { code: /12[56]/, stderr: /^tsns: .*nosuch.*\n$/ });
});

scenario("-w: made when it is missing, must be absolute", async (t, root) => {
  t.equal(await inside(root, "pwd", ["-w", "/srv"]), "/srv");
  t.equal(await inside(root, "pwd; stat -c %U:%a .", ["-w", "/not/there/yet"]), "/not/there/yet\nroot:755");
  t.match(await inside(root, "pwd; touch x 2>&1 || true", ["-w", "/not/there/yet", "--read-only"]), /^\/not\/there\/yet\n.*Read-only/);
  t.match(await root.tsns(["run", "--rm", "-w", "srv", image, "true"]), { code: 125, stderr: /'srv'.*absolute/ });
  t.match(await root.tsns(["run", "--rm", "-w", "/etc/passwd", image, "true"]), { code: /12[567]/, stderr: /^tsns: .*\/etc\/passwd.*\n$/ });
});

scenario("--entrypoint goes before the command and drops the image's; an image without a command needs one", async (t, root) => {
  const run = (...argv: string[]) => root.tsns(["run", "--rm", "--network", "none", ...argv]);
  t.match(await run("--entrypoint", "/srv/tool", image, "a", "b c"), { code: 0, stdout: "tool:/srv/tool:a b c\n" });
  t.match(await run("--entrypoint", "/srv/tool", image), { code: 0, stdout: "tool:/srv/tool:\n" });
  t.match(await run("--entrypoint", "", image, "echo", "plain"), { code: 0, stdout: "plain\n" });
  for (const argv of [[image], ["--entrypoint", "", image]])
    t.match(await run(...argv), { code: 125, stdout: "", stderr: /^tsns: no command specified.*\n$/ });
  t.match(await run(image, ""), { code: 127, stderr: /^tsns: exec: "".*\n$/ });
  t.match(await run(image, "echo", "", "-n", "--rm"), { stdout: " -n --rm\n" }, "what follows the image is the container's");
  t.match(await run("-w", "/srv", image, "./tool", "here"), { stdout: "tool:./tool:here\n" });
});

scenario("an image's own settings: command, entrypoint, environment, user, directory, label", async (t, root) => {
  const changes = [
    'CMD ["default"]',
    'ENTRYPOINT ["/srv/tool", "first"]',
    "ENV GREETING=hello",
    "USER daemon",
    "WORKDIR /srv",
    "LABEL maker=me",
    "STOPSIGNAL SIGQUIT",
  ];
  const { makeBusyboxTar } = await import("../fixture/busybox.ts");
  const tool = [
    { path: "srv", type: "directory" as const },
    { path: "srv/tool", type: "file" as const, mode: 0o755, data: '#!/bin/sh\necho "$* $GREETING $(id -u) $(pwd)"\n' },
  ];
  await root.ok(["import", ...changes.flatMap((change) => ["-c", change]), "-", "set"], { input: makeBusyboxTar(tool) });
  const run = (...argv: string[]) => root.ok(["run", "--rm", "--network", "none", ...argv]);
  t.equal(await run("set"), "first default hello 1 /srv");
  t.equal(await run("set", "other"), "first other hello 1 /srv");
  t.equal(await run("-u", "0", "-w", "/", "-e", "GREETING=bye", "set"), "first default bye 0 /");
  t.equal(await run("--entrypoint", "/bin/echo", "set"), "", "--entrypoint drops the image's command too");
  const id = await root.ok(["create", "-l", "maker=you", "-l", "empty", "set"]);
  t.equal(
    await root.ok(["inspect", "-f", "{{json .Config.Labels}} {{.Config.StopSignal}} {{.Config.User}}", id]),
    '{"empty":"","maker":"you"} SIGQUIT daemon',
  );
  await root.ok(["rm", id]);
});

scenario("--hostname, /etc/hosts, resolv.conf", async (t, root) => {
  const said = await inside(root, "hostname; cat /etc/hostname; grep -c 127.0.0.1 /etc/hosts; test -s /etc/resolv.conf && echo names", [
    "--hostname",
    "db",
  ]);
  t.equal(said, "db\ndb\n1\nnames");
  const bridged = await root.ok([
    "run",
    "--rm",
    "--hostname",
    "db",
    image,
    "sh",
    "-c",
    "grep db /etc/hosts | cut -f 1; ip -4 -o addr show eth0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'",
  ]);
  const [named, address] = bridged.split("\n");
  t.equal(named, address, "its own name leads to its own address");
  t.match(await root.tsns(["run", "--rm", "--hostname", "-bad-", image, "true"]), { code: 125, stderr: /-bad-/ });
});

scenario("a volume, a tmpfs or a directory over /etc does not hide the generated files", async (t, root) => {
  const names = "ls /etc/hostname /etc/hosts /etc/resolv.conf | wc -l; cat /etc/hostname";
  for (const mount of [
    ["-v", "etc-volume:/etc"],
    ["-v", `${t.testdir({})}:/etc`],
    ["--tmpfs", "/etc"],
  ])
    t.equal(await inside(root, names, [...mount, "-h", "abc"]), "3\nabc", mount.join(" "));
  t.equal(await inside(root, "ls /etc", ["-v", `${t.testdir({ own: "" })}:/etc:ro`]), "own", "one that is read-only keeps its files");
});

scenario("--network container: has the other one's name as well", async (t, root) => {
  await root.ok(["run", "-d", "--name", "name-giver", "-h", "given", "--network", "none", image, "sleep", "1000"]);
  t.equal(await inside(root, "hostname; cat /etc/hostname", ["--network", "container:name-giver"]), "given\ngiven");
  await root.ok(["rm", "-f", "name-giver"]);
});

scenario("--network host and --uts host keep the host's name", async (t, root) => {
  const { hostname } = await import("node:os");
  t.equal(await inside(root, "hostname", ["--network", "host"]), hostname());
});

scenario("--pull: never and missing use what is here", async (t, root) => {
  t.equal(await inside(root, "echo here", ["--pull", "never"]), "here");
  t.equal(await inside(root, "echo here", ["--pull=missing"]), "here");
  t.match(await root.tsns(["run", "--rm", "--pull=never", "nosuch", "true"]), { code: 125, stderr: /^tsns: .*nosuch.*\n$/ });
  t.match(await root.tsns(["run", "--rm", "--pull", "sometimes", image, "true"]), { code: 125, stderr: /sometimes/ });
});

scenario("short options together, --option=value, -- and booleans with a value", async (t, root) => {
  t.match(await root.tsns(["run", "-i", "--rm=true", "--network=none", "-eX=1", image, "sh", "-c", "echo $X; cat"], { input: "in" }), {
    code: 0,
    stdout: "1\nin",
  });
  t.match(await root.tsns(["run", "--rm", "--network", "none", "--", image, "echo", "x"]), { code: 0, stdout: "x\n" });
  const id = await root.ok(["run", "-di", "--network", "none", image, "cat"]);
  t.equal(await root.ok(["inspect", "-f", "{{.Config.OpenStdin}}", id]), "true");
  await root.ok(["rm", "-f", id]);
});

scenario("--dry-run shows the plan and makes nothing", async (t, root) => {
  const said = await root.ok(["run", "--dry-run", "-d", "--name", "never", "--memory", "64m", "-p", "8099:80", image, "sleep", "1"]);
  t.match(said, /67108864|64/);
  t.ok(said.split("\n").length > 10);
  t.equal(await root.ok(["ps", "-aq"]), "");
  const explained = await root.tsns(["run", "--rm", "--network", "none", "--explain", image, "echo", "ran"]);
  t.match(explained, { code: 0, stdout: /ran\n/ });
  t.match(explained.stdout + explained.stderr, /overlay/);
  t.match(await root.tsns(["run", "--rm", "--network", "none", "--timings", image, "true"]), {
    code: 0,
    stderr: /\d us +sandbox started\n/,
  });
});
