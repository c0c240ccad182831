// SIGKILL of the command itself, at many system calls of what it does: what was recorded stays, nothing runs that `ps -a`
// does not show, and the next command brings everything in order.
import "../fixture/fresh-namespaces.ts";
import { writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { removeDefaultNetwork } from "../fixture/default-network.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { type Fault, faultsOf, idsOf, leftOf, portsOfBridges, processesOf, rowsOf, traced } from "./fault-lab.ts";

/** Where a change of the host, of a file or of the store begins, or another process does. */
const changing = ["mkdir", "pwrite64", "clone", "wait4", "unlink", "rmdir", "kill", "connect", "sendmsg", "fchown", "ftruncate"];
const writing = [...changing, "write"];

interface Listed {
  readonly ID: string;
  readonly Names: string;
  readonly State: string;
}

async function list(root: DataRoot): Promise<Listed[]> {
  const text = await root.ok(["ps", "-a", "--no-trunc", "--format", "{{json .}}"]);
  return text === "" ? [] : text.split("\n").map((line) => JSON.parse(line) as Listed);
}

/** A root with an image and two containers that nobody touches: `kept` has ended with 7, `runs` goes on. */
async function makeScene(t: Test) {
  const root = makeRoot(t);
  const archive = `${root.path}/image.tar`;
  writeFileSync(archive, makeBusyboxTar());
  await root.ok(["import", archive, "box"]);
  await root.tsns(["run", "--name", "kept", "box", "sh", "-c", "echo treasure > /file; exit 7"]);
  const runs = await root.ok(["run", "-d", "--name", "runs", "-p", "127.0.0.1::80", "box", "sleep", "100000"]);
  const pid = await root.ok(["inspect", "-f", "{{.State.Pid}}", "runs"]);
  const others = rowsOf(root, "container").map((row) => String(row.id));
  /** What must be so after every fault. */
  async function check(t: Test, at: Fault) {
    const said = `after a kill at ${at.call} ${at.at}`;
    const listed = await list(root);
    const shown = new Set(listed.map((entry) => entry.ID));
    t.match(
      listed.filter((entry) => others.includes(entry.ID)).map((entry) => `${entry.Names} ${entry.State}`),
      ["runs running", "kept exited"],
      `${said} the other containers are as they were`,
    );
    // a helper that the command had started may be about to give up
    const hidden = () => idsOf(root).filter((id) => !shown.has(id) && processesOf(`${root.path}/containers/${id}`).length > 0);
    await waitFor(
      () => `${said}: nothing runs that is not listed, but ${hidden()}`,
      () => hidden().length === 0,
    );
    return listed.filter((entry) => !others.includes(entry.ID));
  }
  async function settle(t: Test, at: Fault, ids: ReadonlySet<string>) {
    for (const { ID } of await check(t, at)) await root.ok(["rm", "-f", ID]);
    const left = () => leftOf(root, ids, others);
    await waitFor(
      () => `nothing left after ${at.call} ${at.at}, but ${left().join("\n")}`,
      () => left().length === 0 && portsOfBridges(root).length === 1,
    );
  }
  async function end(t: Test) {
    t.equal(await root.ok(["inspect", "-f", "{{.State.Pid}}", "runs"]), pid, "the container beside is the same");
    t.equal(await root.ok(["inspect", "-f", "{{.State.ExitCode}}", "kept"]), "7", "a recorded end is kept");
    await root.ok(["start", "kept"]);
    t.equal(await root.ok(["wait", "kept"]), "7");
  }
  return { root, runs, others, check, settle, end };
}

t.test("run, killed", needRoot, async (t) => {
  const { root, settle, end } = await makeScene(t);
  const args = ["run", "-d", "--name", "victim", "-p", "0:80", "--memory", "64m", "box", "sleep", "100000"];
  const whole = await traced(root, args, writing);
  t.equal(whole.code, 0, "it works when traced");
  await root.ok(["rm", "-f", "victim"]);
  let killed = 0;
  for (const fault of faultsOf(whole.calls, 26)) {
    const outcome = await traced(root, args, [fault.call], fault);
    if (outcome.killed) killed++;
    await settle(t, fault, new Set(idsOf(root)));
  }
  t.ok(killed >= 13, `${killed} of the faults were met`);
  await end(t);
});

t.test("run that makes the network, killed", needRoot, async (t) => {
  const root = makeRoot(t);
  writeFileSync(`${root.path}/image.tar`, makeBusyboxTar());
  await root.ok(["import", `${root.path}/image.tar`, "box"]);
  const args = ["run", "-d", "--name", "victim", "box", "sleep", "100000"];
  const whole = await traced(root, args, writing);
  for (const fault of faultsOf(whole.calls, 8)) {
    await root.ok(["rm", "-f", "victim"]);
    await removeDefaultNetwork(root).catch(() => {});
    await traced(root, args, [fault.call], fault);
    await root.ok(["rm", "-f", "victim"]);
    const answer = await root.ok([
      "run",
      "--name",
      "victim",
      "box",
      "sh",
      "-c",
      "ip route | head -1; ping -c1 -W10 $(ip route | awk '/default/{print $3}')",
    ]);
    t.match(answer, /^default via .*1 packets received/s, `the next run has a network after a kill at ${fault.call} ${fault.at}`);
  }
  await root.ok(["rm", "-f", "victim"]);
  await removeDefaultNetwork(root);
});

t.test("stop, killed", needRoot, async (t) => {
  const { root, check, settle, end } = await makeScene(t);
  const run = ["run", "-d", "--name", "victim", "-p", "0:80", "box", "sh", "-c", "echo a >> /f; trap 'exit 3' TERM; sleep 100000 & wait"];
  const hasFile = () => waitFor("its file", async () => (await root.tsns(["exec", "victim", "cat", "/f"])).stdout.startsWith("a"));
  await root.ok(run);
  await hasFile();
  const whole = await traced(root, ["stop", "victim"], changing);
  t.equal(whole.code, 0);
  const ids = new Set(idsOf(root));
  for (const fault of faultsOf(whole.calls, 14)) {
    const at = `after a kill at ${fault.call} ${fault.at}`;
    await root.ok(["rm", "-f", "victim"]);
    await root.ok(run);
    await hasFile();
    for (const id of idsOf(root)) ids.add(id);
    await traced(root, ["stop", "victim"], [fault.call], fault);
    const [victim] = await check(t, fault);
    t.match(victim?.State ?? "", /^(running|exited)$/, at);
    await root.ok(["stop", "victim"]);
    t.match(
      await root.ok(["inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "victim"]),
      /^exited (3|137|143)$/,
      `${at} the next stop ends it`,
    );
    await root.ok(["start", "victim"]);
    t.equal(
      await root.ok(["exec", "victim", "cat", "/f"]).then((text) => text.startsWith("a")),
      true,
      `${at} it starts again with its files`,
    );
  }
  await settle(t, { call: "all", at: 0 }, ids);
  await end(t);
});

t.test("rm -f, killed", needRoot, async (t) => {
  const { root, settle, end } = await makeScene(t);
  const run = [
    "run",
    "-d",
    "--name",
    "victim",
    "-p",
    "0:80",
    "box",
    "sh",
    "-c",
    "mkdir -p /a/b/c /d/e; touch /a/b/c/f /d/e/f; sleep 100000",
  ];
  await root.ok(run);
  const whole = await traced(root, ["rm", "-f", "victim"], changing);
  t.equal(whole.code, 0);
  for (const fault of faultsOf(whole.calls, 20)) {
    await root.ok(run);
    const ids = new Set(idsOf(root));
    await traced(root, ["rm", "-f", "victim"], [fault.call], fault);
    await settle(t, fault, ids);
  }
  await end(t);
});
