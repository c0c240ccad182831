// Health checks: what is asked, how the status comes of it, what is kept of the answers, and that a probe leaves nothing behind.
import { readFileSync } from "node:fs";
import type { Test } from "tap";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();
const run = ["run", "-d", "--network", "none"];

interface Health {
  readonly Status: string;
  readonly FailingStreak: number;
  readonly Log: readonly { readonly Start: string; readonly End: string; readonly ExitCode: number; readonly Output: string }[];
}

const healthOf = async (root: DataRoot, name: string): Promise<Health> =>
  JSON.parse(await root.ok(["inspect", "--format", "{{json .State.Health}}", name]));

const untilHealth = (root: DataRoot, name: string, isSo: (health: Health) => boolean): Promise<Health> =>
  waitFor(`the health of ${name}`, async () => {
    const health = await healthOf(root, name);
    return isSo(health) ? health : undefined;
  });

/** Names of the processes of the container's pid namespace and their states, without the one that asks. */
async function processesOf(root: DataRoot, name: string): Promise<string[]> {
  const text = await root.ok([
    "exec",
    name,
    "sh",
    "-c",
    'for p in /proc/[0-9]*; do [ "$p" = "/proc/$$" ] || cat $p/stat 2>/dev/null; done; true',
  ]);
  return text
    .split("\n")
    .flatMap((line) => /\((.*)\) (\S)/.exec(line)?.slice(1, 3).join(" ") ?? [])
    .filter((line) => !/^cat /.test(line));
}

scenario("starting, unhealthy, healthy: in inspect, ps, its filter and the events; five answers are kept", async (t, root) => {
  const probe = "echo out; echo err >&2; test -e /well";
  const options = ["--health-cmd", probe, "--health-interval", "200ms", "--health-retries", "2"];
  await root.ok([...run, "--name", "asked", ...options, image, "sleep", "1000"]);
  t.match(await root.ok(["ps", "--format", "{{.Status}}"]), /^Up .* \((health: starting|unhealthy)\)$/);
  const ill = await untilHealth(root, "asked", ({ Status }) => Status === "unhealthy");
  t.ok(ill.FailingStreak >= 2);
  t.match(ill.Log[0], { ExitCode: 1, Start: /^\d{4}-.*Z$/, End: /^\d{4}-.*Z$/ });
  t.same([...(ill.Log[0]?.Output ?? "")].sort(), [..."out\nerr\n"].sort());
  t.match(await root.ok(["ps", "--filter", "health=unhealthy", "--format", "{{.Names}} {{.Status}}"]), /^asked Up .* \(unhealthy\)$/);
  await root.ok(["exec", "asked", "touch", "/well"]);
  const well = await untilHealth(root, "asked", ({ Status, Log }) => Status === "healthy" && Log.every(({ ExitCode }) => ExitCode === 0));
  t.equal(well.FailingStreak, 0);
  t.equal(well.Log.length, 5);
  t.match(await root.ok(["ps", "--filter", "health=healthy", "--format", "{{.Status}}"]), /\(healthy\)$/);
  t.equal(await root.ok(["ps", "--filter", "health=none", "--format", "{{.Names}}"]), "");
  const config = JSON.parse(await root.ok(["inspect", "--format", "{{json .Config.Healthcheck}}", "asked"]));
  t.same(config, { Test: ["CMD-SHELL", probe], Interval: 200_000_000, Retries: 2 });
  const filter = ["--filter", "container=asked", "--filter", "event=health_status"];
  const events = await root.ok(["events", "--since", "1h", "--until", "0s", ...filter, "--format", "{{.Action}}"]);
  t.equal(events, "health_status: unhealthy\nhealth_status: healthy");
  await root.ok(["stop", "-t", "0", "asked"]);
  t.match(await healthOf(root, "asked"), { Status: "unhealthy" }, "docker's word for what nobody asks any more");
  t.match(await root.ok(["ps", "-a", "--format", "{{.Status}}"]), /^Exited \(137\) .* ago$/);
  await root.ok(["rm", "asked"]);
});

scenario("failures of the start period do not count, and the interval is another then", async (t, root) => {
  const options = ["--health-cmd", "false", "--health-interval", "1h", "--health-retries", "1"];
  const early = ["--health-start-period", "1h", "--health-start-interval", "50ms"];
  await root.ok([...run, "--name", "early", ...options, ...early, image, "sleep", "1000"]);
  const health = await untilHealth(root, "early", ({ Log }) => Log.length === 5);
  t.match(health, { Status: "starting", FailingStreak: 0 });
  await root.ok(["rm", "-f", "early"]);
});

async function noneLeft(t: Test, root: DataRoot, name: string, own: string): Promise<void> {
  await waitFor(`only ${own} in ${name}`, async () => (await processesOf(root, name)).every((line) => line.startsWith(`${own} S`)));
  t.notMatch(await root.ok(["exec", name, "ps"]), /probe-/);
}

scenario("a probe that takes too long ends with all that came from it; its output is kept", async (t, root) => {
  const probe = "echo begun; trap '' TERM; setsid sh -c 'exec -a probe-far sleep 500' & (sleep 600 & wait) & wait";
  const options = ["--health-cmd", probe, "--health-interval", "100ms", "--health-timeout", "300ms", "--health-retries", "1"];
  await root.ok([...run, "--name", "slow", ...options, image, "sleep", "1000"]);
  await untilHealth(root, "slow", ({ Status }) => Status === "unhealthy");
  // Of a probe that the machine let run so far; the rest say nothing.
  const began = (health: Health) => health.Log.find(({ Output }) => Output.includes("begun"));
  const health = await untilHealth(root, "slow", (health) => began(health) !== undefined);
  t.match(began(health), { ExitCode: -1, Output: "Health check exceeded timeout (0.300s): begun\n" });
  await root.ok(["pause", "slow"]);
  await root.ok(["unpause", "slow"]);
  const pid = Number(await root.ok(["inspect", "--format", "{{.State.Pid}}", "slow"]));
  const zombies = () =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .split(" ")
      .filter((child) => child !== "");
  t.same(zombies(), [], "nothing became a child of process 1, which reaps nobody");
  await root.ok(["rm", "-f", "slow"]);
});

scenario("what a probe leaves running is ended, nothing is left to a process 1 that reaps nobody", async (t, root) => {
  const probe = "sleep 500 & setsid sleep 600 & (sleep 0.01 &) ; echo $$; test -e /quiet";
  // Again and again until it is content, and then not for an hour: process 1 is looked at when it is alone for good.
  const options = ["--health-cmd", probe, "--health-interval", "1h", "--health-start-period", "1h", "--health-start-interval", "50ms"];
  await root.ok([...run, "--name", "messy", ...options, image, "sleep", "1000"]);
  await untilHealth(root, "messy", ({ Log }) => Log.length === 5);
  await root.ok(["exec", "messy", "touch", "/quiet"]);
  await untilHealth(root, "messy", ({ Status }) => Status === "healthy");
  await waitFor("process 1 alone", async () => (await processesOf(root, "messy")).join() === "sleep S");
  await noneLeft(t, root, "messy", "sleep");
  await root.ok(["rm", "-f", "messy"]);
});

scenario("long output is cut, bytes that are no text do no harm, a command that is not there is a failure", async (t, root) => {
  const long = "i=0; while [ $i -lt 1000 ]; do printf xxxxxxxxxx; i=$((i+1)); done";
  await root.ok([...run, "--name", "long", "--health-cmd", long, "--health-interval", "50ms", image, "sleep", "1000"]);
  const { Log } = await untilHealth(root, "long", ({ Log }) => Log.length > 0);
  t.equal(Log[0]?.Output, `${"x".repeat(4093)}...`);
  await root.ok([
    ...run,
    "--name",
    "odd",
    "--health-cmd",
    String.raw`printf 'a\033b\\c'; exit 300`,
    "--health-interval",
    "50ms",
    image,
    "sleep",
    "1000",
  ]);
  const odd = await untilHealth(root, "odd", ({ Log }) => Log.length > 0);
  t.match(odd.Log[0], { Output: "a\x1bb\\c" });
  await root.ok(["rm", "-f", "long", "odd"]);
});

scenario("HEALTHCHECK of an image: from --change, overridden in part, switched off", async (t, root) => {
  const change = 'HEALTHCHECK --interval=70ms --retries=4 CMD ["/no/such/program"]';
  await root.ok(["create", "--name", "base", image, "true"]);
  await root.ok(["commit", "--change", change, "base", "checked"]);
  const stored = JSON.parse(await root.ok(["image", "inspect", "--format", "{{json .Config.Healthcheck}}", "checked"]));
  t.same(stored, { Test: ["CMD", "/no/such/program"], Interval: 70_000_000, Retries: 4 });
  await root.ok([...run, "--name", "plain", "--user", "1000", "checked", "sleep", "1000"]);
  const { Log } = await untilHealth(root, "plain", ({ Log }) => Log.length > 0);
  t.match(Log[0], { ExitCode: -1, Output: /^cannot run the probe: .*execve ENOENT \/no\/such\/program/ });
  await root.ok([...run, "--name", "other", "--health-cmd", "id -u", "--user", "1000", "checked", "sleep", "1000"]);
  const other = await untilHealth(root, "other", ({ Log }) => Log.length > 0);
  t.match(other.Log[0], { ExitCode: 0, Output: "1000\n" }, "as the container's user, with the image's interval");
  await root.ok([...run, "--name", "none", "--no-healthcheck", "checked", "sleep", "1000"]);
  t.notMatch(await root.ok(["inspect", "--format", "{{json .State}}", "none"]), /Health/);
  t.notMatch(await root.ok(["ps", "--filter", "name=none", "--format", "{{.Status}}"]), /health/);
  await root.ok(["rm", "-f", "base", "plain", "other", "none"]);
});

scenario("a paused container is not asked; one that is restarted begins anew", async (t, root) => {
  await root.ok([
    ...run,
    "--name",
    "still",
    "--health-cmd",
    "true",
    "--health-interval",
    "50ms",
    "--health-timeout",
    "5s",
    image,
    "sleep",
    "1000",
  ]);
  await untilHealth(root, "still", ({ Status }) => Status === "healthy");
  await root.ok(["pause", "still"]);
  t.match(await root.ok(["ps", "--filter", "name=still", "--format", "{{.Status}}"]), /\(Paused\)$/);
  await root.ok(["unpause", "still"]);
  const before = Date.now();
  await untilHealth(root, "still", ({ Status, Log }) => Status === "healthy" && Log.some(({ Start }) => Date.parse(Start) > before));
  await root.ok(["restart", "-t", "0", "still"]);
  const anew = await untilHealth(root, "still", ({ Log }) => Log.length > 0);
  t.ok(anew.Log.every(({ Start }) => Date.parse(Start) > before));
  await root.ok(["rm", "-f", "still"]);
});

scenario("wrong options, in docker's words", async (t, root) => {
  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [["--no-healthcheck", "--health-cmd", "true"], /--no-healthcheck conflicts with --health-\* options/],
    [["--health-retries", "-1"], /--health-retries cannot be negative/],
    [["--health-interval", "-1s"], /--health-interval cannot be negative/],
    [["--health-cmd", "true", "--health-timeout", "1us"], /Timeout in Healthcheck cannot be less than 1ms/],
    [["--health-interval", "soon"], /invalid argument for --health-interval "soon"/],
  ];
  for (const [options, stderr] of refused) t.match(await root.tsns(["run", ...options, image, "true"]), { code: 125, stderr });
  t.match(await root.tsns(["import", "--change", "HEALTHCHECK maybe", "-", "x"], { input: "" }), { code: 1, stderr: /HEALTHCHECK/ });
});
