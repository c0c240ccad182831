// What is shown of containers: ps, inspect, top, stats, port, diff.
import type { Test } from "tap";
import { image, pidOf, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

async function withThree(root: DataRoot, t: Test): Promise<Record<"running" | "ended" | "made", string>> {
  const running = await root.ok(["run", "-d", "--name", "running", "-l", "tier=web", "-l", "shared", image, "sleep", "1000"]);
  await root.tsns(["run", "--name", "ended", "-l", "tier=db", "-l", "shared", "--network", "none", image, "sh", "-c", "exit 3"]);
  const made = await root.ok(["create", "--name", "made", image, "echo", "a long command that is cut in the list"]);
  t.teardown(() => root.ok(["rm", "-f", "running", "ended", "made"]));
  return { running, ended: await root.ok(["inspect", "-f", "{{.Id}}", "ended"]), made };
}

scenario("ps: columns, what runs, all, newest first, ids, formats, filters", async (t, root) => {
  const ids = await withThree(root, t);
  const names = async (...options: string[]) => (await root.ok(["ps", "--format", "{{.Names}}", ...options])).split("\n");
  const table = (await root.ok(["ps", "-a"])).split("\n");
  t.equal(table[0]?.replace(/ {3,}/g, "|"), "CONTAINER ID|IMAGE|COMMAND|CREATED|STATUS|PORTS|NAMES");
  t.match(table[1], new RegExp(`^${ids.made.slice(0, 12)} +busybox +"echo 'a long comma…" +.* ago +Created +made$`));
  t.match(table[2], /"sh -c 'exit 3'"|"sh -c exit 3"/);
  t.match(table[2], /Exited \(3\) .* ago +ended$/);
  t.match(table[3], / Up .* +running$/);
  t.same(await names(), ["running"]);
  t.same(await names("-a"), ["made", "ended", "running"]);
  t.same(await names("-n", "2"), ["made", "ended"]);
  t.same(await names("-l"), ["made"]);
  t.equal(await root.ok(["ps", "-q"]), ids.running.slice(0, 12));
  t.same((await root.ok(["ps", "-aq", "--no-trunc"])).split("\n"), [ids.made, ids.ended, ids.running]);
  t.match(await root.ok(["ps", "-a", "--no-trunc"]), /that is cut in the list'"/);
  t.same(await names("-f", "status=exited"), ["ended"]);
  t.same(await names("-a", "-f", "label=shared"), ["ended", "running"]);
  t.same(await names("-a", "-f", "label=tier=db"), ["ended"]);
  t.same(await names("-a", "-f", "name=^/ma"), ["made"]);
  t.same(await names("-a", "-f", "name=running", "-f", "name=made"), ["made", "running"]);
  t.same(await names("-a", "-f", "name=running", "-f", "status=exited"), [""]);
  t.same(await names("-a", "-f", `id=${ids.made.slice(0, 6)}`), ["made"]);
  t.same(await names("-a", "-f", "ancestor=busybox", "-f", "exited=3"), ["ended"]);
  t.match(await root.tsns(["ps", "-f", "colour=red"]), { code: 1, stderr: /^tsns: .*colour=red.*\n$/ });
});

scenario("ps: templates and JSON", async (t, root) => {
  const ids = await withThree(root, t);
  t.equal(
    await root.ok(["ps", "--format", '{{.ID}} {{.Label "tier"}} {{.State}} {{upper .Image}}']),
    `${ids.running.slice(0, 12)} web running BUSYBOX`,
  );
  t.match(await root.ok(["ps", "-a", "--format", "table {{.Names}}\t{{.Status}}"]), /^NAMES +STATUS\nmade +Created\n/);
  const lines = (await root.ok(["ps", "-a", "--format", "json"])).split("\n").map((line) => JSON.parse(line) as Record<string, string>);
  t.match(lines[2], { ID: ids.running.slice(0, 12), Names: "running", Image: "busybox", State: "running", Labels: /tier=web/ });
  const array = JSON.parse(await root.ok(["ps", "-a", "--json"])) as { Id: string; Name: string }[];
  t.same(
    array.map(({ Id, Name }) => [Id, Name]),
    [
      [ids.made, "/made"],
      [ids.ended, "/ended"],
      [ids.running, "/running"],
    ],
  );
  t.match(await root.tsns(["ps", "--format", "{{.Nmes}}"]), { code: 1, stderr: /^tsns: .*Nmes.*\n$/ });
});

scenario("inspect: docker's document", async (t, root) => {
  const ids = await withThree(root, t);
  const [running, ended] = JSON.parse(await root.ok(["inspect", "running", ids.ended.slice(0, 8)])) as Record<string, unknown>[];
  t.match(running, {
    Id: ids.running,
    Name: "/running",
    Path: "sleep",
    Args: ["1000"],
    Image: /^sha256:[0-9a-f]{64}$/,
    Created: /^\d{4}-.*Z$/,
    State: { Status: "running", Running: true, OOMKilled: false, Pid: Number, ExitCode: 0, StartedAt: /^\d{4}-.*Z$/ },
    Config: { Hostname: ids.running.slice(0, 12), Cmd: ["sleep", "1000"], Image: "busybox", Tty: false, Labels: { tier: "web" } },
    HostConfig: { NetworkMode: "bridge", AutoRemove: false, Privileged: false, Memory: 0, LogConfig: { Type: "json-file" } },
    NetworkSettings: { IPAddress: /^\d+\.\d+\.\d+\.\d+$/, Networks: { bridge: { IPAddress: /^\d/, MacAddress: /^([0-9a-f]{2}:){5}/ } } },
    GraphDriver: { Name: "overlay2" },
    Mounts: [],
  });
  t.match(ended, { Name: "/ended", State: { Status: "exited", Running: false, ExitCode: 3, Pid: 0, FinishedAt: /^20/ } });
  t.equal(await root.ok(["inspect", "-f", "{{.State.Pid}}", "running"]), `${Object(running?.State).Pid}`);
  t.equal(
    await root.ok(["inspect", "-f", '{{range .Args}}<{{.}}>{{end}} {{len .Mounts}} {{index .Config.Labels "tier"}}', "running"]),
    "<1000> 0 web",
  );
  t.equal(await root.ok(["inspect", "-f", "{{json .Config.Cmd}}", "ended"]), '["sh","-c","exit 3"]');
  t.match(await root.ok(["inspect", image]), /"RepoTags"/, "images too");
  t.match(await root.tsns(["inspect", "--type", "foo", image]), { code: 1, stdout: "", stderr: /"foo" is not a valid value for --type/ });
  t.match(await root.tsns(["inspect", "--type", "container", image]), { code: 1, stderr: /No such container: busybox/ });
  t.match(await root.tsns(["inspect", "running", "nosuch"]), {
    code: 1,
    stdout: /"\/running"/,
    stderr: /^tsns: No such object: nosuch.*\n$/,
  });
});

scenario("top and stats", async (t, root) => {
  await root.ok(["run", "-d", "--name", "busy", "--memory", "64m", image, "sh", "-c", "sleep 1000 & sleep 2000"]);
  const pid = await pidOf(root, "busy");
  const table = await waitFor("all its processes", async () => {
    const lines = (await root.ok(["top", "busy"])).split("\n");
    return lines.some((line) => line.endsWith(" sleep 1000")) && lines;
  });
  t.match(table[0], /^UID +PID +PPID +C +STIME +TTY +TIME +CMD$/);
  t.match(
    table.find((line) => line.includes("sh -c sleep") || line.endsWith("sleep 2000")),
    new RegExp(`^root +${pid} `),
  );
  const stats = await root.ok(["stats", "--no-stream", "busy"]);
  t.match(stats, /^CONTAINER ID +NAME +CPU % +MEM USAGE \/ LIMIT +MEM % +NET I\/O +BLOCK I\/O +PIDS\n/);
  t.match(stats, / busy +\d+\.\d\d% +[\d.]+[KM]iB \/ 64MiB +\d+\.\d\d% +[\d.]+k?B \/ [\d.]+k?B +\S+ \/ \S+ +[23]$/);
  t.match(JSON.parse(await root.ok(["stats", "--no-stream", "--format", "json", "busy"])), { Name: "busy", PIDs: /^[23]$/ });
  await root.ok(["rm", "-f", "busy"]);
  t.match(await root.tsns(["top", "busy"]), { code: 1, stderr: /No such container: busy/ });
  t.match(await root.tsns(["stats", "--no-stream", "busy"]), { code: 1, stderr: /No such container: busy/ });
});

scenario("port", async (t, root) => {
  await root.ok(["run", "-d", "--name", "open", "-p", "127.0.0.1::80", "-p", "53/udp", image, "sleep", "1000"]);
  const all = await root.ok(["port", "open"]);
  const web = all.match(/^80\/tcp -> 127\.0\.0\.1:(\d+)$/m)?.[1];
  t.ok(Number(web) >= 1024, all);
  t.match(all, /^53\/udp -> 0\.0\.0\.0:\d+$/m);
  t.equal(await root.ok(["port", "open", "80"]), `127.0.0.1:${web}`);
  t.equal(await root.ok(["port", "open", "80/tcp"]), `127.0.0.1:${web}`);
  t.match(await root.tsns(["port", "open", "81"]), { code: 1, stderr: /^tsns: .*81.*open.*\n$/ });
  t.match(await root.ok(["ps", "--format", "{{.Ports}}"]), new RegExp(`127\\.0\\.0\\.1:${web}->80/tcp`));
  t.equal(await root.ok(["inspect", "-f", '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}', "open"]), `${web}`);
  t.equal(await root.ok(["port", "open", ""]), all);
  t.match(await root.tsns(["port", "open", "80/tcp/x"]), { code: 1, stderr: "No public port '80/tcp/x' published for open" });
  await root.ok(["stop", "-t", "0", "open"]);
  t.match(await root.tsns(["port", "open"]), { code: 0, stdout: "", stderr: "" }, "as docker: one that does not run publishes nothing");
  t.match(await root.tsns(["port", "open", "80"]), { code: 1, stderr: "No public port '80' published for open" });
  for (const wrong of ["abc", "70000", "/tcp", "-1x"]) {
    t.match(await root.tsns(["port", "open", "--", wrong]), { code: 1, stderr: /^tsns: invalid port \(/ }, wrong);
  }
  t.match(await root.tsns(["port", "nobody"]), { code: 1, stderr: "No such container: nobody" });
  await root.ok(["rm", "-f", "open"]);
});

scenario("diff: added, changed, deleted; while it runs and after", async (t, root) => {
  const script = "touch /tmp/new; mkdir /home/dir; echo x >> /etc/passwd; rm /etc/group; echo done; sleep 1000";
  await root.ok(["run", "-d", "--name", "differs", "--network", "none", image, "sh", "-c", script]);
  await untilLogged(root, "differs", /done/);
  const expected = ["C /etc", "C /etc/passwd", "D /etc/group", "C /home", "A /home/dir", "C /tmp", "A /tmp/new"].sort();
  const diff = async () => (await root.ok(["diff", "differs"])).split("\n").sort();
  t.same(await diff(), expected);
  await root.ok(["stop", "-t", "0", "differs"]);
  t.same(await diff(), expected, "stopped");
  await root.ok(["rm", "differs"]);
  await root.ok(["create", "--name", "fresh", image, "true"]);
  t.equal(await root.ok(["diff", "fresh"]), "", "never started");
  await root.ok(["start", "-a", "fresh"]);
  t.equal(await root.ok(["diff", "fresh"]), "", "what tsns itself puts there is not the container's change");
  await root.ok(["rm", "fresh"]);
});

scenario("control characters of a container reach no terminal", async (t, root) => {
  const evil = "a\x1b]0;t\x07\r\x7fb\u009b31m\u202ec";
  const script = 'touch "/$V"; mkdir "/d$V"; printf "%s" "$V" > /proc/self/comm; echo "raw $V"; while :; do sleep 1000; done # ';
  await root.ok(
    ["run", "-d", "--name", "evil", "--network", "none", "--label", `k=${evil}`, "--label", `${evil}=v`].concat([
      ...["-e", `V=${evil}`, image, "sh", "-c", `${script}${evil}`],
    ]),
  );
  await untilLogged(root, "evil", /raw/);
  t.equal((await root.tsns(["logs", "evil"])).stdout, `raw ${evil}\n`, "what it printed is as it was printed");
  const looks = [
    ...["ps", "ps --no-trunc", "ps --format {{.Labels}}", "ps --format {{.Command}}", "ps --format {{json.}}", "ps --format json"],
    ...["ps --json", "inspect evil", "inspect --format {{.Config.Labels}} evil", "inspect --format {{.Config.Env}} evil"],
    ...["inspect --format {{.Args}} evil", "diff evil", "diff --json evil", "top evil", "top evil --json", "stats --no-stream evil"],
    ...["ns ls", "ns ls --json", "ns tree"],
  ];
  for (const look of looks) {
    const { code, stdout } = await root.tsns(look.split(" ").map((word) => (word === "{{json.}}" ? "{{json .}}" : word)));
    t.equal(code, 0, look);
    t.ok(stdout.length > 10, `${look}: something is shown`);
    t.notMatch(stdout, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/, look);
  }
  for (const command of [
    ["inspect", evil],
    ["rm", evil],
    ["run", "--rm", "--network", "none", image, evil],
    ["ps", "--filter", evil],
  ])
    t.notMatch((await root.tsns(command)).stderr, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/, `${command[0]}: errors`);
  await root.ok(["rm", "-f", "evil"]);
});
