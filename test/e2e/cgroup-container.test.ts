// The group of a running container by the container's name: shown, changed, frozen.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import t from "tap";
import { image, pidOf, sharingRoot } from "../fixture/busybox-scenario.ts";
import { command } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

const scenario = sharingRoot();

interface Shown {
  readonly path: string;
  readonly owner: { readonly engine: string; readonly name: string } | null;
  readonly frozen: boolean;
  readonly limits: { readonly memoryBytes: number; readonly pidsLimit: number };
  readonly processes: readonly { readonly pid: number; readonly owner: { readonly name: string } | null }[];
}

scenario("a container's group", async (t, root) => {
  const id = await root.ok(["run", "-d", "--name", "web", "--network", "none", "--memory", "64m", image, "sleep", "1000"]);
  const pid = await pidOf(root, "web");
  const show = async (reference: string) => JSON.parse(await root.ok(["cgroup", "show", "--json", reference])) as Shown;
  const shown = await show("web");
  t.equal(shown.path, `/tsns-${id}`);
  t.match(shown, { owner: { engine: "tsns", name: "web" }, frozen: false, limits: { memoryBytes: 64 * 1024 ** 2 } });
  t.ok(shown.processes.some((one) => one.pid === pid && one.owner?.name === "web"));
  t.equal((await show(id.slice(0, 12))).path, shown.path, "by the beginning of the id");
  await root.ok(["cgroup", "set", "web", "--memory", "48m", "--pids-limit", "50"]);
  t.match((await show("web")).limits, { memoryBytes: 48 * 1024 ** 2, pidsLimit: 50 });
  await root.ok(["cgroup", "freeze", "web"]);
  t.equal((await show("web")).frozen, true);
  await root.ok(["cgroup", "thaw", "web"]);
  // On v2 it wakes once, and sleeps again when it has had a processor.
  await waitFor("it to sleep as before", () => /^State:\s+S/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));
  t.match(await root.ok(["cgroup", "tree"]), new RegExp(`tsns-${id} +1 +web`));
  t.match(await root.tsns(["cgroup", "rm", "web"]), { code: 1, stderr: /has processes/ });
  await root.ok(["cgroup", "kill", "web"]);
  await root.ok(["wait", "web"]);
  t.match(await root.tsns(["cgroup", "show", "web"]), { code: 1, stderr: /no running container web/ });
  await root.ok(["rm", "web"]);
});

t.test("an ordinary user looks, and is told in one line what takes root", needRoot, async (t) => {
  const as = (...words: string[]) => {
    const argv = ["--reuid", "65534", "--regid", "65534", "--clear-groups", command, ...words];
    return spawnSync("setpriv", argv, { encoding: "utf8", env: { PATH: process.env.PATH, TSNS_ROOT: "/nonexistent" } });
  };
  t.match(as("cgroup", "tree"), { status: 0, stderr: "", stdout: /^CGROUP/ });
  t.match(as("cgroup", "create", "/tsns-nobody"), {
    status: 1,
    stdout: "",
    stderr: /^tsns: cannot make cgroup .*tsns-nobody: EACCES \(run as root.*\)\n$/,
  });
  t.match(as("check", "namespace-net"), {
    status: 1,
    stderr: "",
    stdout: /needs root to find out\n\nOnly root can find out: namespace-net\n$/,
  });
});
