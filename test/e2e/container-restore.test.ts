// Containers whose monitors were killed, and what `system restore` brings back.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isErrno } from "../../src/base/error.ts";
import { image, sharingRoot } from "../fixture/busybox-scenario.ts";
import type { DataRoot } from "../fixture/data-root.ts";
import { inOneWait, killMonitor, look, untilAsleep } from "../fixture/keep.ts";

const scenario = sharingRoot();
const run = ["run", "-d", "--network", "none"];

scenario("a killed monitor: the next command notices, the policy holds, also in the wait between two runs", async (t, root) => {
  const ids = new Map<string, string>();
  for (const [name, policy] of [
    ["one", "always"],
    ["two", "on-failure:1"],
    ["three", "no"],
  ] as const)
    ids.set(name, await root.ok([...run, "--name", name, "--restart", policy, image, "sleep", "1000"]));
  for (const id of ids.values()) await killMonitor(root, id);
  t.match(await root.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"]), "three exited\ntwo running\none running");
  await killMonitor(root, ids.get("two") ?? "");
  t.match(
    await root.ok(["ps", "-a", "--format", "{{.Names}} {{.State}}"]),
    "three exited\ntwo exited\none running",
    "it was its last time",
  );
  const asleep = await root.ok([...run, "--name", "four", "--restart", "always", image, "false"]);
  const state = "{{.State.Status}} {{.State.Restarting}} {{.State.Pid}}";
  t.equal(await inOneWait(root, "four", asleep, () => look(root, "four", state)), "restarting true 0");
  const count = Number(await look(root, "four", "{{.RestartCount}}"));
  await killAsleep(root, "four", asleep);
  await root.ok(["ps"]);
  t.ok(Number(await look(root, "four", "{{.RestartCount}}")) >= count, "it goes on where it was");
  await root.ok(["rm", "-f", "one", "two", "three", "four"]);
});

/** Kills the monitor of one that waits for its next run. Where the wait was over before, the next command brings about another one. */
async function killAsleep(root: DataRoot, name: string, id: string): Promise<void> {
  for (;;) {
    const nextMs = await untilAsleep(root, name, id);
    await killMonitor(root, id).catch((error: unknown) => {
      if (!isErrno(error, "ENOENT", "ESRCH")) throw error;
    });
    if (Date.now() < nextMs) return;
    await root.ok(["ps"]);
  }
}

scenario("system restore: what is to run runs again, what somebody stopped only with always", async (t, root) => {
  for (const policy of ["always", "unless-stopped", "no"])
    for (const end of ["stopped", "killed"]) {
      const name = `${policy}-${end}`;
      const id = await root.ok([...run, "--name", name, "--restart", policy, image, "sleep", "1000"]);
      if (end === "stopped") await root.ok(["stop", "-t", "0", name]);
      else await killMonitor(root, id);
    }
  await root.ok(["create", "--name", "never", "--restart", "always", image, "sleep", "1000"]);
  const planned = await root.ok(["system", "restore", "--dry-run"]);
  t.equal(planned.match(/sandbox\.start/g)?.length, 3);
  t.same((await root.ok(["system", "restore"])).split("\n"), ["always-stopped", "always-killed", "unless-stopped-killed"]);
  t.equal(await root.ok(["system", "restore"]), "", "all run");
  t.equal(await root.ok(["ps", "-a", "--filter", "status=created", "--format", "{{.Names}}"]), "never", "what nobody ever started waits");
  const all = (await root.ok(["ps", "-aq"])).split("\n");
  await root.ok(["rm", "-f", ...all]);
});

scenario("a start that fails at a restart is kept as the container's error", async (t, root) => {
  const source = mkdtempSync(join(tmpdir(), "tsns-source-"));
  const mount = `type=bind,source=${source},target=/x`;
  await root.ok([
    ...run,
    "--name",
    "poor",
    "--restart",
    "always",
    "--mount",
    mount,
    image,
    "sh",
    "-c",
    "while [ -e /run/on ]; do :; done; sleep 1000",
  ]);
  rmSync(source, { recursive: true });
  await killMonitor(root, await look(root, "poor", "{{.Id}}"));
  t.match(await root.tsns(["ps"]), { code: 0, stderr: /container poor was not started again: .*bind source path does not exist/ });
  t.equal(await look(root, "poor", "{{.State.Status}} {{.State.ExitCode}}"), "exited 128");
  t.match(await look(root, "poor", "{{.State.Error}}"), /bind source path does not exist/);
  t.match(await root.tsns(["system", "restore"]), { code: 1, stderr: /container poor was not started: .*bind source path does not exist/ });
  mkdirSync(source);
  t.equal(await root.ok(["system", "restore"]), "poor");
  await root.ok(["rm", "-f", "poor"]);
  rmSync(source, { recursive: true });
});
