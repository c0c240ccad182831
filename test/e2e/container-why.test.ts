// The death certificate of containers, through the command.
import { image, pidOf, sharingRoot, untilLogged } from "../fixture/busybox-scenario.ts";
import { type DataRoot, outcomeOf } from "../fixture/data-root.ts";
import { waitFor } from "../fixture/wait.ts";
import { rowsOf } from "./fault-lab.ts";

const scenario = sharingRoot([{ type: "file", path: "bin/lost", mode: 0o755, data: "#!/bin/nowhere\n" }]);
const run = (root: DataRoot, name: string, ...argv: string[]) => root.tsns(["run", "--name", name, "--network", "none", ...argv]);
const why = async (root: DataRoot, name: string) => JSON.parse(await root.ok(["why", "--json", name]));

scenario("ends by itself, by tsns, by the OOM killer, by others", async (t, root) => {
  await run(root, "own", image, "sh", "-c", "exit 3");
  t.match(await why(root, "own"), { status: "exited", deaths: [{ exitCode: 3, claims: [{ grade: "proved", cause: "own-exit" }] }] });

  await run(root, "deaf", "-d", image, "sleep", "1000");
  await root.ok(["stop", "-t", "1", "deaf"]);
  t.match(await root.ok(["why", "deaf"]), /proved +tsns stop asked it to end with SIGTERM; it still ran .* later and was killed\n/);
  t.match(await why(root, "deaf"), { deaths: [{ evidence: { senders: [{ signal: 15, word: "stop" }, { signal: 9 }] } }] });

  await run(root, "fat", "-m", "20m", image, "sh", "-c", "x=a; while :; do x=$x$x; done");
  t.match(await why(root, "fat"), { deaths: [{ exitCode: 137, claims: [{ grade: "proved", cause: "own-memory-limit", text: /20MiB/ }] }] });

  await run(root, "shot", "-d", image, "sleep", "1000");
  process.kill(await pidOf(root, "shot"), "SIGKILL");
  await root.ok(["wait", "shot"]);
  t.match(await why(root, "shot"), { deaths: [{ claims: [{ grade: "unknown", cause: "killed-by-others" }] }] });
  await root.ok(["rm", "own", "deaf", "fat", "shot"]);
});

scenario("an end that nobody has recorded yet: the command that waits for it is held", async (t, root) => {
  const owner = root.start(["run", "--name", "held", "--network", "none", image, "sh", "-c", "echo up; exec sleep 1000"]);
  const ended = outcomeOf(owner, "run", 20_000);
  await untilLogged(root, "held", /up/);
  const pid = await pidOf(root, "held");
  await waitFor("the command has started it and waits", () => rowsOf(root, "operation").length === 0);
  owner.kill("SIGSTOP");
  process.kill(pid, "SIGKILL");
  t.equal(await root.ok(["wait", "held"]), "137");
  t.match(await why(root, "held"), { status: "exited", deaths: [{ exitCode: 137, claims: [{ cause: "killed-by-others" }] }] });
  owner.kill("SIGCONT");
  t.match(await ended, { code: 137, stdout: "up\n", stderr: "" });
  t.equal((await why(root, "held")).deaths.length, 1, "which is told of once");
  await root.ok(["rm", "held"]);
});

scenario("starts that fail: what the image's files say", async (t, root) => {
  const causes: Record<string, string> = { nosuch: "command-not-found", "/etc": "is-directory", "/etc/passwd": "not-executable" };
  for (const [command, cause] of [...Object.entries(causes), ["lost", "missing-interpreter"] as const]) {
    await run(root, "failed", image, command);
    t.match(await why(root, "failed"), { deaths: [{ claims: [{ grade: "proved", cause }] }] }, command);
    await root.ok(["rm", "failed"]);
  }
});

scenario("one that runs; the ends before; no more than 20 of them; none after rm", async (t, root) => {
  await root.ok([
    "create",
    "--name",
    "often",
    "--network",
    "none",
    image,
    "sh",
    "-c",
    "echo x >> /n; [ $(wc -l < /n) -gt 21 ] && sleep 1000; exit 4",
  ]);
  t.match(await root.ok(["why", "often"]), /^often \([0-9a-f]{12}\): Created\n {2}it has never run$/);
  for (let time = 0; time < 21; time++) t.equal((await root.tsns(["start", "-a", "often"])).code, 4);
  t.equal((await why(root, "often")).deaths.length, 20);
  await root.ok(["start", "often"]);
  t.match(await root.ok(["why", "often"]), /^often .*: Up .*\nearlier ends, newest first:\n( {2}code 4 after .*\(proved\)\n?){20}$/);
  await root.ok(["rm", "-f", "often"]);
  t.match(await root.tsns(["why", "often"]), { code: 1, stderr: /No such container: often/ });
});

scenario("a restart policy: each end is kept", async (t, root) => {
  await run(root, "again", "-d", "--restart", "on-failure:2", image, "sh", "-c", "exit 5");
  const { deaths } = await waitFor("three ends", async () => {
    const answer = await why(root, "again");
    return answer.deaths.length === 3 ? answer : undefined;
  });
  t.match(deaths, [{ exitCode: 5 }, { exitCode: 5 }, { exitCode: 5 }]);
  await root.ok(["rm", "-f", "again"]);
});

scenario("--slow: what held it back", async (t, root) => {
  const script =
    "for i in $(seq 30); do sleep 1000 & done; echo forked; i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done; echo done; sleep 1000";
  await run(root, "slow", "-d", "--cpus", "0.2", "--pids-limit", "34", image, "sh", "-c", script);
  await untilLogged(root, "slow", /done/);
  const said = await root.ok(["why", "--slow", "slow"]);
  t.match(said, /proved +its limit of 0\.2 CPUs held it back in \d+ of \d+ periods/);
  t.match(said, /do: tsns update --cpus [\d.]+ slow would have been enough/);
  t.match(said, /close to its limit of 34 processes/);
  await root.ok(["rm", "-f", "slow"]);
});

scenario("--denied: what refused each call of a command, and what allows it", async (t, root) => {
  await run(root, "held", "-d", "--read-only", "--cap-drop", "CHOWN", image, "sleep", "1000");
  const script =
    "mount -t tmpfs x /mnt; chown 5 /etc/passwd; touch /etc/new; cat /dev/nothing; true & wait; mknod /dev/disk b 8 0; cat /dev/disk";
  const asked = await root.tsns(["why", "--json", "--denied", "held", "--", "sh", "-c", script]);
  t.match(asked, { code: 0, stderr: /Operation not permitted|denied/ });
  const claims: { cause: string; text: string; remedy: string; grade: string }[] = JSON.parse(asked.stdout);
  const about = (word: string) => claims.find(({ text }) => text.startsWith(word));
  t.match(about("mount of /mnt"), { grade: "proved", cause: "seccomp", remedy: "--cap-add SYS_ADMIN" });
  t.match(
    claims.find(({ text }) => /chown.* of \/etc\/passwd/.test(text)),
    { cause: /capability|read-only-mount/ },
  );
  t.match(
    claims.find(({ text }) => text.includes("/etc/new")),
    { grade: "proved", cause: "read-only-mount", remedy: /--read-only/ },
  );
  t.match(
    claims.find(({ text }) => text.includes("/dev/disk")),
    { grade: "proved", cause: "device", remedy: "--device /dev/disk" },
  );
  t.notOk(about("openat of /dev/nothing"), "what is not there is not refused");
  t.match(await root.ok(["why", "--denied", "held", "--", "true"]), /nothing was refused/);
  const user = JSON.parse(await root.ok(["why", "--json", "--denied", "held"]));
  t.match(
    user.map(({ cause }: { cause: string }) => cause),
    ["seccomp", "capability", "capability", "read-only-mount", "system-paths"],
  );
  t.match(await root.tsns(["why", "held", "true"]), { code: 1, stderr: /only taken with --denied/ });
  t.match(await root.tsns(["why", "--slow", "--denied", "held"]), { code: 1, stderr: /--slow and --denied/ });
  await root.ok(["rm", "-f", "held"]);
});
