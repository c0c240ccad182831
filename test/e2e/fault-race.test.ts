// Two commands on the same container at once: one wins, the other says so in one line, and nothing is left half done.
import "../fixture/fresh-namespaces.ts";
import { writeFileSync } from "node:fs";
import t, { type Test } from "tap";
import { makeBusyboxTar } from "../fixture/busybox.ts";
import { type DataRoot, makeRoot, type Outcome } from "../fixture/data-root.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { idsOf, nothingLeft, rowsOf } from "./fault-lab.ts";

async function makeBox(t: Test): Promise<DataRoot> {
  const root = makeRoot(t);
  writeFileSync(`${root.path}/image.tar`, makeBusyboxTar());
  await root.ok(["import", `${root.path}/image.tar`, "box"]);
  return root;
}

/** What the loser may say: another is at work, or what the winner has made true. One line, exit code 1 or 125. */
function checkLosers(t: Test, outcomes: readonly Outcome[], why: RegExp) {
  for (const { code, stderr } of outcomes.filter((outcome) => outcome.code !== 0)) {
    t.match(code, /^(1|125)$/);
    t.match(stderr, /^tsns: [^\n]+\n$/, "one line");
    t.match(stderr, why);
  }
}

const busy = /another tsns \(pid \d+\) is at "[\w ]+" of it/;

t.test("rm -f, several at once", needRoot, async (t) => {
  const root = await makeBox(t);
  for (let round = 0; round < 5; round++) {
    await root.ok(["run", "-d", "--name", "one", "-p", "0:80", "box", "sleep", "100000"]);
    const ids = idsOf(root);
    const outcomes = await Promise.all([1, 2, 3].map(() => root.tsns(["rm", "-f", "one"])));
    t.ok(
      outcomes.some(({ code, stdout }) => code === 0 && stdout === "one\n"),
      "one wins",
    );
    checkLosers(t, outcomes, busy);
    await nothingLeft(t, root, ids);
  }
});

t.test("stop and rm -f", needRoot, async (t) => {
  const root = await makeBox(t);
  for (let round = 0; round < 4; round++) {
    await root.ok(["run", "-d", "--name", "one", "-p", "0:80", "box", "sleep", "100000"]);
    const ids = idsOf(root);
    const outcomes = await Promise.all([root.tsns(["stop", "-t", "1", "one"]), root.tsns(["rm", "-f", "one"])]);
    t.ok(
      outcomes.some(({ code }) => code === 0),
      "one wins",
    );
    checkLosers(t, outcomes, new RegExp(`${busy.source}|No such container: one`));
    const state = await root.tsns(["inspect", "-f", "{{.State.Status}}", "one"]);
    t.ok(state.code !== 0 || state.stdout === "exited\n", "it has ended or is gone");
    await root.ok(["rm", "-f", "one"]);
    await nothingLeft(t, root, ids);
  }
});

t.test("start, several at once", needRoot, async (t) => {
  const root = await makeBox(t);
  await root.ok(["create", "--name", "one", "-p", "0:80", "box", "sleep", "100000"]);
  const ids = idsOf(root);
  for (let round = 0; round < 4; round++) {
    const outcomes = await Promise.all([1, 2, 3].map(() => root.tsns(["start", "one"])));
    t.ok(
      outcomes.some(({ code }) => code === 0),
      "one wins",
    );
    checkLosers(t, outcomes, new RegExp(`${busy.source}|container one is already running`));
    t.equal(await root.ok(["inspect", "-f", "{{.State.Status}}", "one"]), "running");
    t.equal(rowsOf(root, "address_lease").length, 1, "it has one address");
    await root.ok(["kill", "one"]);
  }
  await root.ok(["rm", "one"]);
  await nothingLeft(t, root, ids);
});

t.test("run with the same name, several at once", needRoot, async (t) => {
  const root = await makeBox(t);
  const outcomes = await Promise.all([1, 2, 3].map(() => root.tsns(["run", "-d", "--name", "one", "box", "sleep", "100000"])));
  t.equal(outcomes.filter(({ code }) => code === 0).length, 1, "one wins");
  checkLosers(t, outcomes, /the container name "\/one" is already in use by container "[0-9a-f]{64}"/);
  const [id = ""] = idsOf(root);
  t.equal(idsOf(root).length, 1);
  await root.ok(["rm", "-f", "one"]);
  await nothingLeft(t, root, [id]);
});

t.test("run with the same port, several at once", needRoot, async (t) => {
  const root = await makeBox(t);
  const outcomes = await Promise.all([1, 2, 3].map(() => root.tsns(["run", "-d", "-p", "8080:80", "box", "sleep", "100000"])));
  t.equal(outcomes.filter(({ code }) => code === 0).length, 1, "one wins");
  checkLosers(t, outcomes, /host port 0\.0\.0\.0:8080\/tcp is already in use by container \w+/);
  t.equal(rowsOf(root, "port_lease").length, 2, "of IPv4 and IPv6");
  t.equal(rowsOf(root, "container").length, 1, "losers leave no container");
});

t.test("a command right after the end does not meet the clean-up", needRoot, async (t) => {
  const root = await makeBox(t);
  for (let round = 0; round < 6; round++) {
    await root.ok(["run", "-d", "--name", "one", "-p", "0:80", "box", "true"]);
    const ids = idsOf(root);
    await root.ok(["wait", "one"]);
    if (round % 2 === 0) await root.ok(["start", "one"]);
    if (round % 2 === 0) await root.ok(["wait", "one"]);
    await root.ok(["rm", "one"]);
    await nothingLeft(t, root, ids);
  }
});

t.test("rm of what an attached run stands in front of", needRoot, async (t) => {
  const root = await makeBox(t);
  const run = root.tsns(["run", "--name", "one", "box", "sleep", "100000"]);
  await waitFor("it to run", async () => (await root.ok(["ps", "-q"])) !== "");
  const ids = idsOf(root);
  await root.ok(["rm", "-f", "one"]);
  t.match(await run, { code: 137, stderr: "" }, "the run ends as its container did");
  await nothingLeft(t, root, ids);
});

t.test("starts and removals of many, all at once", needRoot, async (t) => {
  const root = await makeBox(t);
  const names = Array.from({ length: 8 }, (_, index) => `box${index}`);
  await Promise.all(names.map((name) => root.ok(["run", "-d", "--name", name, "-p", "0:80", "box", "sleep", "100000"])));
  const ids = idsOf(root);
  const ports = rowsOf(root, "port_lease").map((row) => row.host_port);
  t.equal(new Set(ports).size, 8, "each has a port of its own");
  t.equal(new Set(rowsOf(root, "address_lease").map((row) => row.address)).size, 8, "each has an address of its own");
  await Promise.all([root.ok(["ps", "-a"]), ...names.map((name) => root.ok(["rm", "-f", name])), root.ok(["ps"])]);
  await nothingLeft(t, root, ids);
});
