// A filter that asks: its listener is sent to whoever answers, with a text, and the answers count.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { compileSeccomp } from "../../src/container/seccomp/compile.ts";
import { always } from "../../src/container/seccomp/profile.ts";
import type { Operation } from "../../src/plan/operation.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { create, createPlan, gatePath, start } from "./creator.ts";
import { type Box, makeBox } from "./sandbox.ts";

const asRoot = { ...needRoot, buffered: true };
const EXDEV = 18;

/** A filter that asks about these calls and lets all others go. */
function filterOn(...names: readonly string[]): string {
  const rules = [{ names, action: "SCMP_ACT_NOTIFY", args: [], includes: always, excludes: always }] as const;
  const host = process.arch === "arm64" ? "arm64" : "amd64";
  return compileSeccomp(
    { defaultAction: "SCMP_ACT_ALLOW", architectures: [], rules, flags: 0 },
    { host, kernel: [6, 0], capabilities: [] },
  );
}

interface Listener {
  readonly path: string;
  readonly text: () => string;
  readonly ended: Promise<unknown>;
}

/** Whoever answers: everything may be done but making what is called "refused". */
async function listen(t: Test, box: Box): Promise<Listener> {
  const [program, path] = [join(box.dir, "listener"), join(box.dir, "asked")];
  const source = fileURLToPath(new URL("../fixture/seccomp-listener.c", import.meta.url));
  const { stderr } = spawnSync("cc", ["-O1", "-Wall", "-Wextra", "-Werror", "-o", program, source], { encoding: "utf8" });
  t.equal(stderr, "");
  // a file, for that this process does not read while it waits for a creator
  const said = openSync(`${path}.said`, "w");
  const child = spawn(program, [path, `${EXDEV}`], { stdio: ["ignore", said, "inherit"] });
  closeSync(said);
  const text = () => readFileSync(`${path}.said`, "utf8");
  t.teardown(() => void child.kill("SIGKILL"));
  await waitFor("the listener", () => text() !== "");
  return { path, text: () => text().replace("listening\n", ""), ended: once(child, "close") };
}

const script = "mkdir /tmp/refused; mkdir /tmp/made; ls /tmp; echo end";
const made = "mkdir: can't create directory '/tmp/refused': Invalid cross-device link\nmade\nend\n";

/** `where`: `last` is after the gate, with no_new_privs, `after` before `become`. */
async function runFiltered(t: Test, where: "last" | "after", filter: string): Promise<void> {
  const box = makeBox(t);
  const { path, text, ended } = await listen(t, box);
  const notify: Operation = ["seccomp-notify", filter, "0", "112", '{"pid":', ',"state":{"pid":', `},"more":"${"x".repeat(300_000)}"}`];
  const operations: Operation[] = where === "last" ? [["no-new-privs"], notify] : [notify, ["user", "0", ""], ["become"]];
  const plan = createPlan(box, ["sh", "-c", script], { monitor: [["connect", "112", path]], [where]: operations });
  const { report, pid, output } = create(t, box, plan);
  t.match(report, /^created /);
  t.equal(await start(t, gatePath(box)), "exec\n");
  await ended;
  const [said = "", asked] = text().split("\n");
  t.match(JSON.parse(said), { pid, state: { pid }, more: /^x{300000}$/ }, "the process as the host knows it");
  t.equal(asked, "asked often");
  t.equal(output(), made);
}

t.test("who listens decides", { ...asRoot }, (t) => runFiltered(t, "last", filterOn("mkdir", "mkdirat")));
t.test("a filter before the user", { ...asRoot }, (t) => runFiltered(t, "after", filterOn("mkdir", "mkdirat")));
// the calls by which the descriptor is sent, and those after it, have to wait for the answer of who has not got it yet
t.test("a filter that asks about everything on the way", { ...asRoot }, (t) =>
  runFiltered(t, "last", filterOn("mkdir", "mkdirat", "sendmsg", "sendto", "futex", "wait4", "close", "munmap", "execve", "write")),
);

t.test("nobody listens, or no longer; a filter that is none", { ...asRoot }, async (t) => {
  const box = makeBox(t);
  const failure = (monitor: Operation[], notify: Operation[]) => {
    const { code, report } = create(t, box, createPlan(box, ["true"], { gate: false, monitor, after: notify }));
    t.equal(code, 125);
    return report.replace(/^error \d+ /, "");
  };
  t.equal(failure([["connect", "112", join(box.dir, "none")]], []), `connect connect ENOENT ${join(box.dir, "none")}\n`);
  const filter = filterOn("mkdir");
  t.equal(failure([], [["seccomp-notify", filter, "0", "112", "{}"]]), "seccomp-notify sendmsg EBADF the listener\n");
  t.equal(
    failure([["open", "112", "/dev/null"]], [["seccomp-notify", filter, "0", "112", "{}"]]),
    "seccomp-notify sendmsg ENOTSOCK the listener\n",
  );
  const { path } = await listen(t, box);
  const monitor: Operation[] = [["connect", "112", path]];
  t.match(failure(monitor, [["seccomp-notify", "0600", "0", "112", "{}"]]), /^seccomp-notify parse EINVAL not whole instructions/);
  t.equal(failure([], [["seccomp-notify", "00".repeat(8), "0", "112", "{}"]]), "seccomp-notify seccomp EINVAL filter\n");
  t.equal(failure([], [["seccomp-notify", filter, "64000", "112", "{}"]]), "seccomp-notify seccomp EINVAL filter\n");
});
