// Bad input: one line that names the object and the remedy, the right exit code, nothing left behind.
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot, Outcome } from "../fixture/data-root.ts";

const scenario = sharingRoot();

/** What is wrong in one line: `tsns: PROBLEM (REMEDY)`. */
function isOneLine({ stdout, stderr }: Outcome): boolean {
  return stdout === "" && /^tsns: [^\n]+\n$/.test(stderr);
}

async function nothingLeft(root: DataRoot): Promise<boolean> {
  return (await root.ok(["ps", "-aq"])) === "" && readdirSync(`${root.path}/containers`).length === 0;
}

/** Arguments after `run --rm`, the exit code, what the line says. */
const badRuns: readonly (readonly [readonly string[], number, RegExp])[] = [
  [["--pull", "never", "nosuch", "true"], 125, /No such image: nosuch:latest \(.*tsns (import|image)/],
  [["--pull", "never", "nosuch:tag", "true"], 125, /No such image: nosuch:tag/],
  [["--pull", "never", "UPPER/case", "true"], 125, /UPPER\/case/],
  [[image, "nosuch"], 127, /exec: "nosuch": executable file not found in \$PATH \(/],
  [[image, "/no/such"], 127, /"\/no\/such".*no such file/],
  [[image, "/etc/passwd"], 126, /exec: "\/etc\/passwd": permission denied \(.*chmod/],
  [["--memory", "12x", image, "true"], 125, /invalid --memory "12x" \(.*512m/],
  [["--memory", "1k", image, "true"], 125, /memory.*(minimum|at least|6)/i],
  [["--memory", "64m", "--memory-swap", "32m", image, "true"], 125, /swap/],
  [["--cpus", "none", image, "true"], 125, /none/],
  [["--cpus", "4000", image, "true"], 125, /4000/],
  [["--cpus", "1", "--cpu-quota", "5000", image, "true"], 125, /--cpus.*--cpu-quota/],
  [["--cpu-shares", "1", image, "true"], 125, /shares 1: must be between 2 and 262144/],
  [["--cpuset-cpus", "x", image, "true"], 125, /x/],
  [["--pids-limit", "many", image, "true"], 125, /many/],
  [["--cap-add", "FLY", image, "true"], 125, /capability "FLY" \(/],
  [["-p", "70000:80", image, "true"], 125, /70000/],
  [["-p", "80:http", image, "true"], 125, /http/],
  [["-p", "1.2.3:80:80", image, "true"], 125, /1\.2\.3/],
  [["-v", "rel%ative:/x", image, "true"], 125, /rel%ative/],
  [["-v", "/tmp:relative", image, "true"], 125, /relative/],
  [["-v", "/tmp:/x:rx", image, "true"], 125, /"rx" \(/],
  [["-v", "/tmp:/", image, "true"], 125, /destination can't be '\/'/],
  [["--network", "none", "--tmpfs", "/etc/passwd", image, "true"], 125, /mount onto \/etc\/passwd: not a directory \(.*directory/],
  [["--network", "none", "--tmpfs", "/etc/passwd/in", image, "true"], 125, /\/etc\/passwd.*not a directory \(.*directory/],
  [["--tmpfs", "/x:sze=1", image, "true"], 125, /"sze=1" \(/],
  [["--network", "container:nosuch", image, "true"], 125, /No such container: nosuch/],
  [["--network", "nosuchnet", image, "true"], 125, /nosuchnet/],
  [["--pid", "container:nosuch", image, "true"], 125, /nosuch/],
  [["--ipc", "strange", image, "true"], 125, /strange/],
  [["--uts", "strange", image, "true"], 125, /strange/],
  [["--userns", "strange", image, "true"], 125, /strange/],
  [["--stop-signal", "SIGNOPE", image, "true"], 125, /SIGNOPE/],
  [["--security-opt", "magic", image, "true"], 125, /magic/],
  [["--name", "no/slash", image, "true"], 125, /no\/slash/],
  [["--network", "none", "-w", "/etc/passwd", image, "true"], 125, /working directory \/etc\/passwd: not a directory \(/],
  [["--workdir", "here", image, "true"], 125, /'here'.*absolute/],
  [["--nmae", "x", image, "true"], 125, /unknown flag: --nmae, did you mean --name\?/],
  [["-y", image, "true"], 125, /-y/],
  [["--memory"], 125, /--memory/],
  [["-it", image, "sh"], 125, /the input device is not a TTY \(/],
  [[image], 125, /no command specified.*\(/],
  [["--name", "a\nb", image, "true"], 125, /\(a\\nb\)/],
  [["--network", "a\nb", image, "true"], 125, /"a\\nb"/],
  [
    ["--network", "none", "--network", "host", image, "true"],
    125,
    /cannot attach both user-defined and non-user-defined network-modes \(give several networks/,
  ],
  [["--network", "none", "-u", "0:nogroup2", image, "true"], 125, /unable to find group nogroup2: .*group file \(/],
  [["--network", "none", "-u", "no\nuser", image, "true"], 125, /unable to find user no\\nuser: .*passwd file \(/],
  [["--cidfile", "/proc/nosuch/cid", image, "true"], 125, /\/proc\/nosuch\/cid: no such file or directory \(.*--cidfile/],
  [["-p", "192.0.2.7:8099:80", image, "true"], 125, /cannot publish 80\/tcp on 192\.0\.2\.7: no address of this host \(/],
  [["-p", "192.0.2.7::80", image, "true"], 125, /on 192\.0\.2\.7/],
  [["--userns", "private", "--network", "host", image, "true"], 125, /--userns private and --network host \(/],
  [["--userns", "private", "--pid", "host", image, "true"], 125, /and --pid host \(/],
  [["--userns", "private", "--ipc", "host", image, "true"], 125, /and --ipc host \(/],
  [["-e", "=x", image, "true"], 125, /variable: "=x" \(write NAME=VALUE/],
];

for (const [args, code, pattern] of badRuns) {
  scenario(`run ${args.join(" ").replaceAll("\n", "\\n")}`, async (t, root) => {
    const outcome = await root.tsns(["run", "--rm", ...args]);
    t.equal(outcome.code, code, outcome.stderr);
    t.ok(isOneLine(outcome), `one line: ${outcome.stderr}`);
    t.match(outcome.stderr, pattern);
  });
}

/** Arguments after `create`, docker's exit code, what the line says. */
const badCreates: readonly (readonly [readonly string[], number, RegExp])[] = [
  [["--pid", "container:nosuch", image, "true"], 1, /No such container: nosuch/],
  [["--ipc", "container:nosuch", image, "true"], 1, /No such container: nosuch/],
  [["--cpuset-cpus", "4000", image, "true"], 1, /4000: this host has/],
  [["--cpuset-mems", "4000", image, "true"], 1, /4000: this host has/],
  [["--workdir", "here", image, "true"], 1, /'here'.*absolute/],
  [["--mount", "type=bind,source=/no/such,target=/x", image, "true"], 1, /source path does not exist: \/no\/such/],
  [["--cidfile", "/no/such/cid", image, "true"], 1, /\/no\/such\/cid/],
  [["--cap-add", "FLY", image, "true"], 1, /"FLY"/],
  [[image], 1, /no command specified/],
  [["--memory", "12x", image, "true"], 125, /"12x"/],
  [["--nmae", "x", image, "true"], 125, /unknown flag: --nmae/],
];

for (const [args, code, pattern] of badCreates) {
  scenario(`create ${args.join(" ")}`, async (t, root) => {
    const outcome = await root.tsns(["create", ...args]);
    t.match(outcome, { code, stderr: pattern });
    t.ok(isOneLine(outcome), outcome.stderr);
  });
}

scenario("nothing is left of them", async (t, root) => {
  t.ok(await nothingLeft(root));
});

scenario("several problems are told at once, a line each", async (t, root) => {
  const outcome = await root.tsns([
    "run",
    "--memory",
    "12x",
    "--cap-add",
    "FLY",
    "-p",
    "99999:1",
    "-v",
    "rel%:/x",
    "--name",
    "a b",
    image,
    "true",
  ]);
  t.equal(outcome.code, 125);
  const lines = outcome.stderr.trimEnd().split("\n");
  t.equal(lines.length, 5, outcome.stderr);
  for (const [at, word] of [/12x/, /FLY/, /99999/, /rel/, /a b/].entries())
    t.ok(
      lines.some((line) => word.test(line) && line.startsWith("tsns: ")),
      `${at}`,
    );
  t.ok(await nothingLeft(root));
});

scenario("without --rm a command that cannot be started leaves a container that says so", async (t, root) => {
  t.equal((await root.tsns(["run", "--name", "failed", "--network", "none", image, "nosuch"])).code, 127);
  t.match(await root.ok(["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}", "failed"]), /^created 127 .*nosuch/);
  await root.ok(["rm", "failed"]);
  for (const option of [
    ["-u", "nosuch"],
    ["-w", "/etc/passwd"],
  ]) {
    await root.ok(["create", "--name", "failed", "--network", "none", ...option, image, "true"]);
    const said = { code: 1, stdout: "", stderr: /^tsns: [^\n]+ \([^\n]+\)\n$/ };
    t.match(await root.tsns(["start", "failed"]), said, "docker's exit code of start");
    t.match(await root.tsns(["start", "-a", "failed"]), said, "attached as well");
    t.match(
      await root.ok(["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.State.StartedAt}} {{.State.Error}}", "failed"]),
      /^created 128 0001-01-01T00:00:00Z .*(nosuch|\/etc\/passwd)/,
    );
    await root.ok(["rm", "failed"]);
  }
  t.ok(await nothingLeft(root));
});

scenario("a port that is taken: by a process, by a container", async (t, root) => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.teardown(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const byProcess = await root.tsns(["run", "--rm", "-p", `127.0.0.1:${port}:80`, image, "true"]);
  t.match(byProcess, { code: 125, stderr: new RegExp(`^tsns: .*${port}.*pid ${process.pid}.*\\n$`) });
  await root.ok(["run", "-d", "--name", "holder", "-p", "127.0.0.1::80", image, "sleep", "1000"]);
  const held = (await root.ok(["port", "holder", "80"])).split(":")[1];
  const byContainer = await root.tsns(["run", "--rm", "-p", `${held}:80`, image, "true"]);
  t.match(byContainer, { code: 125, stderr: new RegExp(`^tsns: .*${held}.*container holder.*\\n$`) });
  await root.ok(["rm", "-f", "holder"]);
  t.ok(await nothingLeft(root));
});

scenario("no such container, for every command that takes one", async (t, root) => {
  const commands = [
    ["start"],
    ["stop"],
    ["kill"],
    ["rm"],
    ["wait"],
    ["logs"],
    ["top"],
    ["port"],
    ["diff"],
    ["attach"],
    ["exec", "nosuch", "true"],
    ["inspect"],
    ["stats", "--no-stream"],
  ];
  for (const [name = "", ...rest] of commands) {
    const outcome = await root.tsns([name, ...(rest[0] === "nosuch" ? rest : [...rest, "nosuch"])]);
    t.equal(outcome.code, 1, name);
    t.match(outcome.stderr, /^tsns: No such (container|object): nosuch \(tsns ps -a .*\)\n$/, name);
  }
});

scenario("an id that is the beginning of several", async (t, root) => {
  const ids: string[] = [];
  // of 17 ids two begin with the same digit
  while (ids.length < 17) ids.push(await root.ok(["create", image, "true"]));
  const digit = ids.map((id) => id[0] ?? "").find((first, at, all) => all.indexOf(first) !== at) ?? "";
  const outcome = await root.tsns(["rm", digit]);
  t.match(outcome, { code: 1, stderr: new RegExp(`^tsns: .*${digit}.*\\(.*\\)\\n$`) });
  t.match(outcome.stderr, /multiple|ambiguous|several|more than one/i);
  await root.ok(["rm", ...ids]);
});

scenario("a filter without a value is a wrong command line", async (t, root) => {
  for (const words of [["ps"], ["network", "ls"], ["volume", "ls"], ["images"], ["events"], ["container", "prune", "-f"]]) {
    const outcome = await root.tsns([...words, "--filter", "label"]);
    t.match(outcome, { code: 125, stderr: /invalid argument "label" for "--filter" flag: bad format of filter/ }, words.join(" "));
    t.ok(isOneLine(outcome), outcome.stderr);
  }
});

scenario("unknown commands and missing arguments", async (t, root) => {
  t.match(await root.tsns(["strat", "x"]), { code: 1, stderr: /^tsns: unknown command: tsns strat, did you mean start\?.*\n$/ });
  t.match(await root.tsns(["run"]), { code: 125, stderr: /^tsns: 'tsns run' takes at least 1 argument.*--help'\)\n$/ });
  t.match(await root.tsns(["rm"]), { code: 1, stderr: /^tsns: 'tsns rm' takes at least 1 argument.*\n$/ });
  t.match(await root.tsns(["logs"]), { code: 1, stderr: /^tsns: 'tsns logs' .*1 argument.*\n$/ });
});
