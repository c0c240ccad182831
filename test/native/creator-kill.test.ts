// A creator that is killed: what stays is at its gate, or there is nothing. And what lives on without its creator.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { CLONE, type Operation } from "../../src/plan/operation.ts";
import { childrenOf } from "../fixture/children.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";
import { create, createPlan, gatePath, start, startCreator } from "./creator.ts";
import { alive, type Box, ended, gone, killIfAlive, makeBox, sandboxProgram, writePlan } from "./sandbox.ts";

/** How long one creation takes here, milliseconds. */
function duration(t: Test): number {
  const box = makeBox(t);
  const begun = process.hrtime.bigint();
  create(t, box, createPlan(box, ["true"]));
  return Number(process.hrtime.bigint() - begun) / 1e6;
}

/** Init is cloned by a helper in a user namespace that another has made. */
function mappedPlan(box: Box): Operation[] {
  const map = "0 100000 65536\n";
  return [
    ["stdio", "inherit"],
    ["gate", gatePath(box)],
    ["userns", "120", map, map],
    ["clone", `${CLONE.NEWUTS | CLONE.NEWPID}`],
    ["ns-root"],
    ["hostname", "mapped"],
    ["env", "PATH=/bin:/usr/bin"],
    ["await-start"],
    ["exec", "sh", "-c", "id -u; uname -n"],
  ];
}

const hookThat = (script: string): Operation => ["hook", "h", "0", "", "", "own", "3", "/bin/sh", "sh", "-c", script, "PATH=/bin:/usr/bin"];

t.test("killed at any instant", { ...needRoot, buffered: true }, async (t) => {
  const wholeMs = duration(t);
  const rounds = 25;
  const seen = { gone: 0, gate: 0 };
  for (let round = 0; round < rounds; round++) {
    const box = makeBox(t);
    const plan = round % 3 === 2 ? mappedPlan(box) : createPlan(box, ["sh", "-c", "exit"]);
    const { child, report, told, silent } = startCreator(t, box, plan);
    const until = process.hrtime.bigint() + BigInt(Math.round(((wholeMs * 1.2) / rounds) * round * 1e6));
    while (process.hrtime.bigint() < until);
    child.kill("SIGKILL");
    await told;
    const answer = await start(t, gatePath(box));
    if (answer === "exec\n") {
      seen.gate++;
      t.match(report(), /^created \d+ \d+\n$/, "who waits has been told of");
    } else {
      seen.gone++;
      t.match(answer, /^(ENOENT|ECONNREFUSED|ECONNRESET|EPIPE)?$/);
    }
    await silent;
  }
  t.equal(seen.gone + seen.gate, rounds);
});

t.test("killed while a hook runs", { ...needRoot, buffered: true }, async (t) => {
  for (const where of ["creator", "init"]) {
    const box = makeBox(t);
    const hook = hookThat("echo here; exec sleep 1000");
    const plan = createPlan(box, ["true"], where === "init" ? { inside: [hook] } : { monitor: [["meet", ...hook]], inside: [["meet"]] });
    const { child, output, silent, report } = startCreator(t, box, plan);
    await waitFor("the hook", () => output() === "here\n");
    child.kill("SIGKILL");
    await silent;
    t.equal(report(), "");
    t.match(await start(t, gatePath(box)), /^(ECONNREFUSED|ECONNRESET|EPIPE)?$/);
  }
});

t.test("killed before a hook has begun", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const hook = hookThat("exec sleep 1000");
  const plan = writePlan(box.dir, createPlan(box, ["true"], { monitor: [["meet", ...hook]], inside: [["meet"]] }));
  const creator = spawn("sh", ["-c", 'read go; exec "$@"', "sh", sandboxProgram, "create", plan], { stdio: ["pipe", "ignore", "ignore"] });
  const pid = creator.pid ?? 0;
  // Each new process stands still in its first call of prctl(2).
  const argv = ["-f", "-o", "/dev/null", "-e", "trace=prctl", "-e", "inject=prctl:delay_enter=500000", "-p", `${pid}`];
  const tracer = spawn("strace", argv, { stdio: ["ignore", "ignore", "pipe"] });
  t.teardown(() => {
    creator.kill("SIGKILL");
    tracer.kill("SIGKILL");
  });
  let said = "";
  tracer.stderr.on("data", (chunk: Buffer) => (said += chunk));
  await waitFor("strace", () => said.includes("attached"));
  creator.stdin.end("go\n");
  const begins = await waitFor("the hook's process", () => childrenOf(pid)[1]);
  const start = alive(begins) ?? 0;
  t.teardown(() => killIfAlive(begins, start));
  creator.kill("SIGKILL");
  t.ok(await gone(begins));
});

t.test("signals before it is made end both", { ...needRoot, buffered: true }, async (t) => {
  for (const args of [[], ["--wait"]]) {
    const box = makeBox(t);
    const hook = hookThat("echo here; exec sleep 1000");
    const { child, output, silent } = startCreator(
      t,
      box,
      createPlan(box, ["true"], { monitor: [["meet", ...hook]], inside: [["meet"]] }),
      args,
    );
    await waitFor("the hook", () => output() === "here\n");
    child.kill("SIGTERM");
    t.equal(await ended(child), "SIGTERM");
    await silent;
  }
  const box = makeBox(t);
  const fifo = join(box.dir, "fifo");
  const { child, output, silent } = startCreator(
    t,
    box,
    createPlan(box, ["true"], {
      inside: [["hook", "h", "0", "", "", "own", "3", "/bin/sh", "sh", "-c", "echo here; exec sleep 1000", "PATH=/bin", fifo]],
    }),
    ["--wait"],
  );
  await waitFor("the hook", () => output() === "here\n");
  child.kill("SIGINT");
  t.equal(await ended(child), "SIGINT");
  await silent;
});

t.test("nothing dies with a creator that has made it", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const { child, report } = startCreator(t, box, createPlan(box, ["sleep", "1000"], { gate: false }), ["--wait"]);
  const pid = await waitFor("the report", () => report().match(/^started (\d+) \d+\n/)?.[1]);
  t.match(readFileSync(`/proc/${pid}/status`, "utf8"), new RegExp(`^PPid:\\s*${child.pid}$`, "m"));
  child.kill("SIGKILL");
  await gone(child.pid ?? 0);
  await waitFor("another parent", () => !new RegExp(`^PPid:\\s*${child.pid}$`, "m").test(readFileSync(`/proc/${pid}/status`, "utf8")));
  t.ok(alive(Number(pid)));
});

t.test("a user namespace made first", { ...needRoot, buffered: true }, async (t) => {
  const box = makeBox(t);
  const { code, pid, output } = create(t, box, mappedPlan(box));
  t.equal(code, 0);
  t.match(readFileSync(`/proc/${pid}/uid_map`, "utf8"), /0 +100000 +65536/);
  t.equal(await start(t, gatePath(box)), "exec\n");
  await gone(pid);
  t.equal(output(), "0\nmapped\n");
});
